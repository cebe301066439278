//! Statements on what packages keep and say.
use std::collections::HashSet;

use base::{Instant, PersonId, Result, SessionId};
use db::{Conn, Param, params};
use sea_orm::FromQueryResult;

use crate::Ticket;

/// A document that a package keeps.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Kept {
    pub content_type: String,
    pub body: String,
    pub at: i64,
}

/// Keeps a document; the newest stays.
pub(crate) async fn keep(
    conn: &impl Conn,
    ticket: &Ticket,
    (item, name): (&str, &str),
    (content_type, body): (&str, &str),
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO package_documents (learner_id, lecture_id, round, item, name, content_type, body, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (learner_id, lecture_id, round, item, name) \
               DO UPDATE SET content_type = excluded.content_type, body = excluded.body, at = excluded.at";
    let values = params![ticket.learner, ticket.lecture, ticket.round, item, name, content_type, body, now];
    db::execute(conn, sql, values).await?;
    Ok(())
}

pub(crate) async fn kept(
    conn: &impl Conn,
    ticket: &Ticket,
    (item, name): (&str, &str),
) -> Result<Option<Kept>> {
    let sql = "SELECT content_type, body, at FROM package_documents WHERE learner_id = $1 AND lecture_id = $2 \
               AND round = $3 AND item = $4 AND name = $5";
    db::maybe(conn, sql, params![ticket.learner, ticket.lecture, ticket.round, item, name]).await
}

/// The names of what is kept for a part.
pub(crate) async fn names(conn: &impl Conn, ticket: &Ticket, item: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Name {
        name: String,
    }
    let sql = "SELECT name FROM package_documents WHERE learner_id = $1 AND lecture_id = $2 AND round = $3 \
               AND item = $4 ORDER BY name LIMIT 200";
    let values = params![ticket.learner, ticket.lecture, ticket.round, item];
    Ok(db::all::<Name>(conn, sql, values).await?.into_iter().map(|n| n.name).collect())
}

/// How many documents are kept for a learner's package.
pub(crate) async fn count(conn: &impl Conn, ticket: &Ticket) -> Result<i64> {
    let sql =
        "SELECT COUNT(*) FROM package_documents WHERE learner_id = $1 AND lecture_id = $2 AND round = $3";
    db::count(conn, sql, params![ticket.learner, ticket.lecture, ticket.round]).await
}

pub(crate) async fn drop_document(
    conn: &impl Conn,
    ticket: &Ticket,
    (item, name): (&str, &str),
) -> Result<()> {
    let sql = "DELETE FROM package_documents WHERE learner_id = $1 AND lecture_id = $2 AND round = $3 \
               AND item = $4 AND name = $5";
    db::execute(conn, sql, params![ticket.learner, ticket.lecture, ticket.round, item, name]).await?;
    Ok(())
}

/// What a package said of one of its parts.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Outcome {
    /// The part.
    pub item: String,
    /// `completed`, `passed`, `failed`, `incomplete`, `browsed`.
    pub status: String,
    /// The score as the package wrote it.
    pub score: Option<String>,
}

/// Writes down what a part said of itself. What was passed or completed is not taken back by opening it again.
pub(crate) async fn say(
    conn: &impl Conn,
    ticket: &Ticket,
    item: &str,
    (status, score): (&str, Option<&str>),
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO package_results (learner_id, lecture_id, round, item, status, score, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (learner_id, lecture_id, round, item) DO UPDATE SET \
               status = CASE WHEN package_results.status = 'passed' OR (package_results.status = 'completed' \
               AND excluded.status NOT IN ('passed', 'failed')) THEN package_results.status ELSE excluded.status END, \
               score = COALESCE(excluded.score, package_results.score), at = excluded.at";
    let values = params![ticket.learner, ticket.lecture, ticket.round, item, status, score, now];
    db::execute(conn, sql, values).await?;
    Ok(())
}

/// What a learner's package said of its parts.
pub async fn outcomes(
    conn: &impl Conn,
    learner: PersonId,
    lecture: &str,
    round: i64,
) -> Result<Vec<Outcome>> {
    let sql = "SELECT item, status, score FROM package_results WHERE learner_id = $1 AND lecture_id = $2 \
               AND round = $3 ORDER BY item LIMIT 1000";
    db::all(conn, sql, params![learner, lecture, round]).await
}

/// Keeps a statement; false where its id is known.
pub(crate) async fn state(
    conn: &impl Conn,
    ticket: &Ticket,
    (id, body): (&str, &str),
    now: Instant,
) -> Result<bool> {
    let sql = "INSERT INTO package_statements (id, learner_id, lecture_id, round, body, at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
    let values = params![id, ticket.learner, ticket.lecture, ticket.round, body, now];
    Ok(db::execute(conn, sql, values).await? == 1)
}

/// Which of these statements are kept already.
pub(crate) async fn known(conn: &impl Conn, ticket: &Ticket, ids: &[&str]) -> Result<HashSet<String>> {
    #[derive(FromQueryResult)]
    struct Known {
        id: String,
    }
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let mut values = params![ticket.learner, ticket.lecture];
    values.extend(ids.iter().map(Param::param));
    let sql = format!(
        "SELECT id FROM package_statements WHERE learner_id = $1 AND lecture_id = $2 AND id IN ({})",
        db::in_list(3, ids.len())
    );
    Ok(db::all::<Known>(conn, &sql, values).await?.into_iter().map(|k| k.id).collect())
}

/// The statements of a learner's package, the latest first.
pub(crate) async fn stated(conn: &impl Conn, ticket: &Ticket, limit: i64) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Body {
        body: String,
    }
    let sql = "SELECT body FROM package_statements WHERE learner_id = $1 AND lecture_id = $2 AND round = $3 \
               ORDER BY at DESC, id DESC LIMIT $4";
    let values = params![ticket.learner, ticket.lecture, ticket.round, limit];
    Ok(db::all::<Body>(conn, sql, values).await?.into_iter().map(|b| b.body).collect())
}

/// How many statements a learner's package has made.
pub(crate) async fn stated_count(conn: &impl Conn, ticket: &Ticket) -> Result<i64> {
    let sql =
        "SELECT COUNT(*) FROM package_statements WHERE learner_id = $1 AND lecture_id = $2 AND round = $3";
    db::count(conn, sql, params![ticket.learner, ticket.lecture, ticket.round]).await
}

/// An id for a statement that came without one.
pub(crate) fn fresh(site: &site::Site) -> String {
    let id: SessionId = site.new_id();
    id.to_string()
}
