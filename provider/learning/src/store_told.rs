//! Statements on what the management platform was told and how it went: for its questions, and for who looks after the
//! platform.
use base::{Instant, Result};
use db::{Conn, Value, params};
use sea_orm::FromQueryResult;

/// A course of a learner as the management platform asks about it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Told {
    /// The completion's id; of one that is under way, its enrolment.
    pub id: String,
    /// The course.
    pub course: String,
    /// Its title.
    pub title: String,
    /// How many of its lectures are complete, in percent.
    pub percent: i64,
    /// When it was completed, in milliseconds.
    pub completed_at: Option<i64>,
    /// When it was sent last.
    pub sent_at: Option<i64>,
    /// `under_way`, `waiting`, `counted`, `kept` or `refused`.
    pub status: String,
    /// Why it does not count.
    pub reason: Option<String>,
}

/// The courses of a learner, by the id under which the management platform knows them.
pub async fn told(conn: &impl Conn, subject: &str) -> Result<Vec<Told>> {
    let completed = "SELECT d.id, d.course_id AS course, c.title, CAST(100 AS BIGINT) AS percent, d.completed_at, d.sent_at, \
        d.status, d.reason FROM course_completions d JOIN learners n ON n.id = d.learner_id \
        JOIN courses c ON c.id = d.course_id WHERE n.subject_id = $1";
    let lectures = "(SELECT COUNT(*) FROM lectures l WHERE l.course_id = e.course_id)";
    let done = "(SELECT COUNT(*) FROM completed_lectures k JOIN lectures l ON l.id = k.lecture_id \
        WHERE k.learner_id = e.learner_id AND k.round = e.round AND l.course_id = e.course_id)";
    let under_way = format!(
        "SELECT 'enrolment:' || e.course_id AS id, e.course_id AS course, c.title, \
         CAST(CASE WHEN {lectures} = 0 THEN 0 ELSE {done} * 99 / {lectures} END AS BIGINT) AS percent, \
         CAST(NULL AS BIGINT) AS completed_at, CAST(NULL AS BIGINT) AS sent_at, 'under_way' AS status, \
         CAST(NULL AS TEXT) AS reason FROM enrolments e JOIN learners n ON n.id = e.learner_id \
         JOIN courses c ON c.id = e.course_id WHERE n.subject_id = $1 AND NOT EXISTS (SELECT 1 FROM course_completions d \
         WHERE d.learner_id = e.learner_id AND d.course_id = e.course_id AND d.round = e.round)"
    );
    let sql = format!(
        "SELECT * FROM ({completed} UNION ALL {under_way}) x ORDER BY x.completed_at DESC, x.id LIMIT 500"
    );
    db::all(conn, &sql, params![subject]).await
}

/// Lets what a learner completed, and what may still count, be sent anew. What stands in the ledger and counts nothing beside
/// others there needs no sending: it counts by itself once they are taken back.
pub async fn resend(conn: &impl Conn, subject: &str) -> Result<u64> {
    let sql = "UPDATE course_completions SET status = 'waiting' WHERE status = 'kept' \
               AND COALESCE(reason, '') NOT IN ('duplicate_course', 'below_minimum') AND learner_id IN (SELECT id FROM learners WHERE subject_id = $1)";
    let again = db::execute(conn, sql, params![subject]).await?;
    let sql = "SELECT COUNT(*) FROM course_completions d JOIN learners n ON n.id = d.learner_id \
               WHERE n.subject_id = $1 AND d.status = 'waiting'";
    Ok(again.max(u64::try_from(db::count(conn, sql, params![subject]).await?).unwrap_or(0)))
}

/// Notes that completions were sent, and what went wrong, if anything did.
pub async fn sent(conn: &impl Conn, ids: &[String], error: &str, now: Instant) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE course_completions SET sent_at = $1, tries = tries + 1, last_error = $2 WHERE id IN ({})",
        db::in_list(3, ids.len())
    );
    let mut values: Vec<Value> = params![now, error];
    values.extend(ids.iter().map(|id| Value::from(id.as_str())));
    db::execute(conn, &sql, values).await?;
    Ok(())
}

/// A completion that did not become hours yet, or not at all.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Unsettled {
    /// Its id.
    pub id: String,
    /// The course's title.
    pub title: String,
    /// When it was completed, in milliseconds.
    pub completed_at: i64,
    /// When it was sent last.
    pub sent_at: Option<i64>,
    /// How often it was sent.
    pub tries: i64,
    /// What went wrong last.
    pub last_error: String,
    /// `waiting`, `kept` or `refused`.
    pub status: String,
    /// What the management platform said.
    pub reason: Option<String>,
}

/// Completions that are not counted, the oldest first.
pub async fn unsettled(conn: &impl Conn, limit: i64) -> Result<Vec<Unsettled>> {
    let sql = "SELECT d.id, c.title, d.completed_at, d.sent_at, d.tries, d.last_error, d.status, d.reason \
               FROM course_completions d JOIN courses c ON c.id = d.course_id WHERE d.status <> 'counted' \
               AND (d.status <> 'kept' OR COALESCE(d.reason, '') NOT IN ('duplicate_course', 'below_minimum')) ORDER BY d.completed_at, d.id LIMIT $1";
    db::all(conn, sql, params![limit]).await
}

/// Lets one completion that is not counted be sent anew; false where there is none.
pub async fn resend_one(conn: &impl Conn, id: &str) -> Result<bool> {
    let sql = "UPDATE course_completions SET status = 'waiting' WHERE id = $1 AND status <> 'counted'";
    Ok(db::execute(conn, sql, params![id]).await? == 1)
}

/// A completion of a month for the statement of account.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Billed {
    /// Its id.
    pub id: String,
    /// The course.
    pub course: String,
    /// Seconds of its lectures.
    pub seconds: i64,
    /// What was paid, in fen.
    pub fee: i64,
}

/// Completions of a span of time, in milliseconds, whatever the management platform said to them.
pub async fn billed(conn: &impl Conn, (from, to): (i64, i64)) -> Result<Vec<Billed>> {
    let sql = "SELECT d.id, d.course_id AS course, \
               CAST(COALESCE((SELECT SUM(l.seconds) FROM lectures l WHERE l.course_id = d.course_id), 0) AS BIGINT) AS seconds, \
               COALESCE((SELECT e.fee FROM enrolments e WHERE e.learner_id = d.learner_id AND e.course_id = d.course_id \
               AND e.round = d.round), 0) AS fee FROM course_completions d \
               WHERE d.completed_at >= $1 AND d.completed_at < $2 ORDER BY d.id LIMIT 50000";
    db::all(conn, sql, params![from, to]).await
}
