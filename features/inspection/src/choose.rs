//! Whom a package is about: a list of people, or a sample that anyone can draw again from its seed.
use base::{Actor, Error, PersonId, Result, Scope, Year};
use site::Site;

use crate::{CLEAR, INSPECTORS, store};

/// At most so many people and years in one package.
pub(crate) const MOST_PEOPLE: usize = 100;
const MOST_YEARS: usize = 5;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// These people; none asks for a sample.
    pub people: Vec<PersonId>,
    /// A sample of so many of a unit's people.
    pub sample: Option<Sample>,
    pub years: Vec<Year>,
    /// Why; recorded.
    pub purpose: String,
    /// Names and evidence in clear.
    pub is_clear: bool,
}

/// A sample by a draw (`rules::draw`).
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub unit: String,
    pub size: usize,
    pub seed: String,
}

/// Checks what is asked for and finds the people, each in the actor's places.
pub(crate) async fn people(site: &Site, actor: &Actor, wanted: &Wanted) -> Result<Vec<org::Person>> {
    let scope = actor.scope(INSPECTORS);
    let purpose = wanted.purpose.trim();
    if purpose.chars().count() < 4 || purpose.chars().count() > 200 {
        return Err(Error::invalid("purpose", "inspection_purpose"));
    }
    if wanted.years.is_empty() || wanted.years.len() > MOST_YEARS {
        return Err(Error::invalid("years", "inspection_years"));
    }
    if wanted.is_clear && !actor.has(CLEAR) {
        return Err(Error::denied());
    }
    let ids = match &wanted.sample {
        None => wanted.people.clone(),
        Some(sample) => drawn(site, &scope, sample).await?,
    };
    if ids.is_empty() || ids.len() > MOST_PEOPLE {
        return Err(Error::invalid("people", "inspection_people"));
    }
    let found = store::people(&site.db, &scope, &ids).await?;
    if found.len() == ids.len() { Ok(found) } else { Err(Error::invalid("people", "inspection_unknown")) }
}

async fn drawn(site: &Site, scope: &Scope, sample: &Sample) -> Result<Vec<PersonId>> {
    let unit = org::by_code(&site.db, &sample.unit).await?;
    if !scope.holds(&unit.path) {
        return Err(Error::not_found());
    }
    let ids = store::ids(&site.db, &Scope { paths: vec![unit.path] }).await?;
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    rules::draw::draw(&sample.seed, &texts, sample.size.min(MOST_PEOPLE))
        .into_iter()
        .map(str::parse)
        .collect()
}
