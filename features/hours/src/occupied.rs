//! The wall-clock law (domain §3): what counts by time never exceeds, for anyone and in any window, the time that passed.
//! Enforced when a record is counted, under the record that came first; and looked at every night over everything.
use std::collections::{BTreeSet, HashMap};

use base::{Error, PersonId, Result};
use db::{Conn, Tx};
use rules::{
    learning::{Interval, Intervals},
    wall_clock::{self, Held, Left},
};
use site::Site;

use crate::store_occupied as store;

/// When a record says that someone learned, in milliseconds since 1970.
#[derive(Clone, Debug)]
pub enum When {
    /// In all of these stretches.
    Stretches(Intervals),
    /// Somewhere between a beginning and an end.
    Within(Interval),
}

impl When {
    /// What a record of so many minutes counts where other records leave it so many milliseconds.
    pub fn left(&self, minutes: u64, room: i64) -> Left {
        match self {
            Self::Stretches(own) => wall_clock::left_of_stretches(minutes, (own.total(), room)),
            Self::Within(_) => wall_clock::left_of_span(minutes, room),
        }
    }

    pub(crate) fn all(&self) -> Intervals {
        match self {
            Self::Stretches(stretches) => stretches.clone(),
            Self::Within(within) => [*within].into_iter().collect(),
        }
    }
}

/// A record that would hold time.
#[derive(Clone, Copy, Debug)]
pub struct Occupying<'a> {
    /// Who.
    pub person: PersonId,
    /// Where: a course platform's name, or `unit_training`.
    pub source: &'a str,
    /// The key of its credit in the ledger; the same record is the same time.
    pub key: &'a str,
    /// When.
    pub when: &'a When,
}

/// Answers how many milliseconds the person's other records leave to this one, and lets it hold what it counts by: `need`
/// says how much that is of the milliseconds left. What counts nothing keeps nobody else's time. Of two records at once, the
/// one that holds the person first is the first.
pub async fn occupy(tx: &Tx, o: Occupying<'_>, need: impl Fn(i64) -> i64) -> Result<i64> {
    let rooms = occupy_all(tx, &[o], need).await?;
    rooms.first().copied().ok_or_else(|| Error::internal("a record without an answer"))
}

/// As [`occupy`] for records of many people, one of each; answers in their order.
pub async fn occupy_all(tx: &Tx, all: &[Occupying<'_>], need: impl Fn(i64) -> i64) -> Result<Vec<i64>> {
    // People are held in one order everywhere.
    let people: BTreeSet<String> = all.iter().map(|o| o.person.to_string()).collect();
    store::hold_people(tx, &people.into_iter().collect::<Vec<_>>()).await?;
    let keys: Vec<String> = all.iter().map(|o| o.key.to_owned()).collect();
    let before = store::records(tx, &keys).await?;
    let asked: Vec<(PersonId, Intervals)> =
        all.iter().filter(|o| !before.contains_key(o.key)).map(|o| (o.person, o.when.all())).collect();
    let held = held(tx, &asked).await?;
    let (mut rooms, mut taken) = (Vec::with_capacity(all.len()), vec![]);
    for o in all {
        if let Some(record) = before.get(o.key) {
            rooms.push(record.time());
            continue;
        }
        let (room, free) = room(held.get(&o.person).unwrap_or(&Held::default()), o.when);
        let need = need(room);
        if need > 0 {
            taken.push((*o, need, free));
        }
        rooms.push(room);
    }
    store::insert(tx, &taken).await?;
    Ok(rooms)
}

/// The milliseconds left, and of stretches which ones.
pub(crate) fn room(held: &Held, when: &When) -> (i64, Intervals) {
    match when {
        When::Stretches(stretches) => {
            let free = held.room_for(stretches);
            (free.total(), free)
        }
        When::Within(within) => (held.room_within(*within), Intervals::default()),
    }
}

/// What people's records hold of these stretches of theirs, with everything that may be moved for them.
pub(crate) async fn held(
    conn: &impl Conn,
    asked: &[(PersonId, Intervals)],
) -> Result<HashMap<PersonId, Held>> {
    let people: Vec<PersonId> = asked.iter().map(|(person, _)| *person).collect();
    let mut held: HashMap<PersonId, Held> = HashMap::new();
    for (person, span) in store::spans_of(conn, &people).await? {
        held.entry(person).or_default().spans.push(span);
    }
    let mut reached: Vec<(PersonId, Interval)> = vec![];
    for (person, own) in asked {
        let reach = held.get(person).unwrap_or(&Held::default()).reach(own);
        reached.extend(reach.as_slice().iter().map(|part| (*person, *part)));
    }
    let mut stretches: HashMap<PersonId, Vec<Interval>> = HashMap::new();
    for (person, stretch) in store::stretches_within(conn, &reached).await? {
        stretches.entry(person).or_default().push(stretch);
    }
    for (person, stretches) in stretches {
        held.entry(person).or_default().stretches = stretches.into_iter().collect();
    }
    Ok(held)
}

/// In how many places the law is broken; it never should be: stretches of one person that overlap, records that count more
/// than their stretches are long, credits without any time of theirs, and people whose spans cannot all have been learned in the
/// time that passed.
pub async fn overlaps(site: &Site) -> Result<i64> {
    let mut found = store::overlaps(&site.db).await? + store::too_short(&site.db).await?;
    found += store::timeless(&site.db).await?;
    let mut after = String::new();
    loop {
        let people = store::people_with_spans(&site.db, &after).await?;
        let Some(last) = people.last() else { return Ok(found) };
        after = last.to_string();
        let spans = store::spans_of(&site.db, &people).await?;
        let mut asked: HashMap<PersonId, Vec<Interval>> = HashMap::new();
        for (person, span) in spans {
            asked.entry(person).or_default().push(span.within);
        }
        let asked: Vec<(PersonId, Intervals)> =
            asked.into_iter().map(|(person, spans)| (person, spans.into_iter().collect())).collect();
        let held = held(&site.db, &asked).await?;
        found += i64::try_from(held.values().filter(|h| h.missing() > 0).count()).unwrap_or(i64::MAX);
    }
}

/// The last nightly look: the day and what it found, if one was had.
pub async fn last_look(site: &Site) -> Result<Option<(String, String)>> {
    store::last_look(&site.db).await
}
