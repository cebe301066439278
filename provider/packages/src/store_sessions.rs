//! Statements on the sessions of cmi5 units.
use base::{Instant, Result, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    Ticket,
    ticket::VALID_MS,
    unit_session::{End, Session},
};

#[derive(FromQueryResult)]
struct Row {
    id: String,
    item: String,
    terminated_at: Option<i64>,
    ended_at: Option<i64>,
}

impl From<Row> for Session {
    fn from(r: Row) -> Self {
        let end = r.terminated_at.zip(r.ended_at).map(|(heard, at)| End { heard, at });
        Self { id: r.id, item: r.item, end }
    }
}

const SESSION: &str = "SELECT id, item, terminated_at, ended_at FROM unit_sessions WHERE id = $1 AND learner_id = $2 \
                       AND lecture_id = $3 AND round = $4";

/// Begins a session; false where it has begun before. Sessions whose tickets are over are forgotten.
pub(crate) async fn begin(tx: &Tx, ticket: &Ticket, (id, item): (&str, &str), now: Instant) -> Result<bool> {
    let sql = "DELETE FROM unit_sessions WHERE learner_id = $1 AND lecture_id = $2 AND round = $3 AND fetched_at < $4";
    let over = day::millis(now) - VALID_MS;
    db::execute(tx, sql, params![ticket.learner, ticket.lecture, ticket.round, over]).await?;
    let sql = "INSERT INTO unit_sessions (id, learner_id, lecture_id, round, item, fetched_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    let values = params![id, ticket.learner, ticket.lecture, ticket.round, item, now];
    Ok(db::execute(tx, sql, values).await? == 1)
}

pub(crate) async fn session(conn: &impl Conn, ticket: &Ticket, id: &str) -> Result<Option<Session>> {
    let values = params![id, ticket.learner, ticket.lecture, ticket.round];
    Ok(db::maybe::<Row>(conn, SESSION, values).await?.map(Session::from))
}

/// The session, held until the transaction ends: its end is heard once.
pub(crate) async fn hold(tx: &Tx, ticket: &Ticket, id: &str) -> Result<Session> {
    let sql = format!("{SESSION}{}", db::dialect::for_update(tx));
    let values = params![id, ticket.learner, ticket.lecture, ticket.round];
    Ok(db::one::<Row>(tx, &sql, values).await?.into())
}

/// Writes down how a session ended.
pub(crate) async fn end(tx: &Tx, id: &str, end: End) -> Result<()> {
    let sql = "UPDATE unit_sessions SET terminated_at = $1, ended_at = $2 WHERE id = $3";
    db::execute(tx, sql, params![end.heard, end.at, id]).await?;
    Ok(())
}
