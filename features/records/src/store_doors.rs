//! Statements on the credentials and quotas of providers, and on what they stored last.
use base::{Instant, Result};
use db::{Conn, FromQueryResult, Tx, Value, params};

/// A living credential.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Credential {
    pub tenant: i64,
    pub name: String,
    pub secret_mac: String,
    pub requests_a_minute: Option<i64>,
}

pub(crate) async fn credential(conn: &impl Conn, username: &str) -> Result<Option<Credential>> {
    let sql = "SELECT t.tenant, t.name, c.secret_mac, t.requests_a_minute FROM record_credentials c JOIN record_tenants t ON t.tenant = c.tenant \
               WHERE c.username = $1 AND c.ended_at IS NULL";
    db::maybe(conn, sql, params![username]).await
}

/// The provider's number, made when it is first asked for.
pub(crate) async fn ensure_tenant(tx: &Tx, provider_id: &str, name: &str, now: Instant) -> Result<i64> {
    // SQLite would read an ON right after a FROM as a join's; the condition ends the FROM. PostgreSQL wants the types.
    let sql = "INSERT INTO record_tenants (tenant, provider_id, name, created_at) \
               SELECT COALESCE(MAX(tenant), 0) + 1, CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT) \
               FROM record_tenants WHERE TRUE ON CONFLICT (provider_id) DO NOTHING";
    db::execute(tx, sql, params![provider_id, name, now]).await?;
    db::count(tx, "SELECT tenant FROM record_tenants WHERE provider_id = $1", params![provider_id]).await
}

pub(crate) async fn insert_credential(
    tx: &Tx,
    username: &str,
    tenant: i64,
    secret_mac: &str,
    now: Instant,
) -> Result<()> {
    let sql =
        "INSERT INTO record_credentials (username, tenant, secret_mac, created_at) VALUES ($1, $2, $3, $4)";
    db::execute(tx, sql, params![username, tenant, secret_mac, now]).await?;
    Ok(())
}

/// The living credentials of a provider, the newest first.
pub(crate) async fn living_credentials(tx: &Tx, provider_id: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Found {
        username: String,
    }
    let sql = "SELECT c.username FROM record_credentials c JOIN record_tenants t ON t.tenant = c.tenant \
               WHERE t.provider_id = $1 AND c.ended_at IS NULL ORDER BY c.created_at DESC, c.username DESC LIMIT 100";
    let found: Vec<Found> = db::all(tx, sql, params![provider_id]).await?;
    Ok(found.into_iter().map(|f| f.username).collect())
}

pub(crate) async fn end_credentials(tx: &Tx, usernames: &[String], now: Instant) -> Result<()> {
    if usernames.is_empty() {
        return Ok(());
    }
    let list = db::in_list(2, usernames.len());
    let sql = format!("UPDATE record_credentials SET ended_at = $1 WHERE username IN ({list})");
    let mut values = params![now];
    values.extend(usernames.iter().map(|u| Value::from(u.as_str())));
    db::execute(tx, &sql, values).await?;
    Ok(())
}

pub(crate) async fn set_quota(tx: &Tx, provider_id: &str, most: Option<i64>) -> Result<()> {
    let sql = "UPDATE record_tenants SET requests_a_minute = $1 WHERE provider_id = $2";
    db::execute(tx, sql, params![most, provider_id]).await?;
    Ok(())
}

/// When the newest statement of a provider was stored, in microseconds.
pub async fn newest(conn: &impl Conn, provider_id: &str) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct Found {
        stored: i64,
    }
    let sql = "SELECT s.stored FROM record_statements s WHERE s.tenant = (SELECT t.tenant FROM record_tenants t \
               WHERE t.provider_id = $1) ORDER BY s.stored DESC LIMIT 1";
    Ok(db::maybe::<Found>(conn, sql, params![provider_id]).await?.map(|f| f.stored))
}

/// A statement of a provider as it is stored, by the provider's number; with the provider's id.
pub(crate) async fn statement(conn: &impl Conn, tenant: i64, id: &str) -> Result<Option<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Found {
        provider_id: String,
        body: String,
    }
    let sql = "SELECT t.provider_id, s.body FROM record_statements s JOIN record_tenants t ON t.tenant = s.tenant \
               WHERE s.tenant = $1 AND s.id = $2";
    Ok(db::maybe::<Found>(conn, sql, params![tenant, id]).await?.map(|f| (f.provider_id, f.body)))
}
