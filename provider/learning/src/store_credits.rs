//! Statements on credited intervals and on how far each lecture is.
use base::{Instant, PersonId, Result, SessionId, day};
use db::{Conn, Tx, params};
use rules::learning::{Interval, Intervals};
use sea_orm::FromQueryResult;
use site::Site;

/// A credited part of a lecture: positions in milliseconds, and when it was credited.
#[derive(FromQueryResult)]
pub(crate) struct Credit {
    pub from_ms: i64,
    pub to_ms: i64,
    pub wall_to: i64,
}

/// Whose time in which lecture.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub learner: PersonId,
    pub lecture: &'a str,
    pub session: SessionId,
}

/// Stores what was credited, laid end to end from `since`: credited time never exceeds the time that passed.
pub(crate) async fn credit(
    site: &Site,
    tx: &Tx,
    place: Place<'_>,
    added: &Intervals,
    since: i64,
) -> Result<()> {
    let mut wall = since;
    let mut row = |i: &Interval| {
        let from = wall;
        wall += i.length();
        let id: SessionId = site.new_id();
        params![id, place.learner, place.lecture, place.session, i.from, i.to, from, wall]
    };
    let rows = added.as_slice().iter().map(&mut row).collect();
    let columns =
        ["id", "learner_id", "lecture_id", "session_id", "from_ms", "to_ms", "wall_from", "wall_to"];
    db::insert_rows(tx, "credited_intervals", &columns, rows, "").await?;
    Ok(())
}

/// Everything credited of a lecture, in the order of the film.
pub(crate) async fn credits(conn: &impl Conn, learner: PersonId, lecture: &str) -> Result<Vec<Credit>> {
    let sql = "SELECT from_ms, to_ms, wall_to FROM credited_intervals WHERE learner_id = $1 AND lecture_id = $2 \
               ORDER BY from_ms";
    db::all(conn, sql, params![learner, lecture]).await
}

/// The parts of a lecture as a set.
pub(crate) fn as_set(credits: &[Credit]) -> Intervals {
    credits.iter().filter_map(|c| Interval::new(c.from_ms, c.to_ms)).collect()
}

/// Where the learner is in the lecture.
pub(crate) async fn move_to(tx: &Tx, place: Place<'_>, position: i64, now: Instant) -> Result<()> {
    let sql = "INSERT INTO positions (learner_id, lecture_id, position_ms, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (learner_id, lecture_id) DO UPDATE SET position_ms = excluded.position_ms, at = excluded.at";
    db::execute(tx, sql, params![place.learner, place.lecture, position, now]).await?;
    Ok(())
}

/// Marks a lecture as complete; true the first time.
pub(crate) async fn complete(tx: &Tx, learner: PersonId, lecture: &str, now: Instant) -> Result<bool> {
    let sql = "UPDATE positions SET completed_at = $1 WHERE learner_id = $2 AND lecture_id = $3 AND completed_at IS NULL";
    Ok(db::execute(tx, sql, params![now, learner, lecture]).await? == 1)
}

/// How many lectures of the course are not complete yet.
pub(crate) async fn left(tx: &Tx, learner: PersonId, course: &str) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM lectures l WHERE l.course_id = $1 AND NOT EXISTS (SELECT 1 FROM positions p \
               WHERE p.lecture_id = l.id AND p.learner_id = $2 AND p.completed_at IS NOT NULL)";
    db::count(tx, sql, params![course, learner]).await
}

/// Where the learner stopped in a lecture; 0 where nothing was begun.
pub(crate) async fn position(conn: &impl Conn, learner: PersonId, lecture: &str) -> Result<i64> {
    let sql = "SELECT position_ms FROM positions WHERE learner_id = $1 AND lecture_id = $2";
    db::count(conn, sql, params![learner, lecture]).await
}

/// How far the learner is in one lecture.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Reached {
    pub lecture_id: String,
    pub covered_ms: i64,
    pub is_complete: bool,
    pub touched_at: i64,
}

/// How far the learner is in every lecture that was begun.
pub(crate) async fn reached(conn: &impl Conn, learner: PersonId) -> Result<Vec<Reached>> {
    let sql = "SELECT p.lecture_id, p.at AS touched_at, p.completed_at IS NOT NULL AS is_complete, \
               CAST(COALESCE(SUM(c.to_ms - c.from_ms), 0) AS BIGINT) AS covered_ms FROM positions p \
               LEFT JOIN credited_intervals c ON c.learner_id = p.learner_id AND c.lecture_id = p.lecture_id \
               WHERE p.learner_id = $1 GROUP BY p.lecture_id, p.at, p.completed_at";
    db::all(conn, sql, params![learner]).await
}

/// The contract's form of a stored instant.
pub(crate) fn moment(millis: i64) -> String {
    day::rfc3339(day::from_millis(millis))
}
