//! The wall-clock law (domain §3): what counts by time never exceeds, for anyone and in any window, the time that passed.
//! Enforced when a record is counted, under the record that came first; and looked at every night over everything.
use base::{PersonId, Result};
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
pub struct Occupying<'a> {
    /// Who.
    pub person: PersonId,
    /// Where: a course platform's name, or `attendance`.
    pub source: &'a str,
    /// The record's key; the same record is the same time.
    pub key: &'a str,
    /// When.
    pub when: &'a When,
}

/// Answers how many milliseconds the person's other records leave to this one, and lets it hold what it counts by: `need`
/// says how much that is of the milliseconds left. What counts nothing keeps nobody else's time. Of two records at once, the
/// one that holds the person first is the first.
pub async fn occupy(tx: &Tx, o: &Occupying<'_>, need: impl Fn(i64) -> i64 + Send) -> Result<i64> {
    store::hold_person(tx, o.person).await?;
    if let Some(before) = store::record(tx, o.key).await? {
        return Ok(before.time());
    }
    let (room, free) = room(&held(tx, o.person, &o.when.all()).await?, o.when);
    let need = need(room);
    if need > 0 {
        store::insert(tx, o, (need, &free)).await?;
    }
    Ok(room)
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

/// What a person's records hold of these stretches, with everything that may be moved for them.
pub(crate) async fn held(conn: &impl Conn, person: PersonId, own: &Intervals) -> Result<Held> {
    let mut held = Held { spans: store::spans_of(conn, person).await?, ..Held::default() };
    if let Some(hull) = held.hull(own) {
        held.stretches = store::of_person(conn, person, hull).await?;
    }
    Ok(held)
}

/// In how many places the law is broken; it never should be: stretches of one person that overlap, records that count more
/// than their stretches are long, and people whose spans cannot all have been learned in the time that passed.
pub async fn overlaps(site: &Site) -> Result<i64> {
    let mut found = store::overlaps(&site.db).await? + store::too_short(&site.db).await?;
    let mut after = String::new();
    loop {
        let people = store::people_with_spans(&site.db, &after).await?;
        let Some(last) = people.last() else { return Ok(found) };
        after.clone_from(last);
        let held = store::held_by(&site.db, &people).await?;
        found += i64::try_from(held.values().filter(|h| h.missing() > 0).count()).unwrap_or(i64::MAX);
    }
}

/// The last nightly look: the day and what it found, if one was had.
pub async fn last_look(site: &Site) -> Result<Option<(String, String)>> {
    store::last_look(&site.db).await
}
