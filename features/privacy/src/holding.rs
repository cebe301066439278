//! What one table holds of people: whose its rows are, which columns a copy shows, for how long they are kept.
use site::Site;

use crate::terms::Term;

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
    /// Six months after the time in the column, to see misuse.
    Safety(&'static str),
    /// As long as the account.
    Account,
    /// The newest five by the time in the column.
    Five(&'static str),
    /// Three years after the time in the column.
    ThreeYears(&'static str),
    /// Three years after the time in the column, but while the notice that was read is in force: it would be unread again.
    Reads(&'static str),
    /// For good, so that certificates stay verifiable.
    Verifiable,
    /// Thirty years, as accounting vouchers.
    Voucher,
    /// Three years at least, as the audit trail.
    Trail,
    /// Evidence by its kind: the text cites the table of retention, so that both pages promise the same.
    Evidence,
    /// What follows from the rest and is counted anew: the newest alone.
    Newest,
    /// Until it is decided.
    Decided,
    /// A week after the time in the column.
    Week(&'static str),
}

impl Kept {
    /// The key of its text.
    pub fn key(self) -> &'static str {
        match self {
            Self::Career => "privacy-kept-career",
            Self::Ledger => "privacy-kept-ledger",
            Self::Safety(_) => "privacy-kept-safety",
            Self::Account => "privacy-kept-account",
            Self::Five(_) => "privacy-kept-five",
            Self::ThreeYears(_) => "privacy-kept-three_years",
            Self::Reads(_) => "privacy-kept-reads",
            Self::Verifiable => "privacy-kept-verifiable",
            Self::Voucher => "privacy-kept-voucher",
            Self::Trail => "privacy-kept-trail",
            Self::Evidence => "privacy-kept-evidence",
            Self::Newest => "privacy-kept-newest",
            Self::Decided => "privacy-kept-decided",
            Self::Week(_) => "privacy-kept-week",
        }
    }

    /// When its rows go, where that is a number.
    pub fn term(self) -> Option<Term> {
        match self {
            Self::Safety(at) => Some(Term::Months(at, 6)),
            Self::Five(at) => Some(Term::Newest(at, 5)),
            Self::ThreeYears(at) | Self::Reads(at) => Some(Term::Years(at, 3)),
            Self::Week(at) => Some(Term::Days(at, 7)),
            Self::Career
            | Self::Ledger
            | Self::Account
            | Self::Verifiable
            | Self::Voucher
            | Self::Trail
            | Self::Evidence
            | Self::Newest
            | Self::Decided => None,
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
        [about, purpose, self.kept_for(site)]
    }

    /// For how long, with the number that the nightly work keeps to.
    fn kept_for(&self, site: &Site) -> String {
        let key = self.kept.key();
        match self.kept.term() {
            Some(term) => site.texts.with(key, &[("n", &term.number().to_string())]),
            None => site.texts.get(key),
        }
    }
}
