//! The policy in force for a year: published versions, parsed once.
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

use base::{Error, Result, Year};
use db::{Conn, params};
use rules::Policy;
use sea_orm::FromQueryResult;
use site::Site;

/// A published version of a year's policy.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The rules.
    pub policy: Arc<Policy>,
    /// `2023.1`: year and version, as decisions carry it.
    pub version: String,
}

#[derive(FromQueryResult)]
struct Row {
    version: i64,
    sha256: String,
    text: String,
}

/// Parsed policies by the hash of their text; a text never changes, so nothing here ever goes stale.
static PARSED: LazyLock<RwLock<HashMap<String, Arc<Policy>>>> = LazyLock::new(RwLock::default);

/// The newest published policy of the year.
pub async fn in_force(conn: &impl Conn, year: Year) -> Result<InForce> {
    let sql = "SELECT version, sha256, text FROM policies WHERE year = $1 ORDER BY version DESC LIMIT 1";
    let row: Option<Row> = db::maybe(conn, sql, params![year]).await?;
    let row = row.ok_or_else(|| Error::conflict("policy_not_published"))?;
    Ok(InForce { policy: parsed(&row)?, version: format!("{year}.{}", row.version) })
}

fn parsed(row: &Row) -> Result<Arc<Policy>> {
    if let Some(policy) = PARSED.read().map_err(|_| Error::internal("policy cache"))?.get(&row.sha256) {
        return Ok(Arc::clone(policy));
    }
    let policy = Policy::load(&row.text)
        .map_err(|p| Error::internal(p.first().map_or_else(String::new, ToString::to_string)))?;
    let policy = Arc::new(policy);
    let mut cache = PARSED.write().map_err(|_| Error::internal("policy cache"))?;
    cache.insert(row.sha256.clone(), Arc::clone(&policy));
    Ok(policy)
}

/// The years that have a policy, newest first.
pub async fn published_years(conn: &impl Conn) -> Result<Vec<Year>> {
    #[derive(FromQueryResult)]
    struct One {
        year: i64,
    }
    let rows: Vec<One> =
        db::all(conn, "SELECT DISTINCT year FROM policies ORDER BY year DESC LIMIT 50", vec![]).await?;
    Ok(rows.into_iter().filter_map(|r| Year::new(r.year)).collect())
}

/// Publishes the delivered policies where a year has none (contract: a fresh database has them published).
pub async fn publish_delivered(site: &Site) -> Result<()> {
    let rows = rules::policy::delivered()
        .iter()
        .map(|(year, text)| params![year, 1_i64, secrets::sha256_hex(text.as_bytes()), *text, site.now()])
        .collect();
    let columns = ["year", "version", "sha256", "text", "activated_at"];
    db::insert_rows(&site.db, "policies", &columns, rows, "ON CONFLICT (year, version) DO NOTHING").await?;
    Ok(())
}
