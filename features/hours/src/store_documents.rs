//! Statements on the documents that checkpoints vouch for.
use std::collections::HashMap;

use base::Result;
use db::{Conn, Db, Tx, params};
use sea_orm::FromQueryResult;

/// A document's place under a checkpoint.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Placed {
    pub checkpoint: i64,
    pub place: i64,
    pub run: i64,
    pub digest: String,
}

/// A checkpoint as far as proofs of documents need it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Holding {
    pub no: i64,
    pub content: String,
    pub document_runs: String,
}

/// At most so many digests are looked up by one statement; with the others of their runs they are 25,600 rows.
const CHUNK: usize = 100;

/// Puts documents down for the next checkpoint; those put down before are left alone.
pub(crate) async fn insert(conn: &impl Conn, digests: &[String]) -> Result<()> {
    let rows = digests.iter().map(|d| params![d]).collect();
    db::insert_rows(conn, "hour_documents", &["digest"], rows, "ON CONFLICT (digest) DO NOTHING").await?;
    Ok(())
}

/// Up to 2,048 documents after a digest that no checkpoint holds, in order.
pub(crate) async fn waiting(tx: &Tx, after: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        digest: String,
    }
    let sql = "SELECT d.digest FROM hour_documents d WHERE d.digest > $1 AND NOT EXISTS \
               (SELECT 1 FROM hour_document_leaves l WHERE l.digest = d.digest) ORDER BY d.digest LIMIT 2048";
    let rows: Vec<One> = db::all(tx, sql, params![after]).await?;
    Ok(rows.into_iter().map(|r| r.digest).collect())
}

pub(crate) async fn insert_leaves(tx: &Tx, leaves: &[Placed]) -> Result<()> {
    let row = |l: &Placed| params![l.checkpoint, l.place, l.run, l.digest];
    let columns = ["checkpoint", "place", "run", "digest"];
    db::insert_rows(tx, "hour_document_leaves", &columns, leaves.iter().map(row).collect(), "").await?;
    Ok(())
}

/// Every document in the runs that hold one of these digests, in the order of checkpoints and places.
pub(crate) async fn runs_of(conn: &impl Conn, digests: &[String]) -> Result<Vec<Placed>> {
    let mut found = vec![];
    for chunk in digests.chunks(CHUNK) {
        let sql = format!(
            "SELECT DISTINCT m.checkpoint, m.place, m.run, m.digest FROM hour_document_leaves l JOIN hour_document_leaves m \
             ON m.checkpoint = l.checkpoint AND m.run = l.run WHERE l.digest IN ({}) ORDER BY m.checkpoint, m.place LIMIT 25600",
            db::in_list(1, chunk.len())
        );
        found.extend(db::all::<Placed>(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?);
    }
    Ok(found)
}

/// Checkpoints by their numbers.
pub(crate) async fn holding(conn: &impl Conn, numbers: &[i64]) -> Result<HashMap<i64, Holding>> {
    let mut found = HashMap::new();
    for chunk in numbers.chunks(CHUNK) {
        let sql = format!(
            "SELECT no, content, document_runs FROM hour_checkpoints WHERE no IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Holding> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        found.extend(rows.into_iter().map(|r| (r.no, r)));
    }
    Ok(found)
}

/// The newest checkpoints that hold documents, newest first: ten years of days.
pub(crate) async fn published(conn: &impl Conn) -> Result<Vec<Holding>> {
    let sql = "SELECT no, content, document_runs FROM hour_checkpoints WHERE document_runs <> '' ORDER BY no DESC LIMIT 3660";
    db::all(conn, sql, vec![]).await
}

/// Up to 1,024 leaves of a checkpoint from a place on, in order, with whether the document was put down.
pub(crate) async fn leaves_from(db: &Db, no: i64, place: i64) -> Result<Vec<Placed>> {
    let sql = "SELECT l.checkpoint, l.place, l.run, l.digest FROM hour_document_leaves l JOIN hour_documents d \
               ON d.digest = l.digest WHERE l.checkpoint = $1 AND l.place >= $2 ORDER BY l.place LIMIT 1024";
    db::all(db, sql, params![no, place]).await
}
