//! A credit whose facts turned out otherwise is stated anew: reversed at the end of its chain and written again behind it.
//! Nothing is rewritten, and the same hours stand under the same rules.
use std::collections::HashMap;

use base::{EntryId, Error, PersonId, Result, Year, day};
use db::{Conn, Tx};
use serde_json::Value;
use site::Site;

use crate::{
    carry,
    entry::{Entry, EntryKind},
    policy,
    reverse::{self, Reversal, year_changed},
    store, store_occupied as occupied,
};

/// A credit that stands.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The entry that holds it today.
    pub entry: EntryId,
    /// Whose.
    pub person: PersonId,
    /// The training year.
    pub year: Year,
    /// What was learned, as the person reads it.
    pub title: String,
    /// The credit as the rules read it.
    pub facts: Value,
}

/// Where these credits stand today, by the id that they were written under; what was reversed is left out.
pub async fn credits(conn: &impl Conn, ids: &[EntryId]) -> Result<HashMap<EntryId, Stated>> {
    let today = carry::current(conn, ids).await?;
    let entries = store::entries_by_id(conn, &today).await?;
    let reversals: Vec<String> = today.iter().map(|id| reverse::key(*id)).collect();
    let reversed = store::by_source_keys(conn, &reversals).await?;
    let stands = |e: &&Entry| e.kind == EntryKind::Credit && !reversed.contains_key(&reverse::key(e.id));
    let by_id: HashMap<EntryId, &Entry> = entries.iter().filter(stands).map(|e| (e.id, e)).collect();
    let one = |(id, now): (&EntryId, &EntryId)| {
        let entry = by_id.get(now)?;
        let facts = serde_json::from_str(&entry.facts).ok()?;
        let (person, year, title) = (entry.person, entry.year, entry.title.clone());
        Some((*id, Stated { entry: entry.id, person, year, title, facts }))
    };
    Ok(ids.iter().zip(&today).filter_map(one).collect())
}

/// Whether a credit may count nothing in its year: the year has another of the same course, it has no hours, or it was learned
/// in another year, which a make-up has to bear. Where not, no assessment is needed to know.
pub async fn may_be_void(conn: &impl Conn, credit: &Stated) -> Result<bool> {
    let on = credit.facts.get("completed_on").and_then(Value::as_str).and_then(rules::record::parse_day);
    if on.is_some_and(|on| !credit.year.holds(on)) {
        return Ok(true);
    }
    let course = credit.facts.get("course").and_then(Value::as_str).unwrap_or_default();
    let course = Value::from(course).to_string();
    Ok(store::same_course(conn, (credit.person, credit.year), (credit.entry, &course)).await? > 0)
}

/// States a credit anew with another value of one of its facts, in the caller's transaction. False where its year takes no
/// more entries: a closed year stays as it was confirmed.
pub async fn restate(
    site: &Site,
    tx: &Tx,
    (credit, fact, value): (&Stated, &str, &str),
    why: Reversal<'_>,
) -> Result<bool> {
    let in_force = policy::in_force(tx, credit.year).await?;
    if day::day_of(site.now()) > in_force.policy.closes_on {
        return Ok(false);
    }
    let mut heads = store::hold_heads(tx, &[credit.person.to_string()]).await?;
    let Some(entry) = store::entries_by_id(tx, &[credit.entry]).await?.pop() else {
        return Err(Error::not_found());
    };
    // Whoever came first stated it anew, or took it back.
    let key = reverse::key(entry.id);
    if !store::by_source_keys(tx, &[key]).await?.is_empty() {
        return Ok(true);
    }
    let mut facts: serde_json::Map<String, Value> =
        serde_json::from_str(&entry.facts).map_err(Error::internal)?;
    facts.insert(fact.to_owned(), Value::from(value));
    let again = Entry { facts: Value::Object(facts).to_string(), ..entry.clone() };
    let version = entry.policy.clone();
    occupied::rename(tx, (&entry.source_key, &carry::key(credit.entry))).await?;
    let reversal = reverse::chain(site, entry, (&version, why), &mut heads);
    let again = carry::append(site, again, (credit.entry, credit.person), (&version, why, &mut heads));
    store::insert_entries(tx, &[reversal, again]).await?;
    store::write_heads(site, tx, &heads, &[credit.person].into()).await?;
    year_changed(site, tx, crate::YearChanged { person: credit.person, year: credit.year }).await?;
    Ok(true)
}
