//! Everyone's year assessed in full: to make the results anew, and to compare them with what is kept.
use std::collections::HashMap;

use base::{PersonId, Result, Scope, Year, day};
use hours::{Grounds, YearChanged, bulk};
use site::Site;

use crate::{
    keep,
    outcome::{Outcome, State},
    recount, store, store_figures,
};

/// A kept result that differs from a full assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub person: PersonId,
    /// What is kept.
    pub kept: Option<Outcome>,
    /// What it should be.
    pub assessed: Option<Outcome>,
}

fn everyone() -> Scope {
    Scope { paths: vec!["/".to_owned()] }
}

/// Makes a year's results and figures from nothing; answers how many people were gone over.
pub async fn rebuild(site: &Site, year: Year) -> Result<usize> {
    keep::forget(site, year).await?;
    reassess(site, year).await
}

/// Makes a year's results anew, page by page, and counts everyone by them; answers how many people were gone over. Whose
/// result is another one now is looked at by all who follow the year.
pub(crate) async fn reassess(site: &Site, year: Year) -> Result<usize> {
    store_figures::begin_year(&site.db, year).await?;
    let count = go_over(site, &everyone(), year).await?;
    store_figures::finish_year(&site.db, year, site.now()).await?;
    Ok(count)
}

/// Makes the results of a unit and everything below it anew at once: for what is stated and signed, which must not wait for
/// the job that a change of a moment ago left behind.
pub async fn renew(site: &Site, path: &str, year: Year) -> Result<()> {
    go_over(site, &Scope { paths: vec![path.to_owned()] }, year).await.map(|_| ())
}

async fn go_over(site: &Site, scope: &Scope, year: Year) -> Result<usize> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let tx = site.db.begin().await?;
        let of = grounds(site, &tx, year).await?;
        let people = org::trainees_seen(&tx, (scope, &of.view), (&after, bulk::PAGE)).await?;
        let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
        let Some(last) = ids.last() else { return Ok(count) };
        let before = store::kept(&tx, &ids, year).await?;
        store::hold(&tx, &ids, year).await?;
        let cases = bulk::cases(&tx, scope, &of, &after).await?;
        let (mut rows, mut idle) = (vec![], vec![]);
        for case in cases {
            match outcome(&case, &of)? {
                Some(outcome) if case.has_history() => rows.push((case.person.id, outcome)),
                _ => idle.push(case.person.id),
            }
        }
        store::save(&tx, (year, &of.in_force.version), &rows, site.now()).await?;
        store::forget(&tx, &idle, year).await?;
        recount::recount(&tx, &ids, &of).await?;
        for (person, _) in rows.iter().filter(|(p, o)| before.get(p).is_some_and(|b| b != o)) {
            hours::year_changed(site, &tx, YearChanged { person: *person, year }).await?;
        }
        tx.commit().await?;
        after = last.to_string();
        count += ids.len();
    }
}

async fn grounds(site: &Site, conn: &impl db::Conn, year: Year) -> Result<Grounds> {
    hours::grounds(conn, year, day::day_of(site.now())).await
}

fn outcome(case: &bulk::Case, of: &Grounds) -> Result<Option<Outcome>> {
    Ok(case.assess(&of.in_force.policy)?.as_ref().map(Outcome::of))
}

/// Compares what is kept of a year with a full assessment; the first differences, up to a hundred.
pub async fn verify(site: &Site, year: Year) -> Result<Vec<Difference>> {
    const MOST: usize = 100;
    let of = grounds(site, &site.db, year).await?;
    let (mut after, mut found) = (String::new(), vec![]);
    loop {
        let cases = bulk::cases(&site.db, &everyone(), &of, &after).await?;
        let Some(last) = cases.last() else { return Ok(found) };
        after = last.person.id.to_string();
        let ids: Vec<PersonId> = cases.iter().map(|c| c.person.id).collect();
        let kept = store::kept(&site.db, &ids, year).await?;
        for case in &cases {
            found.extend(difference(case, &of, &kept)?);
        }
        if found.len() >= MOST {
            found.truncate(MOST);
            return Ok(found);
        }
    }
}

/// Nothing kept stands for a year in which nothing happened.
fn difference(
    case: &bulk::Case,
    of: &Grounds,
    kept: &HashMap<PersonId, Outcome>,
) -> Result<Option<Difference>> {
    let person = case.person.id;
    let assessed = outcome(case, of)?;
    let kept = kept.get(&person).copied();
    let is_same = match (kept, assessed) {
        (Some(kept), Some(assessed)) => kept == assessed,
        (None, None) => true,
        (None, Some(a)) => a.state == State::NotBegun && !case.has_history(),
        (Some(_), None) => false,
    };
    Ok((!is_same).then_some(Difference { person, kept, assessed }))
}
