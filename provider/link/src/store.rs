//! Statements on learners and their visits.
use base::{Instant, PersonId, Result, SessionId};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::openid::Person;

/// A visit with its learner.
#[derive(FromQueryResult)]
pub(crate) struct Visit {
    pub id: String,
    pub learner_id: String,
    pub created_at: i64,
    pub last_operation_at: i64,
    pub ended_at: Option<i64>,
    pub name: String,
    pub is_manager: bool,
}

/// Finds the learner of a subject id, or makes one under `id`; name and office are what was just told.
pub(crate) async fn welcome(tx: &Tx, id: PersonId, person: &Person, now: Instant) -> Result<PersonId> {
    #[derive(FromQueryResult)]
    struct Learner {
        id: String,
    }
    let sql = "INSERT INTO learners (id, subject_id, name, seen_at, operator) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (subject_id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at, \
               operator = excluded.operator RETURNING id";
    let values = params![id, person.subject, person.name, now, person.is_operator];
    db::one::<Learner>(tx, sql, values).await?.id.parse()
}

/// Whether the management platform named the learner as one who looks after this platform.
pub(crate) async fn is_operator(conn: &impl Conn, learner: PersonId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM learners WHERE id = $1 AND operator";
    Ok(db::count(conn, sql, params![learner]).await? == 1)
}

/// Keeps the nonce of a question; false when it was used before.
pub(crate) async fn use_nonce(conn: &impl Conn, nonce: &str, now: Instant) -> Result<bool> {
    const KEPT_MS: i64 = 20 * 60_000;
    let old = base::day::millis(now) - KEPT_MS;
    db::execute(conn, "DELETE FROM hub_nonces WHERE at < $1", params![old]).await?;
    let sql = "INSERT INTO hub_nonces (nonce, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(db::execute(conn, sql, params![nonce, now]).await? == 1)
}

/// Keeps what the management platform answered to a month's statement.
pub(crate) async fn keep_account(conn: &impl Conn, month: &str, answer: &str, now: Instant) -> Result<()> {
    let sql = "INSERT INTO hub_accounts (month, answer, at) VALUES ($1, $2, $3) \
               ON CONFLICT (month) DO UPDATE SET answer = excluded.answer, at = excluded.at";
    db::execute(conn, sql, params![month, answer, now]).await?;
    Ok(())
}

/// A month's answer and when it came.
pub(crate) async fn account(conn: &impl Conn, month: &str) -> Result<Option<(String, i64)>> {
    #[derive(FromQueryResult)]
    struct Kept {
        answer: String,
        at: i64,
    }
    let sql = "SELECT answer, at FROM hub_accounts WHERE month = $1";
    Ok(db::maybe::<Kept>(conn, sql, params![month]).await?.map(|k| (k.answer, k.at)))
}

/// How the management platform names a learner.
pub(crate) async fn subject(conn: &impl Conn, learner: PersonId) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Subject {
        subject_id: String,
    }
    let sql = "SELECT subject_id FROM learners WHERE id = $1";
    Ok(db::one::<Subject>(conn, sql, params![learner]).await?.subject_id)
}

pub(crate) async fn open_visit(
    tx: &Tx,
    id: SessionId,
    (learner, token_hash, sid): (PersonId, &str, &str),
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO visits (id, token_hash, learner_id, sid, created_at, last_operation_at) \
               VALUES ($1, $2, $3, $4, $5, $5)";
    db::execute(tx, sql, params![id, token_hash, learner, sid, now]).await?;
    Ok(())
}

pub(crate) async fn visit(conn: &impl Conn, token_hash: &str) -> Result<Option<Visit>> {
    let sql = "SELECT v.id, v.learner_id, v.created_at, v.last_operation_at, v.ended_at, l.name, \
               (l.operator OR EXISTS (SELECT 1 FROM managers m WHERE m.subject_id = l.subject_id)) AS is_manager \
               FROM visits v JOIN learners l ON l.id = v.learner_id WHERE v.token_hash = $1";
    db::maybe(conn, sql, params![token_hash]).await
}

/// Puts off the end of a living visit; false where it has ended.
pub(crate) async fn touch(conn: &impl Conn, visit: &str, now: i64) -> Result<bool> {
    let sql = "UPDATE visits SET last_operation_at = $1 WHERE id = $2 AND ended_at IS NULL";
    Ok(db::execute(conn, sql, params![now, visit]).await? == 1)
}

pub(crate) async fn end_visit(conn: &impl Conn, visit: SessionId, now: Instant) -> Result<()> {
    let sql = "UPDATE visits SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    db::execute(conn, sql, params![now, visit]).await?;
    Ok(())
}

/// Ends the visits of a learner, of one session at the management platform or of all.
pub(crate) async fn end_visits(tx: &Tx, subject: &str, sid: Option<&str>, now: Instant) -> Result<u64> {
    let sql = "UPDATE visits SET ended_at = $1 WHERE ended_at IS NULL AND ($3 = '' OR sid = $3) \
               AND learner_id IN (SELECT id FROM learners WHERE subject_id = $2)";
    db::execute(tx, sql, params![now, subject, sid.unwrap_or_default()]).await
}

/// The visits that ended at an instant or later.
pub(crate) async fn ended_visits(conn: &impl Conn, since: Instant) -> Result<Vec<SessionId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
    }
    let rows: Vec<Row> = db::all(conn, "SELECT id FROM visits WHERE ended_at >= $1", params![since]).await?;
    rows.iter().map(|row| row.id.parse()).collect()
}

/// Keeps a logout token's id; false when it was obeyed before.
pub(crate) async fn use_logout_token(tx: &Tx, jti: &str, now: Instant) -> Result<bool> {
    const KEPT_MS: i64 = 24 * 3_600_000;
    let old = base::day::millis(now) - KEPT_MS;
    db::execute(tx, "DELETE FROM logout_tokens WHERE at < $1", params![old]).await?;
    let sql = "INSERT INTO logout_tokens (jti, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(db::execute(tx, sql, params![jti, now]).await? == 1)
}
