//! Statements on time that was not credited and on what happened in sessions.
use base::{PersonId, Result, SessionId};
use db::{Conn, Tx, params};
use rules::learning::{Interval, Intervals};
use sea_orm::FromQueryResult;
use site::Site;

use crate::store_credits::Place;

/// A stretch that was told and not credited.
#[derive(Clone, Debug)]
pub(crate) struct NewRefusal {
    pub seq: i64,
    pub reason: String,
    /// How much was refused, in milliseconds.
    pub time: i64,
    /// The positions it speaks of.
    pub part: (i64, i64),
    /// The time in which nothing was credited.
    pub wall: (i64, i64),
}

/// Something that happened in a session and is no beat.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    pub session: SessionId,
    pub kind: &'static str,
    pub detail: String,
    pub at: i64,
}

/// A refused stretch as it is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Refusal {
    pub id: String,
    pub lecture_id: String,
    pub round: i64,
    pub session_id: String,
    pub seq: i64,
    pub reason: String,
    pub time_ms: i64,
    pub from_ms: i64,
    pub to_ms: i64,
    pub wall_from: i64,
    pub wall_to: i64,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Event {
    pub kind: String,
    pub detail: String,
    pub at: i64,
}

const REFUSAL: &str = "SELECT id, lecture_id, round, session_id, seq, reason, time_ms, from_ms, to_ms, wall_from, wall_to \
                       FROM refused_stretches";

/// Stores what was refused.
pub(crate) async fn refuse(site: &Site, tx: &Tx, refused: &[(&Place, &NewRefusal)]) -> Result<()> {
    let row = |(place, r): &(&Place, &NewRefusal)| {
        let id: SessionId = site.new_id();
        let (learner, session) = (place.learner, place.session);
        let ((from, to), (wall_from, wall_to)) = (r.part, r.wall);
        params![
            id,
            learner,
            place.lecture,
            place.round,
            session,
            r.seq,
            r.reason,
            r.time,
            from,
            to,
            wall_from,
            wall_to
        ]
    };
    let columns = [
        "id",
        "learner_id",
        "lecture_id",
        "round",
        "session_id",
        "seq",
        "reason",
        "time_ms",
        "from_ms",
        "to_ms",
        "wall_from",
        "wall_to",
    ];
    db::insert_rows_evenly(tx, ("refused_stretches", &columns), refused.iter().map(row).collect(), "").await
}

/// Stores what happened.
pub(crate) async fn note(site: &Site, tx: &Tx, events: &[NewEvent]) -> Result<()> {
    let row = |e: &NewEvent| {
        let id: SessionId = site.new_id();
        params![id, e.session, e.kind, e.detail, e.at]
    };
    let columns = ["id", "session_id", "kind", "detail", "at"];
    db::insert_rows_evenly(tx, ("session_events", &columns), events.iter().map(row).collect(), "").await
}

/// The learner's refused stretches since an instant, the latest first.
pub(crate) async fn of_learner(
    conn: &impl Conn,
    learner: PersonId,
    since: i64,
    limit: i64,
) -> Result<Vec<Refusal>> {
    let sql =
        format!("{REFUSAL} WHERE learner_id = $1 AND wall_to >= $2 ORDER BY wall_to DESC, id DESC LIMIT $3");
    db::all(conn, &sql, params![learner, since, limit]).await
}

/// One refused stretch of the learner.
pub(crate) async fn one(conn: &impl Conn, learner: PersonId, id: SessionId) -> Result<Refusal> {
    let sql = format!("{REFUSAL} WHERE learner_id = $1 AND id = $2");
    db::one(conn, &sql, params![learner, id]).await
}

/// What else was refused in the session around a time.
pub(crate) async fn around(conn: &impl Conn, session: &str, (from, to): (i64, i64)) -> Result<Vec<Refusal>> {
    let sql = format!(
        "{REFUSAL} WHERE session_id = $1 AND wall_to >= $2 AND wall_from <= $3 ORDER BY wall_from, id LIMIT 500"
    );
    db::all(conn, &sql, params![session, from, to]).await
}

/// What happened in the session around a time.
pub(crate) async fn events(conn: &impl Conn, session: &str, (from, to): (i64, i64)) -> Result<Vec<Event>> {
    let sql = "SELECT kind, detail, at FROM session_events WHERE session_id = $1 AND at >= $2 AND at <= $3 \
               ORDER BY at, id LIMIT 500";
    db::all(conn, sql, params![session, from, to]).await
}

/// A stretch of the wall clock in which the learner was credited, with the part of the lecture.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Credited {
    pub lecture_id: String,
    pub from_ms: i64,
    pub to_ms: i64,
    pub wall_from: i64,
    pub wall_to: i64,
}

/// What the learner was credited, of whatever lecture, around a time.
pub(crate) async fn credited(
    conn: &impl Conn,
    learner: PersonId,
    (from, to): (i64, i64),
) -> Result<Vec<Credited>> {
    let sql = "SELECT lecture_id, from_ms, to_ms, wall_from, wall_to FROM credited_intervals WHERE learner_id = $1 \
               AND wall_to >= $2 AND wall_from <= $3 ORDER BY wall_from LIMIT 2000";
    db::all(conn, sql, params![learner, from, to]).await
}

/// The moments of a stretch in which the learner was credited nothing anywhere at this platform.
pub(crate) fn free(credited: &[Credited], (from, to): (i64, i64)) -> Intervals {
    let taken: Intervals = credited.iter().filter_map(|c| Interval::new(c.wall_from, c.wall_to)).collect();
    Interval::new(from, to).map(|whole| taken.missing(whole)).unwrap_or_default()
}

/// When the session was opened and ended.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Span {
    pub opened_at: i64,
    pub ended_at: Option<i64>,
}

/// The session's span.
pub(crate) async fn span(conn: &impl Conn, session: &str) -> Result<Span> {
    let sql = "SELECT opened_at, ended_at FROM learning_sessions WHERE id = $1";
    db::one(conn, sql, params![session]).await
}
