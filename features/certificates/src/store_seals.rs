//! Statements on seal images and their uses.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::Certificate;

/// An image to be added.
pub(crate) struct New<'a> {
    pub id: &'a str,
    pub authority: &'a str,
    pub image_sealed: &'a str,
    pub sha256: &'a str,
}

pub(crate) async fn insert(tx: &Tx, n: &New<'_>, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO seal_images (id, authority, image_sealed, sha256, added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6)";
    db::execute(tx, sql, params![n.id, n.authority, n.image_sealed, n.sha256, by, now]).await?;
    Ok(())
}

/// An image as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Row {
    pub id: String,
    pub image_sealed: String,
    pub first_by: Option<String>,
    pub second_by: Option<String>,
    pub ended_at: Option<i64>,
}

const ROW: &str = "SELECT id, image_sealed, first_by, second_by, ended_at FROM seal_images";

/// The image, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Row> {
    db::one(tx, &format!("{ROW} WHERE id = $1{}", db::dialect::for_update(tx)), params![id]).await
}

/// The newest image of an authority to which two people consented.
pub(crate) async fn in_use(conn: &impl Conn, authority: &str) -> Result<Option<Row>> {
    let sql = format!(
        "{ROW} WHERE authority = $1 AND first_by IS NOT NULL AND second_by IS NOT NULL AND ended_at IS NULL \
         ORDER BY added_at DESC, id DESC LIMIT 1"
    );
    db::maybe(conn, &sql, params![authority]).await
}

pub(crate) async fn consent(tx: &Tx, id: &str, place: &str, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = format!("UPDATE seal_images SET {place}_by = $1, {place}_at = $2 WHERE id = $3");
    db::execute(tx, &sql, params![by, now, id]).await?;
    Ok(())
}

pub(crate) async fn end(tx: &Tx, id: &str, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "UPDATE seal_images SET ended_by = $1, ended_at = $2 WHERE id = $3 AND ended_at IS NULL";
    db::execute(tx, sql, params![by, now, id]).await?;
    Ok(())
}

/// Logs uses: a row for each certificate.
pub(crate) async fn log(
    site: &Site,
    conn: &impl Conn,
    seal: &str,
    certificates: &[&Certificate],
) -> Result<()> {
    let row = |c: &&Certificate| {
        let id: base::EntryId = site.new_id();
        params![id, seal, c.no.compact(), c.revision, site.now()]
    };
    let columns = ["id", "seal_id", "no", "revision", "used_at"];
    db::insert_rows(conn, "seal_uses", &columns, certificates.iter().map(row).collect(), "").await?;
    Ok(())
}

/// An image as its list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Listed {
    pub id: String,
    pub authority: String,
    pub sha256: String,
    pub added_name: String,
    pub added_at: i64,
    pub first_name: Option<String>,
    pub second_name: Option<String>,
    pub ended_at: Option<i64>,
    pub uses: i64,
}

pub(crate) async fn listed(conn: &impl Conn) -> Result<Vec<Listed>> {
    let sql = "SELECT s.id, s.authority, s.sha256, a.name AS added_name, s.added_at, f.name AS first_name, g.name AS second_name, \
               s.ended_at, (SELECT COUNT(*) FROM seal_uses u WHERE u.seal_id = s.id) AS uses FROM seal_images s \
               JOIN people a ON a.id = s.added_by LEFT JOIN people f ON f.id = s.first_by LEFT JOIN people g ON g.id = s.second_by \
               ORDER BY s.added_at DESC, s.id LIMIT 50";
    db::all(conn, sql, vec![]).await
}

/// A use as its list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Use {
    pub no: String,
    pub revision: i64,
    pub used_at: i64,
}

/// The newest uses of an image.
pub(crate) async fn uses(conn: &impl Conn, seal: &str) -> Result<Vec<Use>> {
    let sql = "SELECT no, revision, used_at FROM seal_uses WHERE seal_id = $1 ORDER BY used_at DESC, id DESC LIMIT 100";
    db::all(conn, sql, params![seal]).await
}
