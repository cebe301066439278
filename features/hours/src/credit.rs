//! Writing credits into the ledger: once for each source, in the person's chain, whoever else writes at the time.
use std::collections::{BTreeSet, HashMap};

use base::{EntryId, Error, Hours, PersonId, Result, Subject, Year, day};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site::Site;

use crate::{
    entry::{Entry, EntryKind, Facts},
    policy::{self, InForce},
    replay, store, store_circumstances,
};

/// The job that follows every change of a person's year.
pub const YEAR_CHANGED: &str = "hours.year_changed";

/// Whose year changed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct YearChanged {
    /// The person.
    pub person: PersonId,
    /// The year.
    pub year: Year,
}

/// A credit to be written.
#[derive(Clone, Debug)]
pub struct NewCredit {
    /// Whose.
    pub person: PersonId,
    /// The training year.
    pub year: Year,
    /// Where it comes from.
    pub source: String,
    /// Unique over the ledger.
    pub source_key: String,
    /// What was learned.
    pub title: String,
    /// The subject.
    pub subject: Subject,
    /// Hours before caps and duplicates.
    pub hours: Hours,
    /// The credit as the rules read it.
    pub facts: Facts,
    /// A reference to the evidence.
    pub evidence: Option<String>,
    /// Who decided; none where a rule did.
    pub decided_by: Option<PersonId>,
}

/// What became of a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booked {
    /// Written now.
    New(EntryId),
    /// Its source had been credited before.
    Before(EntryId),
}

/// Writes one credit in the caller's transaction.
pub async fn credit(site: &Site, tx: &Tx, new: NewCredit) -> Result<Booked> {
    let booked = credit_many(site, tx, vec![new]).await?;
    booked.into_iter().next().ok_or_else(|| Error::internal("a credit without an outcome"))
}

/// Writes credits of many people of one year in the caller's transaction; outcomes in the order given.
pub async fn credit_many(site: &Site, tx: &Tx, credits: Vec<NewCredit>) -> Result<Vec<Booked>> {
    let Some(year) = credits.first().map(|c| c.year) else { return Ok(vec![]) };
    let (outcomes, changed) = write(site, tx, year, credits).await?;
    for person in changed {
        site.enqueue_once(tx, YEAR_CHANGED, &YearChanged { person, year }, &format!("{person}:{year}"))
            .await?;
    }
    Ok(outcomes)
}

/// Writes the credits; answers what became of each and whose chains grew.
async fn write(
    site: &Site,
    tx: &Tx,
    year: Year,
    credits: Vec<NewCredit>,
) -> Result<(Vec<Booked>, BTreeSet<PersonId>)> {
    let people: BTreeSet<String> = credits.iter().map(|c| c.person.to_string()).collect();
    let people: Vec<String> = people.into_iter().collect();
    let is_course = |c: &NewCredit| c.facts.get("kind").and_then(Value::as_str) == Some("course");
    let made_up = if credits.iter().all(is_course) { people.as_slice() } else { &[] };
    let policy = open_policy(site, tx, year, made_up).await?;
    let mut heads = store::hold_heads(tx, &people).await?;
    let keys: Vec<String> = credits.iter().map(|c| c.source_key.clone()).collect();
    let before = store::by_source_keys(tx, &keys).await?;
    let mut written: Vec<Entry> = vec![];
    let mut outcomes = Vec::with_capacity(credits.len());
    for new in credits {
        if let Some(id) = before.get(&new.source_key) {
            outcomes.push(Booked::Before(*id));
            continue;
        }
        let entry = chain(site, new, &policy, &mut heads);
        // Who read the rules before another version came into force reads them again: an entry's hours follow from its facts.
        if replay::worth(year, &entry.facts, &policy.policy) != Some(entry.hours) {
            return Err(Error::conflict("policy_replaced"));
        }
        outcomes.push(Booked::New(entry.id));
        written.push(entry);
    }
    store::insert_entries(tx, &written).await?;
    let changed: BTreeSet<PersonId> = written.iter().map(|e| e.person).collect();
    store::write_heads(site, tx, &heads, &changed).await?;
    Ok((outcomes, changed))
}

/// The policy, if the year is still open for bookings (domain §1): an approved make-up keeps it open for the courses of its
/// holders.
async fn open_policy(site: &Site, tx: &Tx, year: Year, made_up: &[String]) -> Result<InForce> {
    let in_force = policy::in_force(tx, year).await?;
    let today = day::day_of(site.now());
    let is_open = today <= in_force.policy.closes_on
        || !made_up.is_empty() && store_circumstances::make_up_all(tx, year, made_up, today).await?;
    if is_open { Ok(in_force) } else { Err(Error::conflict("year_closed")) }
}

/// The entry at the end of its person's chain; moves the head along.
pub(crate) fn chain(
    site: &Site,
    new: NewCredit,
    policy: &InForce,
    heads: &mut HashMap<PersonId, store::Head>,
) -> Entry {
    let head = heads.entry(new.person).or_default();
    let mut entry = Entry {
        id: site.new_id(),
        person: new.person,
        seq: head.seq + 1,
        year: new.year,
        at: day::from_millis(day::millis(site.now())),
        kind: EntryKind::Credit,
        source: new.source,
        source_key: new.source_key,
        title: new.title,
        subject: new.subject,
        hours: new.hours,
        facts: Value::Object(new.facts).to_string(),
        evidence: new.evidence,
        decided_by: new.decided_by,
        policy: policy.version.clone(),
        reverses: None,
        prev_hash: head.hash.clone(),
        hash: String::new(),
    };
    entry.hash = entry.computed_hash();
    *head = store::Head { seq: entry.seq, hash: entry.hash.clone() };
    entry
}
