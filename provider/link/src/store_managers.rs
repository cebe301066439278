//! Statements on those who look after the platform, and their invitations.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, params};

pub(crate) async fn invite(tx: &Tx, hash: &str, expires_at: i64) -> Result<()> {
    let sql = "INSERT INTO manager_invitations (token_hash, expires_at) VALUES ($1, $2)";
    db::execute(tx, sql, params![hash, expires_at]).await?;
    Ok(())
}

/// Whether the invitation is good still.
pub(crate) async fn is_open(conn: &impl Conn, hash: &str, now: Instant) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM manager_invitations WHERE token_hash = $1 AND used_by IS NULL AND expires_at > $2";
    Ok(db::count(conn, sql, params![hash, now]).await? == 1)
}

/// Spends an invitation; false where it is gone.
pub(crate) async fn spend(tx: &Tx, hash: &str, learner: PersonId, now: Instant) -> Result<bool> {
    let sql = "UPDATE manager_invitations SET used_by = $1 WHERE token_hash = $2 AND used_by IS NULL AND expires_at > $3";
    Ok(db::execute(tx, sql, params![learner, hash, now]).await? == 1)
}

/// Lets a learner who came in before look after the platform.
pub(crate) async fn appoint_learner(tx: &Tx, learner: PersonId, now: Instant) -> Result<()> {
    let sql = "INSERT INTO managers (subject_id, added_at) SELECT subject_id, CAST($2 AS BIGINT) FROM learners WHERE id = $1 \
               ON CONFLICT (subject_id) DO NOTHING";
    db::execute(tx, sql, params![learner, now]).await?;
    Ok(())
}

/// Lets someone look after the platform; false where they do already.
pub(crate) async fn appoint(tx: &Tx, subject: &str, now: Instant) -> Result<bool> {
    let sql =
        "INSERT INTO managers (subject_id, added_at) VALUES ($1, $2) ON CONFLICT (subject_id) DO NOTHING";
    Ok(db::execute(tx, sql, params![subject, now]).await? == 1)
}
