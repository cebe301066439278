//! Confirming a unit's year, and receiving it.
use std::collections::BTreeMap;

use base::{Actor, Error, Instant, Result, Scope, UnitId, Year, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{KEEPERS, READERS, RECEIVERS, store};

/// One person's line: what the year came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// A state of the figures.
    pub state: String,
    /// In hundredths, as the hours below.
    pub total: i64,
    /// Of the public subject.
    pub public: i64,
    /// Of the professional subject.
    pub professional: i64,
    /// 编外: counted apart, not among those obliged.
    pub contract: bool,
}

/// Lines by person.
pub type Lines = BTreeMap<String, Line>;

/// An edition: the confirmation (number 0) or a supplement.
#[derive(Clone, Debug)]
pub(crate) struct Edition {
    pub unit_code: String,
    pub unit_name: String,
    pub year: Year,
    pub no: i64,
    /// Of the lines, so that what was received is what was confirmed.
    pub sha256: String,
    /// Who is obliged.
    pub people: i64,
    pub done: i64,
    pub contract_staff: i64,
    /// Lines that differ from the edition before; all of them in the confirmation.
    pub changed: i64,
    pub confirmed_at: Instant,
    pub received_at: Option<Instant>,
}

/// What is written of an edition.
pub(crate) struct NewEdition<'a> {
    pub unit: UnitId,
    pub year: Year,
    pub no: i64,
    pub text: &'a str,
    pub sha256: &'a str,
    pub lines: &'a Lines,
    pub changed: i64,
}

/// Confirms the year of one of the actor's units; once confirmed, only what has changed since makes a supplement.
pub(crate) async fn confirm(site: &Site, actor: &Actor, code: &str, year: Year) -> Result<Edition> {
    let unit = org::by_code(&site.db, code).await?;
    if !actor.scope(KEEPERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    if day::day_of(site.now()) < year.first_day() {
        return Err(Error::invalid("year", "wrong_value"));
    }
    let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
    // What is confirmed holds every entry of a moment ago, whatever waits among the jobs.
    statistics::renew(site, &unit.path, year).await?;
    let tx = site.db.begin().await?;
    store::hold(&tx, unit.id).await?;
    let lines = store::lines(&tx, &unit, &of).await?;
    let before = store::last(&tx, unit.id, year).await?;
    let (no, changed) = match &before {
        None => (0, lines.len()),
        Some((no, old)) => (no + 1, differences(old, &lines)),
    };
    if changed == 0 {
        return Err(Error::conflict("yearbook_unchanged"));
    }
    let text = serde_json::to_string(&lines).map_err(Error::internal)?;
    let sha256 = secrets::sha256_hex(text.as_bytes());
    let changed = i64::try_from(changed).unwrap_or(i64::MAX);
    let new = NewEdition { unit: unit.id, year, no, text: &text, sha256: &sha256, lines: &lines, changed };
    store::insert(&tx, &new, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "yearbook.confirm",
        object: code,
        unit_path: &unit.path,
        details: json!({"year": year, "no": no, "sha256": sha256, "changed": changed}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    one(site, code, year, no).await
}

/// How many people's lines differ.
fn differences(old: &Lines, new: &Lines) -> usize {
    let changed = new.iter().filter(|(person, line)| old.get(*person) != Some(*line)).count();
    changed + old.keys().filter(|person| !new.contains_key(*person)).count()
}

async fn one(site: &Site, code: &str, year: Year, no: i64) -> Result<Edition> {
    store::one(&site.db, code, year, no).await?.ok_or_else(Error::not_found)
}

/// Receives an edition of a unit below the actor, but never of the place where the actor stands.
pub(crate) async fn receive(
    site: &Site,
    actor: &Actor,
    code: &str,
    (year, no): (Year, i64),
) -> Result<Edition> {
    let unit = org::by_code(&site.db, code).await?;
    if !actor.scope(RECEIVERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    let edition = one(site, code, year, no).await?;
    let tx = site.db.begin().await?;
    if !store::set_received(&tx, (unit.id, year, no), (actor.person, site.now())).await? {
        return Ok(edition);
    }
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "yearbook.receive",
        object: code,
        unit_path: &unit.path,
        details: json!({"year": year, "no": no, "sha256": edition.sha256}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    one(site, code, year, no).await
}

/// The editions of a year that the actor sees, by unit and number.
pub(crate) async fn editions(site: &Site, actor: &Actor, year: Year) -> Result<Vec<Edition>> {
    let scope: Scope = actor.scope(READERS);
    store::editions(&site.db, &scope, year).await
}

/// An edition with its lines, for its paper form.
pub struct Sealed {
    /// The unit's name.
    pub unit_name: String,
    /// The unit's path.
    pub unit_path: String,
    /// Of the lines.
    pub sha256: String,
    /// Who is obliged.
    pub people: i64,
    /// Of them, who is done.
    pub done: i64,
    /// When it was confirmed.
    pub confirmed_at: Instant,
    /// When it was received.
    pub received_at: Option<Instant>,
    /// Person by person.
    pub lines: Lines,
}

/// An edition with its lines, for who sees editions of the unit.
pub async fn edition_for(site: &Site, actor: &Actor, (code, year, no): (&str, Year, i64)) -> Result<Sealed> {
    let unit = org::by_code(&site.db, code).await?;
    if !actor.scope(READERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    let e = one(site, code, year, no).await?;
    Ok(Sealed {
        lines: store::lines_of(&site.db, unit.id, (year, no)).await?,
        unit_name: e.unit_name,
        unit_path: unit.path,
        sha256: e.sha256,
        people: e.people,
        done: e.done,
        confirmed_at: e.confirmed_at,
        received_at: e.received_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(state: &str, total: i64) -> Line {
        Line { state: state.to_owned(), total, public: 0, professional: total, contract: false }
    }

    #[test]
    fn who_came_left_or_changed_differs() {
        let lines =
            |list: &[(&str, Line)]| list.iter().map(|(p, l)| ((*p).to_owned(), l.clone())).collect::<Lines>();
        let old = lines(&[("a", line("done", 9000)), ("b", line("not_begun", 0)), ("c", line("done", 9000))]);
        assert_eq!(differences(&old, &old), 0);
        let new =
            lines(&[("a", line("done", 9000)), ("b", line("under_way", 100)), ("d", line("done", 9000))]);
        assert_eq!(differences(&old, &new), 3);
    }
}
