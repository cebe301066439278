//! Statements on the titles of units' invoices.
use base::{Instant, Result, UnitId};
use db::{Conn, Tx, params};

use crate::api_titles::Title;

pub(crate) async fn of_unit(conn: &impl Conn, unit: UnitId) -> Result<Option<Title>> {
    let sql = "SELECT title, tax_number FROM invoice_titles WHERE unit_id = $1";
    db::maybe(conn, sql, params![unit]).await
}

/// The title of the lowest of these places that has one.
pub(crate) async fn nearest(conn: &impl Conn, paths: &[String]) -> Result<Option<Title>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT i.title, i.tax_number FROM invoice_titles i JOIN units u ON u.id = i.unit_id WHERE u.path IN ({}) \
         ORDER BY LENGTH(u.path) DESC LIMIT 1",
        db::in_list(1, paths.len())
    );
    db::maybe(conn, &sql, paths.iter().flat_map(|p| params![p]).collect()).await
}

pub(crate) async fn put(tx: &Tx, unit: UnitId, title: &Title, now: Instant) -> Result<()> {
    let sql = "INSERT INTO invoice_titles (unit_id, title, tax_number, changed_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (unit_id) DO UPDATE SET title = excluded.title, tax_number = excluded.tax_number, \
               changed_at = excluded.changed_at";
    db::execute(tx, sql, params![unit, title.title, title.tax_number, now]).await?;
    Ok(())
}
