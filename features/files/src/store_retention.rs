//! Statements on the age of files and where their bytes lie.
use base::{Instant, Result, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::retention::Area;

/// A file whose place or time is looked at.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Aged {
    pub id: String,
    pub sha256: String,
    pub kept_sha256: String,
}

/// Files that exemptions and leaves cite and nothing else does, and that lie with the other evidence.
pub(crate) async fn medical(conn: &impl Conn, limit: i64) -> Result<Vec<Aged>> {
    let sql = "SELECT f.id, f.sha256, f.kept_sha256 FROM files f WHERE f.area = 'evidence' AND f.removed_at IS NULL \
               AND EXISTS (SELECT 1 FROM file_links l WHERE l.file_id = f.id AND l.object_kind IN ('exemption', 'leave', 'case_scan')) \
               AND NOT EXISTS (SELECT 1 FROM file_links l WHERE l.file_id = f.id \
               AND l.object_kind NOT IN ('exemption', 'leave', 'case_scan')) ORDER BY f.id LIMIT $1";
    db::all(conn, sql, params![limit]).await
}

/// Files of an area that came before an instant. Accounting vouchers have a law of their own and are left, and so is what
/// is kept for good: what notices carry, and the sources of years before the ledger.
pub(crate) async fn older(conn: &impl Conn, area: Area, before: Instant, limit: i64) -> Result<Vec<Aged>> {
    let sql = "SELECT f.id, f.sha256, f.kept_sha256 FROM files f WHERE f.area = $1 AND f.removed_at IS NULL \
               AND f.created_at < $2 AND NOT EXISTS (SELECT 1 FROM file_links l WHERE l.file_id = f.id \
               AND l.object_kind IN ('reimbursement', 'notice', 'legacy')) ORDER BY f.id LIMIT $3";
    db::all(conn, sql, params![area.code(), before, limit]).await
}

pub(crate) async fn set_area(conn: &impl Conn, ids: &[&str], area: Area) -> Result<()> {
    let mut values = params![area.code()];
    values.extend(ids.iter().map(db::Param::param));
    let sql = format!("UPDATE files SET area = $1 WHERE id IN ({})", db::in_list(2, ids.len()));
    db::execute(conn, &sql, values).await?;
    Ok(())
}

pub(crate) async fn set_removed(tx: &Tx, ids: &[&str], now: Instant) -> Result<()> {
    let mut values = params![now];
    values.extend(ids.iter().map(db::Param::param));
    let sql = format!("UPDATE files SET removed_at = $1 WHERE id IN ({})", db::in_list(2, ids.len()));
    db::execute(tx, &sql, values).await?;
    Ok(())
}

/// Those of these hashes that a living file of the area still has.
pub(crate) async fn still_used(conn: &impl Conn, hashes: &[&str], area: Area) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        kept_sha256: String,
    }
    let mut values = params![area.code()];
    values.extend(hashes.iter().map(db::Param::param));
    let sql = format!(
        "SELECT DISTINCT kept_sha256 FROM files WHERE area = $1 AND removed_at IS NULL AND kept_sha256 IN ({})",
        db::in_list(2, hashes.len())
    );
    Ok(db::all::<One>(conn, &sql, values).await?.into_iter().map(|r| r.kept_sha256).collect())
}

/// A file that was removed and is handed in again lives again.
pub(crate) async fn revive(tx: &Tx, id: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE files SET removed_at = NULL, area = 'evidence', created_at = $1 WHERE id = $2 AND removed_at IS NOT NULL";
    db::execute(tx, sql, params![now, id]).await?;
    Ok(())
}
