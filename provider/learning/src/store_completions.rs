//! Statements on completed courses: what the management platform is told, and what it answered.
use std::collections::HashMap;

use base::{Fen, Instant, PersonId, Result, SessionId, Year, day};
use db::{Conn, Tx, Value, params};
use sea_orm::FromQueryResult;

/// A stretch of learning by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// A completed course, ready to be told.
#[derive(Clone, Debug)]
pub struct Completion {
    /// Its id.
    pub id: String,
    /// The learner as the management platform names them.
    pub subject_id: String,
    /// The course.
    pub course: String,
    /// Whole minutes of the course.
    pub minutes: i64,
    /// When learning began.
    pub started_at: Instant,
    /// When the last lecture was complete.
    pub completed_at: Instant,
    /// When learning went on.
    pub intervals: Vec<Stretch>,
    /// What the learner paid.
    pub fee: Fen,
}

/// What the management platform said about one completion.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which.
    pub id: String,
    /// `counted`, `kept` or `refused`.
    pub status: String,
    /// Why it does not count.
    pub reason: Option<String>,
}

/// Records a course completed at that moment; false where it was recorded before.
pub(crate) async fn insert(
    tx: &Tx,
    id: SessionId,
    learner: PersonId,
    (course, round): (&str, i64),
    at: Instant,
) -> Result<bool> {
    let sql = "INSERT INTO course_completions (id, learner_id, course_id, round, year, started_at, completed_at, status) \
               SELECT $1, $2, $3, CAST($6 AS BIGINT), CAST($4 AS BIGINT), COALESCE(MIN(c.wall_from), CAST($5 AS BIGINT)), \
               CAST($5 AS BIGINT), 'waiting' FROM credited_intervals c JOIN lectures l ON l.id = c.lecture_id \
               WHERE c.learner_id = $2 AND l.course_id = $3 AND c.round = $6 \
               ON CONFLICT (learner_id, course_id, year) DO NOTHING";
    let values = params![id, learner, course, Year::at(at), at, round];
    Ok(db::execute(tx, sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    subject_id: String,
    course_id: String,
    started_at: i64,
    completed_at: i64,
    seconds: i64,
    fee: i64,
}

#[derive(FromQueryResult)]
struct Wall {
    id: String,
    wall_from: i64,
    wall_to: i64,
}

/// Completions without an answer, the oldest first: one by its id, or up to 100.
pub async fn waiting(conn: &impl Conn, id: Option<&str>) -> Result<Vec<Completion>> {
    let (which, values) = match id {
        Some(id) => ("AND d.id = $1", params![id]),
        None => ("", vec![]),
    };
    let chosen = format!(
        "SELECT d.id FROM course_completions d WHERE d.status = 'waiting' {which} ORDER BY d.completed_at, d.id LIMIT 100"
    );
    let sql = format!(
        "SELECT d.id, n.subject_id, d.course_id, d.started_at, d.completed_at, \
         CAST((SELECT SUM(l.seconds) FROM lectures l WHERE l.course_id = d.course_id) AS BIGINT) AS seconds, \
         COALESCE((SELECT e.fee FROM enrolments e WHERE e.learner_id = d.learner_id AND e.course_id = d.course_id \
         AND e.round = d.round), 0) AS fee \
         FROM course_completions d JOIN learners n ON n.id = d.learner_id WHERE d.id IN ({chosen}) \
         ORDER BY d.completed_at, d.id"
    );
    let rows = db::all::<Row>(conn, &sql, values.clone()).await?;
    let sql = format!(
        "SELECT d.id, c.wall_from, c.wall_to FROM course_completions d JOIN lectures l ON l.course_id = d.course_id \
         JOIN credited_intervals c ON c.lecture_id = l.id AND c.learner_id = d.learner_id AND c.round = d.round \
         WHERE d.id IN ({chosen}) AND c.wall_to <= d.completed_at ORDER BY c.wall_from"
    );
    let mut stretches: HashMap<String, Vec<Stretch>> = HashMap::new();
    for wall in db::all::<Wall>(conn, &sql, values).await? {
        join(stretches.entry(wall.id).or_default(), wall.wall_from, wall.wall_to);
    }
    Ok(rows.into_iter().map(|row| completion(stretches.remove(&row.id).unwrap_or_default(), row)).collect())
}

fn completion(intervals: Vec<Stretch>, row: Row) -> Completion {
    Completion {
        id: row.id,
        subject_id: row.subject_id,
        course: row.course_id,
        minutes: row.seconds / 60,
        started_at: day::from_millis(row.started_at),
        completed_at: day::from_millis(row.completed_at),
        intervals,
        fee: Fen::new(row.fee),
    }
}

/// Beats follow each other closely; what lies less than a second apart is one stretch.
fn join(stretches: &mut Vec<Stretch>, from: i64, to: i64) {
    match stretches.last_mut() {
        Some(last) if from - day::millis(last.to) < 1000 => last.to = last.to.max(day::from_millis(to)),
        _ => stretches.push(Stretch { from: day::from_millis(from), to: day::from_millis(to) }),
    }
}

/// Whether completions older than the instant have no answer yet.
pub async fn has_waiting(conn: &impl Conn, before: Instant) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM course_completions WHERE status = 'waiting' AND completed_at <= $1";
    Ok(db::count(conn, sql, params![before]).await? > 0)
}

/// Writes down what the management platform answered.
pub async fn answered(conn: &impl Conn, answers: &[Answer], now: Instant) -> Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let marks: Vec<String> =
        (0..answers.len()).map(|n| format!("(${}, ${}, ${})", n * 3 + 2, n * 3 + 3, n * 3 + 4)).collect();
    let sql = format!(
        "UPDATE course_completions SET status = v.column2, reason = v.column3, answered_at = $1 \
         FROM (VALUES {}) AS v WHERE course_completions.id = v.column1",
        marks.join(", ")
    );
    let mut values: Vec<Value> = params![now];
    values.extend(answers.iter().flat_map(|a| params![a.id, a.status, a.reason]));
    db::execute(conn, &sql, values).await?;
    Ok(())
}

/// A completed course as its learner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Done {
    pub course_id: String,
    pub round: i64,
    pub year: i64,
    pub completed_at: i64,
    pub status: String,
    pub reason: Option<String>,
    pub confirmed_at: Option<i64>,
}

/// Writes down that the learner confirmed a completed course; once.
pub(crate) async fn confirm(
    tx: &Tx,
    learner: PersonId,
    (course, round): (&str, i64),
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE course_completions SET confirmed_at = COALESCE(confirmed_at, $1) WHERE learner_id = $2 \
               AND course_id = $3 AND round = $4";
    db::execute(tx, sql, params![now, learner, course, round]).await?;
    Ok(())
}

/// Whether the learner's latest completion of a course is confirmed; none where there is none.
pub(crate) async fn confirmed(conn: &impl Conn, learner: PersonId, course: &str) -> Result<Option<bool>> {
    #[derive(FromQueryResult)]
    struct Confirmed {
        confirmed_at: Option<i64>,
    }
    let sql = "SELECT confirmed_at FROM course_completions WHERE learner_id = $1 AND course_id = $2 ORDER BY round DESC LIMIT 1";
    let found = db::maybe::<Confirmed>(conn, sql, params![learner, course]).await?;
    Ok(found.map(|c| c.confirmed_at.is_some()))
}

/// The learner's completed courses, the latest first.
pub(crate) async fn of_learner(conn: &impl Conn, learner: PersonId) -> Result<Vec<Done>> {
    let sql = "SELECT course_id, round, year, completed_at, status, reason, confirmed_at FROM course_completions WHERE learner_id = $1 \
               ORDER BY completed_at DESC, id";
    db::all(conn, sql, params![learner]).await
}
