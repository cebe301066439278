//! Statements on what a provider has shown of its side, and on the passes of its check.
use base::{Instant, Result};
use db::{Conn, params};
use sea_orm::FromQueryResult;

use crate::provider::ProviderId;

/// What was seen of one step, last.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Sign {
    pub step: String,
    pub holds: bool,
    pub detail: String,
    pub at: i64,
}

pub(crate) async fn saw(
    conn: &impl Conn,
    provider: ProviderId,
    (step, holds, detail): (&str, bool, &str),
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO provider_signs (provider_id, step, holds, detail, at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (provider_id, step) DO UPDATE SET holds = excluded.holds, detail = excluded.detail, at = excluded.at";
    db::execute(conn, sql, params![provider, step, holds, detail, now]).await?;
    Ok(())
}

pub(crate) async fn all(conn: &impl Conn, provider: ProviderId) -> Result<Vec<Sign>> {
    let sql =
        "SELECT step, holds, detail, at FROM provider_signs WHERE provider_id = $1 ORDER BY step LIMIT 50";
    db::all(conn, sql, params![provider]).await
}

/// A signed pass.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Pass {
    pub document: String,
    pub at: i64,
}

pub(crate) async fn insert_pass(
    conn: &impl Conn,
    (id, provider): (&str, ProviderId),
    document: &str,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO provider_passes (id, provider_id, document, at) VALUES ($1, $2, $3, $4)";
    db::execute(conn, sql, params![id, provider, document, now]).await?;
    Ok(())
}

pub(crate) async fn last_pass(conn: &impl Conn, provider: ProviderId) -> Result<Option<Pass>> {
    let sql =
        "SELECT document, at FROM provider_passes WHERE provider_id = $1 ORDER BY at DESC, id DESC LIMIT 1";
    db::maybe(conn, sql, params![provider]).await
}
