//! Statements on the secrets of clients.
use base::{Instant, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A secret as its owners list it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Secret {
    pub id: String,
    pub made_at: i64,
    pub ended_at: Option<i64>,
}

pub(crate) async fn insert(tx: &Tx, (id, client, mac): (&str, &str, &str), now: Instant) -> Result<()> {
    let sql =
        "INSERT INTO openid_client_secrets (id, client_id, secret_mac, made_at) VALUES ($1, $2, $3, $4)";
    db::execute(tx, sql, params![id, client, mac, now]).await?;
    Ok(())
}

/// The keyed digests of the valid secrets.
pub(crate) async fn living_macs(conn: &impl Conn, client: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        secret_mac: String,
    }
    let sql = "SELECT secret_mac FROM openid_client_secrets WHERE client_id = $1 AND ended_at IS NULL ORDER BY made_at LIMIT 10";
    Ok(db::all::<One>(conn, sql, params![client]).await?.into_iter().map(|r| r.secret_mac).collect())
}

pub(crate) async fn all(conn: &impl Conn, client: &str) -> Result<Vec<Secret>> {
    let sql = "SELECT id, made_at, ended_at FROM openid_client_secrets WHERE client_id = $1 ORDER BY made_at DESC, id DESC LIMIT 20";
    db::all(conn, sql, params![client]).await
}

/// Holds a client until the transaction ends.
pub(crate) async fn hold_client(tx: &Tx, client: &str) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Held {
        client_id: String,
    }
    let sql =
        format!("SELECT client_id FROM openid_clients WHERE client_id = $1{}", db::dialect::for_update(tx));
    db::one::<Held>(tx, &sql, params![client]).await.map(|held| drop(held.client_id))
}

pub(crate) async fn end(tx: &Tx, id: &str, now: Instant) -> Result<()> {
    db::execute(tx, "UPDATE openid_client_secrets SET ended_at = $1 WHERE id = $2", params![now, id]).await?;
    Ok(())
}
