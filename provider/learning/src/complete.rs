//! When a lecture is complete, and when its course is: then the management platform is told. A course is complete when
//! all its lectures are, and where it has a quiz, when that is passed and the learner has confirmed.
use base::{Instant, PersonId, Result, SessionId, day};
use db::Tx;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    enrol, store_completions,
    store_credits::{self, Place},
};

/// The kind of the job that tells the management platform.
pub const COMPLETION_JOB: &str = "link.completion";

/// Its payload.
#[derive(Debug, Serialize, Deserialize)]
pub struct CompletionJob {
    /// The completed course.
    pub completion_id: String,
}

/// Notes that a lecture is covered, and enqueues the message about its course in the same transaction.
pub(crate) async fn note(site: &Site, tx: &Tx, place: &Place) -> Result<()> {
    if !store_credits::complete(tx, place, site.now()).await? {
        return Ok(());
    }
    let course = catalogue::course(tx, &catalogue::lecture(tx, &place.lecture).await?.course).await?;
    let left = store_credits::left(tx, place.learner, &course.id, place.round).await?;
    if left > 0 || course.has_quiz() {
        return Ok(());
    }
    // What was handed in or granted later completes nothing whose money went back.
    if !enrol::is_held(tx, place.learner, &course, place.round).await? {
        return Ok(());
    }
    let round = (course.id.as_str(), place.round);
    let at = last_second(site, tx, place.learner, round).await?;
    finish(site, tx, place.learner, (round, at)).await
}

/// When the last second of a round was learned, which may be minutes before it was told: what was learned without a
/// network on 12-31 counts for that day's year.
pub(crate) async fn last_second(
    site: &Site,
    tx: &Tx,
    learner: PersonId,
    (course, round): (&str, i64),
) -> Result<Instant> {
    let last = store_credits::last(tx, learner, (course, round)).await?;
    Ok(last.map_or(site.now(), day::from_millis))
}

/// Records the course as completed at that moment and tells the management platform; once.
pub(crate) async fn finish(
    site: &Site,
    tx: &Tx,
    learner: PersonId,
    (round, at): ((&str, i64), Instant),
) -> Result<()> {
    let id: SessionId = site.new_id();
    if store_completions::insert(tx, id, learner, round, at).await? {
        site.enqueue(tx, COMPLETION_JOB, &CompletionJob { completion_id: id.to_string() }).await?;
    }
    Ok(())
}
