//! What a certificate says (domain §9), in the one form that is signed, printed and verified.
use base::{Hours, Year};
use hours::Standing;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::Number;

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
    pub public: Hours,
    pub professional: Hours,
    pub total: Hours,
    pub required_public: Hours,
    pub required_professional: Hours,
    pub required_total: Hours,
    pub issued_on: String,
    pub authority: String,
}

impl Content {
    /// The content of a satisfied year; `None` while the profile lacks something that is printed.
    pub(crate) fn of(site: &Site, standing: &Standing, no: &Number) -> Option<Self> {
        use base::person::Code;
        let (person, earned) = (&standing.person, &standing.assessment.earned);
        let required = &standing.policy.required;
        Some(Self {
            no: no.to_string(),
            year: standing.assessment.year,
            name: person.name.clone(),
            gender: person.gender?.code(),
            id_masked: person.id_number_masked.clone()?,
            unit: person.unit_name.clone(),
            category: person.category?.code(),
            level: person.level?.code(),
            public: earned.public,
            professional: earned.professional,
            total: earned.total,
            required_public: required.public,
            required_professional: required.professional,
            required_total: required.total,
            issued_on: base::day::day_of(site.now()).to_string(),
            authority: standing.policy.authority.clone(),
        })
    }

    /// `王*`: the first character, as public answers show a name.
    pub(crate) fn masked_name(&self) -> String {
        let first: String = self.name.chars().take(1).collect();
        format!("{first}{}", "*".repeat(self.name.chars().count().saturating_sub(1).clamp(1, 3)))
    }
}
