//! When a lecture is complete, and when its course is: then the management platform is told. A course is complete when
//! all its lectures are; a quiz joins the condition once courses have one.
use base::{Result, SessionId};
use db::Tx;
use rules::learning::Session;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    store_completions,
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

/// Notes what the credited time completed, and enqueues the message in the same transaction.
pub(crate) async fn note(site: &Site, tx: &Tx, place: Place<'_>, session: &Session) -> Result<()> {
    if !session.is_complete() || session.total() == 0 {
        return Ok(());
    }
    let now = site.now();
    if !store_credits::complete(tx, place.learner, place.lecture, now).await? {
        return Ok(());
    }
    let course = catalogue::lecture(tx, place.lecture).await?.course;
    if store_credits::left(tx, place.learner, &course).await? > 0 {
        return Ok(());
    }
    let id: SessionId = site.new_id();
    if store_completions::insert(tx, id, place.learner, &course, now).await? {
        site.enqueue(tx, COMPLETION_JOB, &CompletionJob { completion_id: id.to_string() }).await?;
    }
    Ok(())
}
