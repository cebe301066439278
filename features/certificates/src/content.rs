//! What a certificate says (domain §9), in the one form that is signed, printed and verified.
use base::{Hours, Year, person::Code};
use hours::Standing;
use org::Person;
use rules::assess::Earned;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{Kind, Number};

/// The content. The signature is over its JSON, keys in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub no: String,
    pub year: Year,
    pub name: String,
    pub gender: String,
    pub id_masked: String,
    pub unit: String,
    pub category: String,
    pub level: String,
    /// Whether category and level are as the person entered them and the unit has not confirmed them yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_post_claimed: bool,
    pub public: Hours,
    pub professional: Hours,
    pub total: Hours,
    pub required_public: Hours,
    pub required_professional: Hours,
    pub required_total: Hours,
    pub issued_on: String,
    pub authority: String,
    #[serde(default)]
    pub kind: Kind,
    #[serde(default = "first")]
    pub revision: i64,
    /// The kind of exemption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<String>,
    /// The years of a statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub years: Vec<StatedYear>,
    /// The end of the holder's chain of hours when it was made, `seq:hash`: what it stands on in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
}

/// A year of a statement of hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StatedYear {
    pub year: Year,
    pub public: Hours,
    pub professional: Hours,
    pub total: Hours,
    pub items: Vec<StatedItem>,
}

/// A line of a statement: what was learned and what of it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StatedItem {
    pub on: String,
    pub title: String,
    pub subject: String,
    pub counted: Hours,
}

fn first() -> i64 {
    1
}

impl Content {
    /// The content of a year; `None` while the profile lacks something that is printed.
    pub(crate) fn of(site: &Site, standing: &Standing, no: &Number, kind: Kind) -> Option<Self> {
        let (person, earned) = (&standing.person, &standing.assessment.earned);
        let required = &standing.policy.required;
        let level = match kind {
            Kind::Training | Kind::MakeUp => person.level?,
            Kind::Exemption | Kind::Statement => person.level.unwrap_or(base::Level::Ungraded),
        };
        Some(Self {
            no: no.to_string(),
            year: standing.assessment.year,
            name: person.name.clone(),
            gender: person.gender?.code(),
            id_masked: person.id_number_masked.clone()?,
            unit: person.unit_name.clone(),
            category: person.category?.code(),
            level: level.code(),
            is_post_claimed: person.is_post_claimed && kind != Kind::Exemption,
            public: earned.public,
            professional: earned.professional,
            total: earned.total,
            required_public: required.public,
            required_professional: required.professional,
            required_total: required.total,
            issued_on: base::day::day_of(site.now()).to_string(),
            authority: standing.policy.authority.clone(),
            kind,
            revision: 1,
            exemption: exemption(standing).filter(|_| kind == Kind::Exemption),
            years: vec![],
            ledger: None,
        })
    }

    /// The same under a corrected name or unit's name, or with the post that the unit has confirmed since, as the next
    /// revision; `None` where nothing changed. Another category or level later and a move to another unit are no
    /// corrections: the certificate says what held on the day of issue.
    pub(crate) fn corrected(&self, person: &Person, is_same_unit: bool) -> Option<Self> {
        let mut next = self.clone();
        next.name.clone_from(&person.name);
        if let Some(gender) = person.gender {
            next.gender = gender.code();
        }
        if let Some(masked) = &person.id_number_masked {
            next.id_masked.clone_from(masked);
        }
        if is_same_unit {
            next.unit.clone_from(&person.unit_name);
        }
        if let (true, false, Some(category), Some(level)) =
            (self.is_post_claimed, person.is_post_claimed, person.category, person.level)
        {
            (next.category, next.level) = (category.code(), level.code());
            next.is_post_claimed = false;
        }
        if next == *self {
            return None;
        }
        next.revision += 1;
        Some(next)
    }

    /// Whether the ledger still holds the hours that it states; more of them were learned later.
    pub(crate) fn is_borne_out(&self, earned: &Earned) -> bool {
        earned.public >= self.public && earned.professional >= self.professional && earned.total >= self.total
    }

    /// The next revision, with the hours that the ledger holds now by the rules of now.
    pub(crate) fn restated(&self, standing: &Standing) -> Self {
        let (earned, required) = (&standing.assessment.earned, &standing.policy.required);
        Self {
            public: earned.public,
            professional: earned.professional,
            total: earned.total,
            required_public: required.public,
            required_professional: required.professional,
            required_total: required.total,
            revision: self.revision + 1,
            ..self.clone()
        }
    }

    /// `王*`: the first character, as public answers show a name.
    pub(crate) fn masked_name(&self) -> String {
        let first: String = self.name.chars().take(1).collect();
        format!("{first}{}", "*".repeat(self.name.chars().count().saturating_sub(1).clamp(1, 3)))
    }

    /// Whether a typed name is this one; spaces, dots and widths aside.
    pub(crate) fn is_named(&self, typed: &str) -> bool {
        let plain = |name: &str| -> String {
            let folded = name.chars().map(base::person::half_width);
            folded.filter(|c| !c.is_whitespace() && *c != '·' && *c != '.').collect()
        };
        plain(&self.name) == plain(typed)
    }

    /// Everything that is printed, in one line: what the QR code carries for a check without network.
    pub(crate) fn compact(&self) -> String {
        let hours = |h: &Hours| h.to_string();
        let fields = [
            Number::parse(&self.no).map_or_else(|| self.no.clone(), |n| n.compact().to_owned()),
            self.revision.to_string(),
            self.kind.code(),
            self.year.to_string(),
            self.name.clone(),
            self.gender.clone(),
            self.id_masked.clone(),
            self.unit.clone(),
            self.category.clone(),
            if self.is_post_claimed { format!("{}?", self.level) } else { self.level.clone() },
            hours(&self.public),
            hours(&self.required_public),
            hours(&self.professional),
            hours(&self.required_professional),
            hours(&self.total),
            hours(&self.required_total),
            self.issued_on.clone(),
            self.authority.clone(),
            self.exemption.clone().unwrap_or_default(),
            self.items_digest(),
        ];
        let mut line = fields.map(|f| f.replace('|', "/")).join("|");
        // Certificates from before have no such field, and what was signed then must still verify.
        if let Some(ledger) = &self.ledger {
            line.push('|');
            line.push_str(ledger);
        }
        line
    }

    /// The SHA-256 of [`Content::compact`] as hex: the name under which the ledger's checkpoints vouch for it.
    pub(crate) fn digest(&self) -> String {
        secrets::sha256_hex(self.compact().as_bytes())
    }

    /// A digest of a statement's items, so that none of them can be changed either.
    fn items_digest(&self) -> String {
        if self.years.is_empty() {
            return String::new();
        }
        let all = serde_json::to_string(&self.years).unwrap_or_default();
        secrets::sha256_hex(all.as_bytes()).chars().take(32).collect()
    }
}

fn exemption(standing: &Standing) -> Option<String> {
    let kind = standing.record.pointer("/exemption/kind").and_then(serde_json::Value::as_str);
    kind.map(str::to_owned)
}
