//! What is asked for: a year, a past day, a place; and who may ask.
use base::{Actor, Day, Error, PersonId, Result, Scope, Year, day};
use hours::{Moment, moment};
use serde::Deserialize;
use site::Site;

use crate::READERS;

/// The query of pages, calls and exports.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    pub unit: Option<String>,
    pub year: Option<String>,
    /// The past day; yesterday when left out.
    pub on: Option<String>,
    pub after: Option<String>,
}

impl Asked {
    /// The year: as asked, else that of the day asked for, else the one that desks work on.
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        match self.year.as_deref().filter(|y| !y.is_empty()) {
            Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value")),
            None if self.on.as_deref().is_none_or(str::is_empty) => Ok(site.desk_year()),
            None => {
                Year::new(i64::from(self.on(site)?.year())).ok_or_else(|| Error::invalid("on", "wrong_value"))
            }
        }
    }

    /// As [`Self::year`], of a person: where nothing is asked for, the year that the person's pages open on.
    pub(crate) async fn year_of(&self, site: &Site, person: PersonId) -> Result<Year> {
        if [&self.year, &self.on].iter().any(|said| said.as_deref().is_some_and(|text| !text.is_empty())) {
            return self.year(site);
        }
        hours::opening_year(site, person, None).await
    }

    /// The day whose closing state is asked for; it must be over.
    pub(crate) fn on(&self, site: &Site) -> Result<Day> {
        let today = day::day_of(site.now());
        let Some(text) = self.on.as_deref().filter(|d| !d.is_empty()) else {
            return today.yesterday().map_err(Error::internal);
        };
        let on = rules::record::parse_day(text.trim()).ok_or_else(|| Error::invalid("on", "training_day"))?;
        if on < today { Ok(on) } else { Err(Error::invalid("on", "day_not_past")) }
    }

    /// The moment of the day.
    pub(crate) async fn moment(&self, site: &Site) -> Result<Moment> {
        moment::closing(site, self.on(site)?).await
    }

    pub(crate) fn after(&self) -> &str {
        self.after.as_deref().unwrap_or("")
    }

    /// Where the actor may look: the unit with all below it, or everything held.
    pub(crate) async fn scope(&self, site: &Site, actor: &Actor) -> Result<Scope> {
        let held = actor.scope(READERS);
        let Some(code) = self.unit.as_deref().filter(|u| !u.is_empty()) else { return Ok(held) };
        let unit = org::by_code(&site.db, code).await?;
        if held.holds(&unit.path) { Ok(Scope { paths: vec![unit.path] }) } else { Err(Error::not_found()) }
    }
}

/// The person, if the actor may look at the person's present.
pub(crate) async fn person(site: &Site, actor: &Actor, id: PersonId) -> Result<PersonId> {
    let person = org::person(&site.db, id).await?;
    let may = person.id == actor.person || actor.scope(READERS).holds(&person.path);
    if may { Ok(person.id) } else { Err(Error::not_found()) }
}
