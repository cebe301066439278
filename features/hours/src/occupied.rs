//! The wall-clock law across sources (domain §3): what someone learned at two places at once counts once, under the record
//! that came first. Enforced when a record is counted, and looked at every night over everything.
use base::{PersonId, Result};
use db::Tx;
use rules::learning::Intervals;
use site::Site;

use crate::store_occupied as store;

/// Stretches of the wall clock, in milliseconds since 1970, in which a record says that someone learned.
pub struct Occupying<'a> {
    /// Who.
    pub person: PersonId,
    /// Where: a course platform's name, or `attendance`.
    pub source: &'a str,
    /// The record's key; the same record is the same stretches.
    pub key: &'a str,
    /// When.
    pub stretches: &'a Intervals,
}

/// Gives what of the stretches no other source held already, and puts it down where it is worth anything: what counts
/// nothing keeps nobody else's time. Of two records at once, the one that holds the person first is the first.
pub async fn occupy(
    tx: &Tx,
    o: &Occupying<'_>,
    is_worth: impl Fn(&Intervals) -> bool + Send,
) -> Result<Intervals> {
    let (Some(first), Some(last)) = (o.stretches.as_slice().first(), o.stretches.as_slice().last()) else {
        return Ok(Intervals::default());
    };
    store::hold_person(tx, o.person).await?;
    let before = store::of_key(tx, o.key).await?;
    if !before.is_empty() {
        return Ok(before);
    }
    let elsewhere = store::elsewhere(tx, o, (first.from, last.to)).await?;
    let free = o.stretches.minus(&elsewhere);
    if is_worth(&free) {
        store::insert(tx, o, &free).await?;
    }
    Ok(free)
}

/// How many pairs of stretches break the law; none ever should.
pub async fn overlaps(site: &Site) -> Result<i64> {
    store::overlaps(&site.db).await
}

/// The last nightly look: the day and what it found, if one was had.
pub async fn last_look(site: &Site) -> Result<Option<(String, String)>> {
    store::last_look(&site.db).await
}
