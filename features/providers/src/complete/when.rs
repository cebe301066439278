//! When a completion was learned, and what the wall-clock law leaves of it (domain §3): a record's own time bounds its minutes,
//! and what other records of the same person hold already is taken off the later one, to the step.
use base::{Hours, Instant, Result, day};
use db::Tx;
use hours::{NewCredit, Occupying, When};
use rules::{
    learning::{self, Intervals},
    wall_clock,
};
use serde_json::json;
use site::Site;

use super::{Completion, Interval, Worth, instant};

/// What is left of a credit.
pub(crate) struct Reduced {
    /// None where nothing is left.
    pub credit: Option<NewCredit>,
    /// Why it is less.
    pub reason: Option<&'static str>,
}

/// When a completion says that its course was learned, or what is wrong with one of its intervals. Without intervals that is
/// somewhere between its beginning and its end.
pub(crate) fn read(
    c: &Completion,
    (started, completed): (Instant, Instant),
) -> std::result::Result<When, &'static str> {
    let (first, last) = (day::millis(started), day::millis(completed));
    if c.intervals.is_empty() {
        return Ok(When::Within(learning::Interval { from: first, to: last }));
    }
    let read = |i: &Interval| {
        let (Some(from), Some(to)) = (instant(&i.from), instant(&i.to)) else {
            return Err("time_unreadable");
        };
        let (from, to) = (day::millis(from), day::millis(to));
        // One that lies elsewhere would hide that something else was learned at the time.
        if to < from || to < first || from > last {
            return Err("intervals_wrong");
        }
        Ok(learning::Interval { from: from.max(first), to: to.min(last) })
    };
    c.intervals.iter().map(read).collect::<std::result::Result<Intervals, _>>().map(When::Stretches)
}

/// What a completion counts once its time is held.
pub(crate) async fn hold(site: &Site, tx: &Tx, worth: Worth) -> Result<Reduced> {
    let Worth { mut credit, policy, minutes, when, note: _ } = worth;
    let occupying =
        Occupying { person: credit.person, source: &credit.source, key: &credit.source_key, when: &when };
    let need = |room: i64| {
        let left = when.left(minutes, room).minutes;
        if policy.course_hours(left) > Hours::ZERO { wall_clock::need(left) } else { 0 }
    };
    let left = when.left(minutes, hours::occupy(tx, occupying, need).await?);
    if left.minutes == minutes {
        return Ok(Reduced { credit: Some(credit), reason: None });
    }
    let why = if left.overlap > 0 { "overlap" } else { "intervals_short" };
    let reason = Some(why);
    credit.hours = policy.course_hours(left.minutes);
    if credit.hours <= Hours::ZERO {
        return Ok(Reduced { credit: None, reason });
    }
    credit.facts.insert("minutes".to_owned(), json!(left.minutes));
    hours::noted::reduced(&mut credit.facts, why);
    let title = credit.title.clone();
    credit.title = if left.overlap > 0 {
        let overlap = left.overlap.to_string();
        site.texts.with("provider-overlap", &[("title", &title), ("minutes", &overlap)])
    } else {
        let own = left.minutes.to_string();
        site.texts.with("provider-intervals-short", &[("title", &title), ("minutes", &own)])
    };
    Ok(Reduced { credit: Some(credit), reason })
}
