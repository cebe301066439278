//! The table of notes on completions that were answered `kept`, and every statement on it. A note is no record: it only lets
//! the learner see what was received, and is gone once the completion counts or is refused.
use base::{Instant, PersonId, Result};
use db::{Conn, params};

use crate::provider::ProviderId;

/// Of a person at a provider at most so many are noted; what comes beyond is answered all the same.
const MOST: i64 = 500;

/// What is noted.
pub(crate) struct Note<'a> {
    pub provider: ProviderId,
    /// The provider's id of the completion.
    pub id: &'a str,
    pub person: PersonId,
    pub course: &'a str,
    pub reason: &'static str,
    /// Milliseconds; none where the time could not be read.
    pub completed_at: Option<i64>,
}

/// Notes a completion, in place of an earlier note on it; it was received when it came first. What was decided meanwhile
/// is not noted.
pub(crate) async fn note(conn: &impl Conn, n: &Note<'_>, now: Instant) -> Result<()> {
    let sql = "INSERT INTO provider_kept (provider_id, completion_id, person_id, course, reason, completed_at, received_at) \
               SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), \
               CAST($6 AS BIGINT), CAST($7 AS BIGINT) \
               WHERE NOT EXISTS (SELECT 1 FROM completions WHERE provider_id = $1 AND completion_id = $2) \
               AND (EXISTS (SELECT 1 FROM provider_kept WHERE provider_id = $1 AND completion_id = $2) \
               OR (SELECT COUNT(*) FROM provider_kept WHERE provider_id = $1 AND person_id = $3) < CAST($8 AS BIGINT)) \
               ON CONFLICT (provider_id, completion_id) DO UPDATE SET person_id = excluded.person_id, \
               course = excluded.course, reason = excluded.reason, completed_at = excluded.completed_at";
    let values = params![n.provider, n.id, n.person, n.course, n.reason, n.completed_at, now, MOST];
    db::execute(conn, sql, values).await?;
    Ok(())
}

/// Forgets a completion that was decided.
pub(crate) async fn forget(conn: &impl Conn, provider: ProviderId, id: &str) -> Result<()> {
    let sql = "DELETE FROM provider_kept WHERE provider_id = $1 AND completion_id = $2";
    db::execute(conn, sql, params![provider, id]).await?;
    Ok(())
}

/// The provider is live again: what was kept meanwhile is its to send again.
pub(crate) async fn resumed(conn: &impl Conn, provider: ProviderId) -> Result<()> {
    let sql =
        "UPDATE provider_kept SET reason = 'resend' WHERE provider_id = $1 AND reason = 'provider_suspended'";
    db::execute(conn, sql, params![provider]).await?;
    Ok(())
}

/// A year, from its first instant to the next one's in milliseconds, has its policy: what waited for it is the providers' to
/// send again.
pub(crate) async fn published(conn: &impl Conn, (from, to): (i64, i64)) -> Result<()> {
    let sql = "UPDATE provider_kept SET reason = 'resend' WHERE reason = 'policy_not_published' \
               AND completed_at >= $1 AND completed_at < $2";
    db::execute(conn, sql, params![from, to]).await?;
    Ok(())
}
