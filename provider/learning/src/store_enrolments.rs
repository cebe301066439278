//! Statements on enrolments: one for each round in which a learner takes a course.
use base::{Fen, Instant, PersonId, Result, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// The learner's latest round of a course.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(crate) struct Round {
    pub round: i64,
    /// The year it was completed for.
    pub completed_in: Option<i64>,
}

impl Round {
    /// Whether it was completed for an earlier year, so that the course may be taken anew.
    pub fn is_past(self, this_year: Year) -> bool {
        self.completed_in.is_some_and(|year| year < i64::from(this_year.number()))
    }
}

pub(crate) async fn latest(conn: &impl Conn, learner: PersonId, course: &str) -> Result<Option<Round>> {
    let sql = "SELECT e.round, d.year AS completed_in FROM enrolments e LEFT JOIN course_completions d \
               ON d.learner_id = e.learner_id AND d.course_id = e.course_id AND d.round = e.round \
               WHERE e.learner_id = $1 AND e.course_id = $2 ORDER BY e.round DESC LIMIT 1";
    db::maybe(conn, sql, params![learner, course]).await
}

/// Enrols; doing it again changes nothing.
pub(crate) async fn insert(
    conn: &impl Conn,
    learner: PersonId,
    (course, round): (&str, i64),
    fee: Fen,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO enrolments (learner_id, course_id, round, at, fee) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (learner_id, course_id, round) DO NOTHING";
    db::execute(conn, sql, params![learner, course, round, now, fee]).await?;
    Ok(())
}

/// The learner's courses, the latest enrolment first.
pub(crate) async fn courses(conn: &impl Conn, learner: PersonId) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Enrolment {
        course_id: String,
    }
    let sql = "SELECT course_id FROM enrolments WHERE learner_id = $1 GROUP BY course_id \
               ORDER BY MAX(at) DESC, course_id";
    let rows = db::all::<Enrolment>(conn, sql, params![learner]).await?;
    Ok(rows.into_iter().map(|r| r.course_id).collect())
}

/// The rounds that a refund gives back: of whoever bought them, or has a seat in them.
const GIVEN_BACK: &str = "SELECT i.learner_id, i.course_id, i.round FROM refunds r JOIN payments p ON p.id = r.payment_id \
    JOIN order_items i ON i.order_id = p.order_id WHERE r.id = $1 AND i.refund_id = r.id AND i.round IS NOT NULL \
    UNION SELECT s.learner_id, s.course_id, s.round FROM refunds r JOIN payments p ON p.id = r.payment_id \
    JOIN order_items i ON i.order_id = p.order_id JOIN order_seats s ON s.order_id = i.order_id \
    AND s.course_id = i.course_id WHERE r.id = $1 AND (s.refund_id = r.id OR i.refund_id = r.id) AND s.round IS NOT NULL";

/// Ends the open sessions of what a refund gives back.
pub(crate) async fn end_given_back(tx: &Tx, refund: &str, now: Instant) -> Result<()> {
    let sql = format!(
        "UPDATE learning_sessions SET ended_at = $2, version = version + 1 WHERE ended_at IS NULL AND id IN \
         (SELECT s.id FROM ({GIVEN_BACK}) g JOIN lectures l ON l.course_id = g.course_id JOIN learning_sessions s \
         ON s.learner_id = g.learner_id AND s.lecture_id = l.id AND s.round = g.round WHERE s.ended_at IS NULL)"
    );
    db::execute(tx, &sql, params![refund, now]).await?;
    Ok(())
}

/// Whether something of what a refund gives back is completed.
pub(crate) async fn has_completed(tx: &Tx, refund: &str) -> Result<bool> {
    let sql = format!(
        "SELECT COUNT(*) FROM course_completions d JOIN ({GIVEN_BACK}) g ON g.learner_id = d.learner_id \
         AND g.course_id = d.course_id AND g.round = d.round"
    );
    Ok(db::count(tx, &sql, params![refund]).await? > 0)
}
