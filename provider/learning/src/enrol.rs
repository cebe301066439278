//! Enrolling in courses. A course is taken in rounds: once completed for a year it may be taken anew in a later one.
use base::{Error, Fen, Kind, PersonId, Result, SessionId};
use catalogue::Course;
use db::{Conn, Tx};
use site::Site;

use crate::{store as sessions, store_enrolments as store};

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
pub(crate) async fn round(site: &Site, learner: PersonId, course: &Course) -> Result<Option<i64>> {
    let latest = store::latest(&site.db, learner, &course.id).await?;
    let Some(round) = latest.filter(|r| !r.is_past(site.this_year())) else { return Ok(None) };
    Ok(is_held(&site.db, learner, course, round.round).await?.then_some(round.round))
}

/// Whether a round costs nothing, or is paid for and was not given back. A seat that a unit paid for costs its learner
/// nothing, and is given back all the same.
pub(crate) async fn is_held(
    conn: &impl Conn,
    learner: PersonId,
    course: &Course,
    round: i64,
) -> Result<bool> {
    Ok(course.free || orders::holds(conn, learner, &course.id, round).await?)
}

/// Refuses whoever no longer holds a round as newcomers are refused.
pub(crate) async fn check_held(
    conn: &impl Conn,
    learner: PersonId,
    course: &Course,
    round: i64,
) -> Result<()> {
    if is_held(conn, learner, course, round).await? {
        return Ok(());
    }
    Err(if course.is_offered() { unpaid(course) } else { withdrawn() })
}

/// Ends what is being learned of what a refund gives back; refuses where it was completed at that moment. A beat on its way
/// is written before the session ends, or finds it ended.
pub fn end_given_back<'a>(site: &'a Site, tx: &'a Tx, refund: &'a str) -> orders::Ending<'a> {
    Box::pin(async move {
        store::end_given_back(tx, refund, site.now()).await?;
        let is_completed = store::has_completed(tx, refund).await?;
        if is_completed { Err(Error::conflict("refund_too_late")) } else { Ok(()) }
    })
}

/// What is said to a session that has ended: that a newer one took its place, or that the money for its course went back.
pub(crate) async fn explained<T>(
    site: &Site,
    learner: PersonId,
    session: &str,
    said: Result<T>,
) -> Result<T> {
    if !matches!(&said, Err(Error::Refused(p)) if p.code == "superseded") {
        return said;
    }
    let session: SessionId = session.parse()?;
    let found = sessions::sessions(&site.db, &[session]).await?.pop();
    let Some((_, held)) = found.filter(|(_, held)| held.learner == learner) else { return said };
    let course = catalogue::lecture(&site.db, &held.lecture).await?.course;
    let course = catalogue::course(&site.db, &course).await?;
    check_held(&site.db, learner, &course, held.round).await?;
    said
}

/// The round that the learner is in; free and paid courses enrol at once. After a withdrawn course's last day nobody is.
pub(crate) async fn ensure(site: &Site, learner: PersonId, course: &Course) -> Result<i64> {
    if !course.is_open(site.now()) {
        return Err(withdrawn());
    }
    if let Some(round) = round(site, learner, course).await? {
        return Ok(round);
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
    if course.free || round(site, learner, course).await?.is_some() {
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
