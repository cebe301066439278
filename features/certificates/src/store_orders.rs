//! Statements on large batches.
use base::{Error, Instant, PersonId, Result, Scope, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A batch as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Row {
    pub id: String,
    pub asked_by: String,
    pub scope: String,
    pub year: i64,
    pub form: String,
    pub state: String,
    pub total: i64,
    pub done: i64,
    pub asked_at: i64,
}

impl Row {
    /// The subtrees that are printed.
    pub(crate) fn scope(&self) -> Result<Scope> {
        Ok(Scope { paths: serde_json::from_str(&self.scope).map_err(Error::internal)? })
    }
}

/// A batch that is asked for.
pub(crate) struct New<'a> {
    pub id: &'a str,
    pub by: PersonId,
    pub scope: &'a Scope,
    pub year: Year,
    pub form: &'a str,
    pub total: i64,
}

pub(crate) async fn insert(tx: &Tx, n: &New<'_>, now: Instant) -> Result<()> {
    let sql = "INSERT INTO certificate_batches (id, asked_by, scope, year, form, state, total, done, asked_at) \
               VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7)";
    let scope = serde_json::to_string(&n.scope.paths).map_err(Error::internal)?;
    db::execute(tx, sql, params![n.id, n.by, scope, n.year, n.form, n.total, now]).await?;
    Ok(())
}

const ROW: &str =
    "SELECT id, asked_by, scope, year, form, state, total, done, asked_at FROM certificate_batches";

pub(crate) async fn one(conn: &impl Conn, id: &str) -> Result<Row> {
    db::one(conn, &format!("{ROW} WHERE id = $1"), params![id]).await
}

/// The newest of a person.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Row>> {
    db::all(
        conn,
        &format!("{ROW} WHERE asked_by = $1 ORDER BY asked_at DESC, id DESC LIMIT 10"),
        params![person],
    )
    .await
}

/// Takes a batch for this run; one that another run has had for less than ten minutes is left to it.
pub(crate) async fn start(conn: &impl Conn, id: &str, now: i64) -> Result<bool> {
    let sql = "UPDATE certificate_batches SET state = 'running', started_at = $1, done = 0 WHERE id = $2 AND \
               (state = 'waiting' OR (state = 'running' AND started_at < $3))";
    Ok(db::execute(conn, sql, params![now, id, now - 10 * 60_000]).await? == 1)
}

pub(crate) async fn progress(conn: &impl Conn, id: &str, done: i64) -> Result<()> {
    db::execute(conn, "UPDATE certificate_batches SET done = $1 WHERE id = $2", params![done, id]).await?;
    Ok(())
}

pub(crate) async fn end(conn: &impl Conn, id: &str, state: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE certificate_batches SET state = $1, ended_at = $2 WHERE id = $3";
    db::execute(conn, sql, params![state, now, id]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Old {
    id: String,
}

/// Batches whose file is too old to be kept, marked as gone.
pub(crate) async fn expire(conn: &impl Conn, before: i64) -> Result<Vec<String>> {
    let sql =
        "SELECT id FROM certificate_batches WHERE state = 'done' AND asked_at < $1 ORDER BY id LIMIT 200";
    let old: Vec<Old> = db::all(conn, sql, params![before]).await?;
    let sql = "UPDATE certificate_batches SET state = 'gone' WHERE state = 'done' AND asked_at < $1";
    db::execute(conn, sql, params![before]).await?;
    Ok(old.into_iter().map(|o| o.id).collect())
}
