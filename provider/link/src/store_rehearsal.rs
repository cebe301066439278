//! Statements that make learners for rehearsals.
use base::{Instant, PersonId, Result, SessionId};
use db::{Tx, params};

/// A learner with a visit, as a rehearsal makes them.
pub(crate) struct Extra {
    pub learner: PersonId,
    pub visit: SessionId,
    pub token_hash: String,
}

pub(crate) async fn insert(tx: &Tx, extras: &[Extra], now: Instant) -> Result<()> {
    let learner = |e: &Extra| params![e.learner, format!("rehearsal-{}", e.learner), "rehearsal", now];
    let columns = ["id", "subject_id", "name", "seen_at"];
    db::insert_rows(tx, "learners", &columns, extras.iter().map(learner).collect(), "").await?;
    let visit = |e: &Extra| params![e.visit, e.token_hash, e.learner, now, now];
    let columns = ["id", "token_hash", "learner_id", "created_at", "last_operation_at"];
    db::insert_rows(tx, "visits", &columns, extras.iter().map(visit).collect(), "").await?;
    Ok(())
}
