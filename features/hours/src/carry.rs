//! Hours of one record that go to another record of the same human. Nothing is rewritten: each credit that stands is
//! reversed at the end of its own chain and written at the end of the other, so both chains verify as before, both
//! histories can be read, and each hour counts once. The rules then see the credits of one person: the same course,
//! the same days and the same achievement count once, and learning at one time under two names is reduced.
mod left;
mod restate;

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{EntryId, PersonId, Result, day};
use db::{Conn, Tx};
use site::Site;

use crate::{
    entry::{Entry, EntryKind},
    policy,
    reverse::{self, Reversal, year_changed},
    store,
};

pub use restate::{Stated, credits, may_be_void, restate};

/// What was carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Credits that went over.
    pub credits: usize,
    /// Of these, reduced for learning at the same time under both names.
    pub reduced: usize,
}

/// The key under which a credit stands in the other chain: once.
pub(crate) fn key(credit: EntryId) -> String {
    format!("carried:{credit}")
}

/// Carries every standing credit of `gone` over to `kept`, in the caller's transaction. Closed years are carried too:
/// their figures change by ledger entries only, and these are some.
pub async fn carry_over(
    site: &Site,
    tx: &Tx,
    (kept, gone): (PersonId, PersonId),
    why: Reversal<'_>,
) -> Result<Carried> {
    let people: BTreeSet<String> = [kept, gone].iter().map(ToString::to_string).collect();
    let mut heads = store::hold_heads(tx, &people.into_iter().collect::<Vec<_>>()).await?;
    let mut done = Carried::default();
    for year in store::years_of(tx, gone).await? {
        let standing = standing(store::entries(tx, gone, year).await?);
        let version = policy::in_force(tx, year).await?;
        let mut written = vec![];
        for credit in standing {
            // Its hours follow from the rules that it was made under, and it goes on saying so.
            let made_under = policy::of_version(tx, &credit.policy, year).await?;
            let carried = left::carried(tx, (kept, &credit), &made_under).await?;
            done.credits += 1;
            done.reduced += usize::from(carried.as_ref().is_none_or(|c| c.hours != credit.hours));
            let id = credit.id;
            written.push(reverse::chain(site, credit, (&version.version, why), &mut heads));
            if let Some(carried) = carried {
                let made_under = carried.policy.clone();
                written.push(append(site, carried, (id, kept), (&made_under, why, &mut heads)));
            }
        }
        store::insert_entries(tx, &written).await?;
    }
    store::write_heads(site, tx, &heads, &[kept, gone].into()).await?;
    for person in [kept, gone] {
        for year in store::years_of(tx, gone).await? {
            year_changed(site, tx, crate::YearChanged { person, year }).await?;
        }
    }
    Ok(done)
}

/// The credits that no reversal takes back.
fn standing(entries: Vec<Entry>) -> Vec<Entry> {
    let reversed: HashSet<String> = entries.iter().filter_map(|e| e.reverses.clone()).collect();
    let stands = |e: &Entry| e.kind == EntryKind::Credit && !reversed.contains(&e.id.to_string());
    entries.into_iter().filter(stands).collect()
}

/// The credit at the end of the other chain; moves its head along.
pub(crate) fn append(
    site: &Site,
    carried: Entry,
    (from, kept): (EntryId, PersonId),
    (version, why, heads): (&str, Reversal<'_>, &mut HashMap<PersonId, store::Head>),
) -> Entry {
    let head = heads.entry(kept).or_default();
    let mut entry = Entry {
        id: site.new_id(),
        person: kept,
        seq: head.seq + 1,
        at: day::from_millis(day::millis(site.now())),
        source_key: key(from),
        decided_by: carried.decided_by.or(Some(why.by)),
        policy: version.to_owned(),
        prev_hash: head.hash.clone(),
        hash: String::new(),
        ..carried
    };
    entry.hash = entry.computed_hash();
    *head = store::Head { seq: entry.seq, hash: entry.hash.clone() };
    entry
}

/// Where these credits stand now: one that was carried over is reversed where it went.
pub(crate) async fn current(conn: &impl Conn, credits: &[EntryId]) -> Result<Vec<EntryId>> {
    let mut ids = credits.to_vec();
    // A record that went into another may go into a third one.
    for _ in 0..8 {
        let keys: Vec<String> = ids.iter().map(|id| key(*id)).collect();
        let moved = store::by_source_keys(conn, &keys).await?;
        if moved.is_empty() {
            break;
        }
        for id in &mut ids {
            if let Some(now) = moved.get(&key(*id)) {
                *id = *now;
            }
        }
    }
    Ok(ids)
}
