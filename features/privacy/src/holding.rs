//! What one table holds of people: whose its rows are, which columns a copy shows, for how long they are kept.
use site::Site;

/// Whose a row is.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// The column holds the person's id.
    Person(&'static str),
    /// The column holds the id of the person's account.
    Account(&'static str),
    /// The column holds the id of a row of that table, whose column holds the person's id.
    Through(&'static str, &'static str, &'static str, &'static str),
}

/// How long rows are kept.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    /// While in office and ten years after.
    Career,
    /// For good; corrections are reversals.
    Ledger,
    /// Six months, to see misuse.
    Safety,
    /// As long as the account.
    Account,
    /// The newest five.
    Five,
    /// Three years.
    ThreeYears,
    /// For good, so that certificates stay verifiable.
    Verifiable,
    /// Thirty years, as accounting vouchers.
    Voucher,
    /// Three years at least, as the audit trail.
    Trail,
}

impl Kept {
    /// The key of its text.
    pub fn key(self) -> &'static str {
        match self {
            Self::Career => "privacy-kept-career",
            Self::Ledger => "privacy-kept-ledger",
            Self::Safety => "privacy-kept-safety",
            Self::Account => "privacy-kept-account",
            Self::Five => "privacy-kept-five",
            Self::ThreeYears => "privacy-kept-three_years",
            Self::Verifiable => "privacy-kept-verifiable",
            Self::Voucher => "privacy-kept-voucher",
            Self::Trail => "privacy-kept-trail",
        }
    }
}

/// A table that holds data of people.
#[derive(Debug)]
pub struct Holding {
    /// The table.
    pub table: &'static str,
    /// Whose its rows are.
    pub whose: Whose,
    /// For how long. What it is and why it is kept say the texts `privacy-about-…` and `privacy-purpose-…` of the table.
    pub kept: Kept,
    /// Columns that the copy holds as they are.
    pub open: &'static [&'static str],
    /// Columns that are sealed at rest and opened for the copy: the column, its name in the copy, the place it is sealed for.
    pub sealed: &'static [(&'static str, &'static str, &'static str)],
    /// Columns that are no copy's: checks of secrets, links between rows, hashes of the chain.
    pub inner: &'static [&'static str],
}

impl Holding {
    /// What the table holds, why, and for how long, in the person's words.
    pub fn words(&self, site: &Site) -> [String; 3] {
        let about = site.texts.get(&format!("privacy-about-{}", self.table));
        let purpose = site.texts.get(&format!("privacy-purpose-{}", self.table));
        [about, purpose, site.texts.get(self.kept.key())]
    }
}
