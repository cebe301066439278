//! 代办: an administrator opens the pages of a request for someone without a phone or on leave.
use base::{PersonId, Result, Year};
use site::{Site, Visitor};

use crate::activity;

/// For whom a page files.
pub(super) struct Filed {
    pub person: PersonId,
    pub name: String,
}

impl Filed {
    /// Reads the query's `person`; none for the visitor's own matters.
    pub async fn read(site: &Site, visitor: &Visitor, person: Option<&str>) -> Result<Option<Self>> {
        let Some(id) = person.filter(|p| !p.is_empty()) else { return Ok(None) };
        let person = activity::for_another(site, &visitor.actor, id.parse()?).await?;
        let is_own = person.id == visitor.actor.person;
        Ok((!is_own).then_some(Self { person: person.id, name: person.name }))
    }

    /// The menu's entry that a page stands under: the people, where it files for one of them.
    pub fn place(filed: Option<&Self>, own: &'static str) -> &'static str {
        if filed.is_some() { "/people" } else { own }
    }

    /// Whose matters they are.
    pub fn whose(filed: Option<&Self>, visitor: &Visitor) -> PersonId {
        filed.map_or(visitor.actor.person, |f| f.person)
    }
}

/// The year of a form: as its address says, else the one on which the pages open of whose matters they are.
pub(super) async fn year_of(
    site: &Site,
    visitor: &Visitor,
    (person, asked): (Option<&str>, Option<&str>),
) -> Result<Year> {
    let filed = Filed::read(site, visitor, person).await?;
    hours::opening_year(site, Filed::whose(filed.as_ref(), visitor), asked).await
}
