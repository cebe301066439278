//! The table of waiting statements and every statement on it.
use base::{Instant, Result};
use db::{Conn, FromQueryResult, params};

use crate::provider::ProviderId;

/// A statement that waits.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Waiting {
    pub id: String,
    pub course: String,
    pub reason: String,
    /// The announcement, as JSON.
    pub announced: String,
}

pub(crate) async fn keep(conn: &impl Conn, provider: ProviderId, row: &Waiting, now: Instant) -> Result<()> {
    let sql = "INSERT INTO provider_waiting (provider_id, id, course, reason, announced, since) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (provider_id, id) DO UPDATE SET reason = excluded.reason";
    let values = params![provider, row.id, row.course, row.reason, row.announced, now];
    db::execute(conn, sql, values).await?;
    Ok(())
}

pub(crate) async fn forget(conn: &impl Conn, provider: ProviderId, id: &str) -> Result<()> {
    let sql = "DELETE FROM provider_waiting WHERE provider_id = $1 AND id = $2";
    db::execute(conn, sql, params![provider, id]).await?;
    Ok(())
}

/// Those that could be taken now, after an id: whose course is still unknown wait on.
pub(crate) async fn page(
    conn: &impl Conn,
    provider: ProviderId,
    after: &str,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let sql = "SELECT w.id, w.course, w.reason, w.announced FROM provider_waiting w \
               WHERE w.provider_id = $1 AND w.id > $2 AND (w.reason <> 'course_unknown' OR EXISTS \
               (SELECT 1 FROM provider_courses c WHERE c.provider_id = w.provider_id AND c.course = w.course)) \
               ORDER BY w.id LIMIT $3";
    db::all(conn, sql, params![provider, after, limit]).await
}

/// The providers with statements that wait for a year's policy.
pub(crate) async fn providers(conn: &impl Conn) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        provider_id: String,
    }
    let sql =
        "SELECT DISTINCT provider_id FROM provider_waiting WHERE reason = 'policy_not_published' LIMIT 1000";
    Ok(db::all::<Row>(conn, sql, vec![]).await?.into_iter().map(|r| r.provider_id).collect())
}
