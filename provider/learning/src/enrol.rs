//! Enrolling in courses. A course is taken in rounds: once completed for a year it may be taken anew in a later one.
use base::{Error, Fen, Kind, PersonId, Result};
use catalogue::Course;
use site::Site;

use crate::store_enrolments as store;

/// Enrols the learner; the same again changes nothing. A course that costs is put into an order and refused until paid.
pub(crate) async fn enrol(site: &Site, learner: PersonId, course: &str) -> Result<Course> {
    let course = catalogue::course(&site.db, course).await?;
    match ensure(site, learner, &course).await {
        Err(Error::Refused(p)) if p.kind == Kind::Unpaid => {
            let order = orders::place(site, learner, &course).await?;
            Err(unpaid(&course).with("order", serde_json::json!(orders::summary(&order))))
        }
        Err(error) => Err(error),
        Ok(_) => Ok(course),
    }
}

/// The round that the learner is in; none before enrolling, when the last one belongs to an earlier year, or when the
/// money for it was given back.
pub(crate) async fn round(site: &Site, learner: PersonId, course: &str) -> Result<Option<i64>> {
    let latest = store::latest(&site.db, learner, course).await?;
    let Some(round) = latest.filter(|r| !r.is_past(site.this_year())) else { return Ok(None) };
    let is_held = round.fee == 0 || orders::holds(&site.db, learner, course, round.round).await?;
    Ok(is_held.then_some(round.round))
}

/// The round that the learner is in; free and paid courses enrol at once.
pub(crate) async fn ensure(site: &Site, learner: PersonId, course: &Course) -> Result<i64> {
    if let Some(round) = round(site, learner, &course.id).await? {
        return if course.is_open(site.now()) { Ok(round) } else { Err(withdrawn()) };
    }
    let tx = site.db.begin().await?;
    let round = store::latest(&tx, learner, &course.id).await?.map_or(1, |r| r.round + 1);
    let fee = match orders::entitle(&tx, learner, &course.id, round).await? {
        Some(fee) => fee,
        None if !course.is_offered() => return Err(withdrawn()),
        None if course.free => Fen::ZERO,
        None => return Err(unpaid(course)),
    };
    store::insert(&tx, learner, (&course.id, round), fee, site.now()).await?;
    tx.commit().await?;
    Ok(round)
}

/// Who is shown a course's films: whoever is enrolled, and anyone signed in where it costs nothing.
pub(crate) async fn may_watch(site: &Site, learner: PersonId, course: &Course) -> Result<()> {
    if course.free || round(site, learner, &course.id).await?.is_some() {
        return Ok(());
    }
    Err(unpaid(course))
}

fn unpaid(course: &Course) -> Error {
    Error::refused(Kind::Unpaid, "payment_required").with("price", course.price.to_string().into())
}

/// The course is no longer taught.
pub(crate) fn withdrawn() -> Error {
    Error::refused(Kind::Gone, "course_withdrawn")
}
