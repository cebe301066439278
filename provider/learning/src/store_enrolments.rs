//! Statements on enrolments: one for each round in which a learner takes a course.
use base::{Fen, Instant, PersonId, Result, Year};
use db::{Conn, params};
use sea_orm::FromQueryResult;

/// The learner's latest round of a course.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(crate) struct Round {
    pub round: i64,
    /// What it cost, in fen.
    pub fee: i64,
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
    let sql = "SELECT e.round, e.fee, d.year AS completed_in FROM enrolments e LEFT JOIN course_completions d \
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
