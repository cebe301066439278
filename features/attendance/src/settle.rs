//! Booking the hours of a training for those who stayed: each gets the whole half days of the stay, never more time than
//! passed. Bookings go through `claims`, so the same training counts once and overlaps are seen there.
use base::{Actor, Error, Hours, Period, PersonId, Result, day};
use claims::{Plan, RowState, Whom};
use rules::{Days, attendance, learning::Interval};
use site::Site;

use crate::{
    plan::{self, Attendance},
    store::{self, Mark},
};

/// What a mark is worth.
pub(crate) fn worth((a, hours_per_day): (&Attendance, Hours), m: &Mark) -> Days {
    attendance::worth(attendance::stay(m.in_at, m.out_at, a.span()), a.days, hours_per_day)
}

/// Whose stay is worth half a day, and when it was.
fn stayed(of: (&Attendance, Hours), m: &Mark) -> Result<Option<(PersonId, Interval)>> {
    let (from, to) = of.0.span();
    let stay = m.out_at.and_then(|out| Interval::new(m.in_at.max(from), out.min(to)));
    let Some(stay) = stay.filter(|_| worth(of, m) > Days::ZERO) else { return Ok(None) };
    Ok(Some((m.person_id.parse()?, stay)))
}

/// What became of the marks.
#[derive(Default)]
pub(crate) struct Settled {
    /// Who was booked.
    pub booked: usize,
    /// Who stayed too short.
    pub short: usize,
    /// Who learned something else at the time.
    pub overlap: usize,
}

/// Books the training once it is over.
pub(crate) async fn settle(site: &Site, actor: &Actor, id: &str) -> Result<Settled> {
    let found = plan::own(site, actor, id).await?;
    if site.now() < found.to {
        return Err(Error::conflict("attendance_not_over"));
    }
    let hours_per_day = found.hours_per_day(&site.db).await?;
    let marks = store::marks(&site.db, id).await?;
    let stays = marks.iter().map(|m| stayed((&found, hours_per_day), m)).collect::<Result<Vec<_>>>()?;
    let stays: Vec<(PersonId, Interval)> = stays.into_iter().flatten().collect();
    let short = marks.len() - stays.len();
    if stays.is_empty() {
        return Ok(Settled { short, ..Settled::default() });
    }
    let on = day::day_of(found.from);
    let period = Period::new(on, on).ok_or_else(|| Error::internal("a day that is none"))?;
    let (title, days, subject) = (found.title, found.days, found.subject);
    let plan = Plan { title, period, days, subject, whom: Whom::Stays(stays) };
    let booking = claims::book(site, actor, &plan).await?;
    let count = |states: &[RowState]| booking.rows.iter().filter(|r| states.contains(&r.state)).count();
    let booked = count(&[RowState::Credited, RowState::Waiting]);
    Ok(Settled { booked, short, overlap: count(&[RowState::Overlap]) })
}
