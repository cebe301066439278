//! Statements on the secret addresses of calendars.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A feed as its owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Feed {
    pub made_at: i64,
    pub read_at: Option<i64>,
}

pub(crate) async fn of(conn: &impl Conn, person: PersonId) -> Result<Option<Feed>> {
    db::maybe(conn, "SELECT made_at, read_at FROM calendar_feeds WHERE person_id = $1", params![person]).await
}

pub(crate) async fn set(tx: &Tx, person: PersonId, token_hash: &str, at: Instant) -> Result<()> {
    let sql = "INSERT INTO calendar_feeds (person_id, token_hash, made_at) VALUES ($1, $2, $3) ON CONFLICT (person_id) \
               DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at, read_at = NULL";
    db::execute(tx, sql, params![person, token_hash, at]).await?;
    Ok(())
}

/// Takes an address back; whether there was one.
pub(crate) async fn end(tx: &Tx, person: PersonId) -> Result<bool> {
    let sql = "DELETE FROM calendar_feeds WHERE person_id = $1";
    Ok(db::execute(tx, sql, params![person]).await? > 0)
}

pub(crate) async fn person_of(conn: &impl Conn, token_hash: &str) -> Result<Option<PersonId>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
    }
    let sql = "SELECT f.person_id FROM calendar_feeds f JOIN accounts a ON a.person_id = f.person_id \
               WHERE f.token_hash = $1 AND a.disabled_at IS NULL";
    let row: Option<Row> = db::maybe(conn, sql, params![token_hash]).await?;
    row.map(|r| r.person_id.parse()).transpose()
}

pub(crate) async fn set_read(conn: &impl Conn, person: PersonId, at: Instant) -> Result<()> {
    db::execute(conn, "UPDATE calendar_feeds SET read_at = $1 WHERE person_id = $2", params![at, person])
        .await?;
    Ok(())
}
