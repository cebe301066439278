//! Enrolling in courses. A course is taken in rounds: once completed for a year it may be taken anew in a later one.
use base::{Error, Fen, Kind, PersonId, Result};
use catalogue::Course;
use site::Site;

use crate::store_enrolments as store;

/// Enrols the learner; the same again changes nothing.
pub(crate) async fn enrol(site: &Site, learner: PersonId, course: &str) -> Result<Course> {
    let course = catalogue::course(&site.db, course).await?;
    ensure(site, learner, &course).await?;
    Ok(course)
}

/// The round that the learner is in; none before enrolling, or when the last one belongs to an earlier year.
pub(crate) async fn round(site: &Site, learner: PersonId, course: &str) -> Result<Option<i64>> {
    let latest = store::latest(&site.db, learner, course).await?;
    Ok(latest.filter(|r| !r.is_past(site.this_year())).map(|r| r.round))
}

/// The round that the learner is in; free courses enrol at once.
pub(crate) async fn ensure(site: &Site, learner: PersonId, course: &Course) -> Result<i64> {
    let latest = store::latest(&site.db, learner, &course.id).await?;
    if let Some(under_way) = latest.filter(|r| !r.is_past(site.this_year())) {
        return if course.is_open(site.now()) { Ok(under_way.round) } else { Err(withdrawn()) };
    }
    if !course.is_offered() {
        return Err(withdrawn());
    }
    if !course.free {
        let refusal = Error::refused(Kind::Unpaid, "payment_required");
        return Err(refusal
            .with("price", course.price.to_string().into())
            .with("order", serde_json::Value::Null));
    }
    let round = latest.map_or(1, |r| r.round + 1);
    store::insert(&site.db, learner, (&course.id, round), Fen::ZERO, site.now()).await?;
    Ok(round)
}

/// The course is no longer taught.
pub(crate) fn withdrawn() -> Error {
    Error::refused(Kind::Gone, "course_withdrawn")
}
