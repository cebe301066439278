//! Statements on passkeys.
use base::{AccountId, Instant, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A passkey as its verification needs it.
#[derive(FromQueryResult)]
pub(crate) struct Kept {
    pub account_id: String,
    pub algorithm: i64,
    pub public_key: String,
    pub sign_count: i64,
}

/// A passkey as its owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Seen {
    pub id: String,
    pub label: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

/// A passkey to be kept.
pub(crate) struct NewPasskey<'a> {
    pub id: &'a str,
    pub account: AccountId,
    pub label: &'a str,
    pub algorithm: i64,
    pub public_key: &'a str,
    pub sign_count: i64,
}

pub(crate) async fn insert(tx: &Tx, p: &NewPasskey<'_>, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO passkeys (id, account_id, label, algorithm, public_key, sign_count, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
    let values = params![p.id, p.account, p.label, p.algorithm, p.public_key, p.sign_count, now];
    Ok(db::execute(tx, sql, values).await? == 1)
}

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Option<Kept>> {
    let sql = "SELECT account_id, algorithm, public_key, sign_count FROM passkeys WHERE id = $1";
    db::maybe(conn, sql, params![id]).await
}

pub(crate) async fn of(conn: &impl Conn, account: AccountId) -> Result<Vec<Seen>> {
    let sql = "SELECT id, label, created_at, last_used_at FROM passkeys WHERE account_id = $1 ORDER BY created_at LIMIT 20";
    db::all(conn, sql, params![account]).await
}

pub(crate) async fn remove(tx: &Tx, account: AccountId, id: &str) -> Result<bool> {
    let sql = "DELETE FROM passkeys WHERE id = $1 AND account_id = $2";
    Ok(db::execute(tx, sql, params![id, account]).await? == 1)
}

/// Notes a use; whether the authenticator's counter has gone on, where it counts at all.
pub(crate) async fn used(tx: &Tx, id: &str, count: i64, now: Instant) -> Result<bool> {
    let sql = "UPDATE passkeys SET sign_count = $1, last_used_at = $2 \
               WHERE id = $3 AND (sign_count < $1 OR (sign_count = 0 AND $1 = 0))";
    Ok(db::execute(tx, sql, params![count, now, id]).await? == 1)
}
