//! Statements on credited intervals and on how far each lecture is.
use base::{Instant, PersonId, Result, SessionId, day};
use db::{Conn, Tx, params};
use rules::learning::{Interval, Intervals};
use sea_orm::FromQueryResult;
use site::Site;

use crate::run::Run;

/// A credited part of a lecture: positions in milliseconds, and when it was credited.
#[derive(FromQueryResult)]
pub(crate) struct Credit {
    pub from_ms: i64,
    pub to_ms: i64,
    pub wall_to: i64,
}

/// Whose time in which lecture.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub learner: PersonId,
    pub lecture: String,
    pub round: i64,
    pub session: SessionId,
}

/// Stores runs that have ended.
pub(crate) async fn end(site: &Site, tx: &Tx, runs: &[(&Place, Run)]) -> Result<()> {
    let row = |(place, run): &(&Place, Run)| {
        let id: SessionId = site.new_id();
        let Run { part, wall } = run;
        let Place { learner, lecture, round, session } = place;
        params![id, learner, lecture, round, session, part.from, part.to, wall.from, wall.to]
    };
    let columns =
        ["id", "learner_id", "lecture_id", "round", "session_id", "from_ms", "to_ms", "wall_from", "wall_to"];
    db::insert_rows_evenly(tx, ("ended_runs", &columns), runs.iter().map(row).collect(), "").await
}

/// Everything credited of a lecture in a round, in the order of the film.
pub(crate) async fn credits(
    conn: &impl Conn,
    learner: PersonId,
    lecture: &str,
    round: i64,
) -> Result<Vec<Credit>> {
    let sql = "SELECT from_ms, to_ms, wall_to FROM credited_intervals WHERE learner_id = $1 AND lecture_id = $2 \
               AND round = $3 ORDER BY from_ms";
    db::all(conn, sql, params![learner, lecture, round]).await
}

/// The parts of a lecture as a set.
pub(crate) fn as_set(credits: &[Credit]) -> Intervals {
    credits.iter().filter_map(|c| Interval::new(c.from_ms, c.to_ms)).collect()
}

/// Marks a lecture as complete; true the first time.
pub(crate) async fn complete(tx: &Tx, place: &Place, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO completed_lectures (learner_id, lecture_id, round, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (learner_id, lecture_id, round) DO NOTHING";
    let values = params![place.learner, place.lecture, place.round, now];
    Ok(db::execute(tx, sql, values).await? == 1)
}

/// How many lectures of the course are not complete yet.
pub(crate) async fn left(conn: &impl Conn, learner: PersonId, course: &str, round: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM lectures l WHERE l.course_id = $1 AND NOT EXISTS (SELECT 1 FROM completed_lectures c \
               WHERE c.lecture_id = l.id AND c.learner_id = $2 AND c.round = $3)";
    db::count(conn, sql, params![course, learner, round]).await
}

/// When the last credited second of a course was learned, in milliseconds.
pub(crate) async fn last(
    conn: &impl Conn,
    learner: PersonId,
    (course, round): (&str, i64),
) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct Last {
        at: Option<i64>,
    }
    let sql = "SELECT MAX(c.wall_to) AS at FROM credited_intervals c JOIN lectures l ON l.id = c.lecture_id \
               WHERE c.learner_id = $1 AND l.course_id = $2 AND c.round = $3";
    Ok(db::one::<Last>(conn, sql, params![learner, course, round]).await?.at)
}

/// How far the learner is in one lecture.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Reached {
    pub lecture_id: String,
    pub covered_ms: i64,
    pub is_complete: bool,
    pub touched_at: i64,
}

/// How far the learner is in every lecture that was begun in the present round.
pub(crate) async fn reached(conn: &impl Conn, learner: PersonId) -> Result<Vec<Reached>> {
    let sql = "SELECT s.lecture_id, MAX(s.touched_at) AS touched_at, \
               EXISTS (SELECT 1 FROM completed_lectures c WHERE c.learner_id = $1 AND c.lecture_id = s.lecture_id \
               AND c.round = s.round) AS is_complete, \
               CAST(COALESCE((SELECT SUM(i.to_ms - i.from_ms) FROM credited_intervals i WHERE i.learner_id = $1 \
               AND i.lecture_id = s.lecture_id AND i.round = s.round), 0) AS BIGINT) AS covered_ms \
               FROM learning_sessions s JOIN lectures l ON l.id = s.lecture_id WHERE s.learner_id = $1 AND s.last_seq > 0 \
               AND s.round = (SELECT MAX(e.round) FROM enrolments e WHERE e.learner_id = $1 AND e.course_id = l.course_id) \
               GROUP BY s.lecture_id, s.round";
    db::all(conn, sql, params![learner]).await
}

/// The contract's form of a stored instant.
pub(crate) fn moment(millis: i64) -> String {
    day::rfc3339(day::from_millis(millis))
}
