//! Booking the hours of a training for those who stayed: each gets the whole half days of the stay, never more time than
//! passed. Bookings go through `claims`, so the same training counts once and overlaps are seen there.
use std::collections::BTreeMap;

use base::{Actor, Error, Hours, Period, PersonId, Result, day};
use claims::{Plan, Whom};
use db::Tx;
use hours::{Occupying, When};
use rules::{
    Days, attendance,
    learning::{Interval, Intervals},
};
use site::Site;

use crate::{
    plan::{self, Attendance},
    store::{self, Mark},
};

/// A hundredth of an hour.
const HUNDREDTH_MS: i64 = 36_000;

/// What a mark is worth.
pub(crate) fn worth((a, hours_per_day): (&Attendance, Hours), m: &Mark) -> Days {
    attendance::worth(attendance::stay(m.in_at, m.out_at, a.span()), a.days, hours_per_day)
}

/// How much of a stay was not spent learning elsewhere: the wall-clock law holds across sources.
async fn occupied(
    tx: &Tx,
    (a, hours_per_day): (&Attendance, Hours),
    (person, mark): (PersonId, &Mark),
) -> Result<i64> {
    let (from, to) = a.span();
    let stay = Interval::new(mark.in_at.max(from), mark.out_at.unwrap_or(mark.in_at).min(to));
    let stretches: Intervals = stay.into_iter().collect();
    let key = format!("attendance:{}:{person}", a.id);
    let when = When::Stretches(stretches);
    let occupying = Occupying { person, source: "attendance", key: &key, when: &when };
    let need = |free| {
        attendance::worth(free, a.days, hours_per_day).hours(hours_per_day).hundredths() * HUNDREDTH_MS
    };
    hours::occupy(tx, &occupying, need).await
}

/// How many were booked, and how many stayed too short.
pub(crate) struct Settled {
    pub booked: usize,
    pub short: usize,
}

/// Books the training once it is over.
pub(crate) async fn settle(site: &Site, actor: &Actor, id: &str) -> Result<Settled> {
    let found = plan::own(site, actor, id).await?;
    if site.now() < found.to {
        return Err(Error::conflict("attendance_not_over"));
    }
    let mut groups: BTreeMap<i64, Vec<PersonId>> = BTreeMap::new();
    let mut marks = store::marks(&site.db, id).await?;
    // People are held in one order everywhere.
    marks.sort_by(|a, b| a.person_id.cmp(&b.person_id));
    let hours_per_day = found.hours_per_day(&site.db).await?;
    let tx = site.db.begin().await?;
    for mark in &marks {
        let person: PersonId = mark.person_id.parse()?;
        let free = occupied(&tx, (&found, hours_per_day), (person, mark)).await?;
        let days = attendance::worth(free, found.days, hours_per_day);
        groups.entry(days.hundredths()).or_default().push(person);
    }
    tx.commit().await?;
    let short = groups.remove(&0).map_or(0, |people| people.len());
    let on = day::day_of(found.from);
    let period = Period::new(on, on).ok_or_else(|| Error::internal("a day that is none"))?;
    let mut booked = 0;
    for (hundredths, people) in groups {
        booked += people.len();
        let days = Days::from_hundredths(hundredths);
        let title = if days == found.days {
            found.title.clone()
        } else {
            site.texts.with("attendance-part", &[("title", &found.title), ("days", &days.to_string())])
        };
        let plan = Plan { title, period, days, subject: found.subject, whom: Whom::People(people) };
        claims::book(site, actor, &plan).await?;
    }
    Ok(Settled { booked, short })
}
