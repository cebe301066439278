//! Taking credits back: a chained entry that names the other, with reason and decider; entries are never edited. The
//! record of the year then leaves the credit out. A closed year still takes reversals: its figures change by entries only.
use std::collections::{BTreeSet, HashMap};

use base::{EntryId, Error, PersonId, Result, day};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    carry,
    credit::{YEAR_CHANGED, YearChanged},
    entry::{Entry, EntryKind},
    policy, store, store_occupied as occupied,
};

/// Why and by whom credits are taken back.
#[derive(Clone, Copy, Debug)]
pub struct Reversal<'a> {
    /// The reason, as the person will read it.
    pub reason: &'a str,
    /// Who decided.
    pub by: PersonId,
}

/// The job that follows where time was let go: what others of the person had lost to it is worked out again.
pub const TIME_RELEASED: &str = "hours.time_released";

/// Whose time was let go, and who took the credit back that had held it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TimeReleased {
    /// Whose.
    pub person: PersonId,
    /// By whom.
    pub by: PersonId,
}

/// Reverses a credit in the caller's transaction, once: reversing it again writes nothing.
pub async fn reverse(site: &Site, tx: &Tx, credit: EntryId, why: Reversal<'_>) -> Result<()> {
    reverse_many(site, tx, &[credit], why).await.map(|_| ())
}

/// Reverses credits of one year in the caller's transaction; answers how many were not reversed before.
pub async fn reverse_many(site: &Site, tx: &Tx, credits: &[EntryId], why: Reversal<'_>) -> Result<usize> {
    let credits = &carry::current(tx, credits).await?;
    let credited = store::entries_by_id(tx, credits).await?;
    let Some(year) = credited.first().map(|e| e.year) else { return Ok(0) };
    if credited.len() != credits.len()
        || credited.iter().any(|e| e.kind != EntryKind::Credit || e.year != year)
    {
        return Err(Error::conflict("not_a_credit"));
    }
    let version = policy::in_force(tx, year).await?.version;
    let people: BTreeSet<String> = credited.iter().map(|e| e.person.to_string()).collect();
    let mut heads = store::hold_heads(tx, &people.into_iter().collect::<Vec<_>>()).await?;
    let keys: Vec<String> = credited.iter().map(|e| key(e.id)).collect();
    let before = store::by_source_keys(tx, &keys).await?;
    let open: Vec<Entry> = credited.into_iter().filter(|e| !before.contains_key(&key(e.id))).collect();
    // Who sends a corrected record afterwards finds its time free.
    let keys: Vec<String> = open.iter().map(|e| e.source_key.clone()).collect();
    let is_released = occupied::release(tx, &keys).await? > 0;
    let written: Vec<Entry> = open.into_iter().map(|e| chain(site, e, (&version, why), &mut heads)).collect();
    store::insert_entries(tx, &written).await?;
    let changed: BTreeSet<PersonId> = written.iter().map(|e| e.person).collect();
    store::write_heads(site, tx, &heads, &changed).await?;
    for person in changed {
        year_changed(site, tx, YearChanged { person, year }).await?;
        if is_released {
            let released = TimeReleased { person, by: why.by };
            site.enqueue_once(tx, TIME_RELEASED, &released, &person.to_string()).await?;
        }
    }
    Ok(written.len())
}

pub(crate) fn key(credit: EntryId) -> String {
    format!("reversal:{credit}")
}

/// The reversal at the end of its person's chain; moves the head along.
pub(crate) fn chain(
    site: &Site,
    credited: Entry,
    (version, why): (&str, Reversal<'_>),
    heads: &mut HashMap<PersonId, store::Head>,
) -> Entry {
    let head = heads.entry(credited.person).or_default();
    let mut entry = Entry {
        id: site.new_id(),
        seq: head.seq + 1,
        at: day::from_millis(day::millis(site.now())),
        kind: EntryKind::Reversal,
        source_key: key(credited.id),
        facts: json!({"kind": "reversal", "reverses": credited.id, "reason": why.reason}).to_string(),
        decided_by: Some(why.by),
        policy: version.to_owned(),
        reverses: Some(credited.id.to_string()),
        prev_hash: head.hash.clone(),
        hash: String::new(),
        ..credited
    };
    entry.hash = entry.computed_hash();
    *head = store::Head { seq: entry.seq, hash: entry.hash.clone() };
    entry
}

/// Lets those who follow a person's year look at it again, after the caller's transaction.
pub async fn year_changed(site: &Site, tx: &Tx, what: YearChanged) -> Result<()> {
    site.enqueue_once(tx, YEAR_CHANGED, &what, &format!("{}:{}", what.person, what.year)).await
}
