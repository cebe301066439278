//! A completed course told by a statement of the cmi5 profile becomes what a completion becomes; its id is the statement's.
use base::Result;
use records::Announced;
use site::Site;

use crate::{
    complete::{self, Completion, Interval},
    store, waiting,
};

/// Handles the job of an announced statement.
pub(crate) async fn take(site: Site, job: Announced) -> Result<()> {
    let Some(told) = records::completed(&site, &site.db, &job).await? else { return Ok(()) };
    let provider = store::by_id(&site.db, told.provider.parse()?).await?;
    let course = store::provider_course(&site.db, provider.id, &told.course).await?;
    // A statement says how long one learned, not how long the course is; an unknown course has no length yet.
    let minutes = course.map_or(0, |c| u64::try_from(c.seconds / 60).unwrap_or(0));
    let interval = |(from, to)| Interval { from, to };
    let completion = Completion {
        id: format!("xapi:{}", told.id),
        subject_id: told.subject,
        course: told.course,
        minutes,
        started_at: told.started_at,
        completed_at: told.completed_at,
        intervals: told.intervals.into_iter().map(interval).collect(),
        fee: told.fee,
        wrong: told.wrong,
    };
    let outcome = complete::take_one(&site, &provider, &completion).await?;
    waiting::note(&site, (provider.id, &job), (&completion, &outcome)).await?;
    if !outcome.is_booked {
        tracing::info!(provider = %provider.name, id = %outcome.id, reason = ?outcome.reason, "a statement was not counted");
    }
    Ok(())
}
