//! Statements on checkpoints, their leaves, and what runs once a day.
use base::{Day, Instant, PersonId, Result};
use db::{Conn, Db, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::{
    checkpoint::bucket_of,
    store::{CheckedHead, Head, checked_head},
};

/// A checkpoint as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Sealed {
    pub no: i64,
    pub day: String,
    pub at: i64,
    pub content: String,
    pub buckets: String,
    pub document_runs: String,
    pub signature: String,
    pub key_id: String,
}

/// A head as a checkpoint saw it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Leaf {
    pub person_id: String,
    pub seq: i64,
    pub hash: String,
    pub checkpoint: i64,
}

const SEALED: &str =
    "SELECT no, day, at, content, buckets, document_runs, signature, key_id FROM hour_checkpoints";

/// Takes the day's run of a task for this node; false where another has it. Others wait here until this one is through.
pub(crate) async fn claim_day(tx: &Tx, task: &str, day: Day, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO daily_runs (task, day, at, result) VALUES ($1, $2, $3, '') ON CONFLICT (task, day) DO NOTHING";
    Ok(db::execute(tx, sql, params![task, day, now]).await? == 1)
}

pub(crate) async fn insert(tx: &Tx, s: &Sealed) -> Result<()> {
    let sql = "INSERT INTO hour_checkpoints (no, day, at, content, buckets, document_runs, signature, key_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = params![s.no, s.day, s.at, s.content, s.buckets, s.document_runs, s.signature, s.key_id];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// The newest checkpoints, newest first.
pub(crate) async fn newest(conn: &impl Conn, limit: i64) -> Result<Vec<Sealed>> {
    db::all(conn, &format!("{SEALED} ORDER BY no DESC LIMIT $1"), params![limit]).await
}

/// Up to 100 checkpoints after a number, in order.
pub(crate) async fn after(conn: &impl Conn, no: i64) -> Result<Vec<Sealed>> {
    db::all(conn, &format!("{SEALED} WHERE no > $1 ORDER BY no LIMIT 100"), params![no]).await
}

#[derive(FromQueryResult)]
struct HeadRow {
    person_id: String,
    seq: i64,
    hash: String,
    mac: String,
}

/// Up to 2,000 heads after a person that no checkpoint has as a leaf.
pub(crate) async fn new_heads(site: &Site, tx: &Tx, after: &str) -> Result<Vec<CheckedHead>> {
    let sql = "SELECT h.person_id, h.seq, h.hash, h.mac FROM hour_heads h WHERE h.person_id > $1 AND h.seq > 0 AND NOT EXISTS \
               (SELECT 1 FROM hour_leaves l WHERE l.person_id = h.person_id AND l.seq = h.seq) ORDER BY h.person_id LIMIT 2000";
    let rows: Vec<HeadRow> = db::all(tx, sql, params![after]).await?;
    Ok(rows
        .into_iter()
        .map(|r| checked_head(site, r.person_id, Head { seq: r.seq, hash: r.hash }, &r.mac))
        .collect())
}

pub(crate) async fn insert_leaves(tx: &Tx, heads: &[CheckedHead], no: i64) -> Result<()> {
    let row = |h: &CheckedHead| params![h.person, h.head.seq, h.head.hash, bucket_of(&h.person), no];
    let columns = ["person_id", "seq", "hash", "bucket", "checkpoint"];
    db::insert_rows(tx, "hour_leaves", &columns, heads.iter().map(row).collect(), "").await?;
    Ok(())
}

/// The state of a bucket at a checkpoint: each person's last leaf up to it, in the order of people.
pub(crate) async fn bucket_at(conn: &impl Conn, bucket: &str, no: i64) -> Result<Vec<Leaf>> {
    let sql = "SELECT l.person_id, l.seq, l.hash, l.checkpoint FROM hour_leaves l WHERE l.bucket = $1 AND l.checkpoint <= $2 \
               AND NOT EXISTS (SELECT 1 FROM hour_leaves m WHERE m.person_id = l.person_id AND m.seq > l.seq \
               AND m.checkpoint <= $2) ORDER BY l.person_id LIMIT 100000";
    db::all(conn, sql, params![bucket, no]).await
}

/// The first leaf of a person at an entry or after it.
pub(crate) async fn leaf_covering(conn: &impl Conn, person: PersonId, seq: i64) -> Result<Option<Leaf>> {
    let sql = "SELECT person_id, seq, hash, checkpoint FROM hour_leaves WHERE person_id = $1 AND seq >= $2 ORDER BY seq LIMIT 1";
    db::maybe(conn, sql, params![person, seq]).await
}

pub(crate) async fn by_no(conn: &impl Conn, no: i64) -> Result<Sealed> {
    db::one(conn, &format!("{SEALED} WHERE no = $1"), params![no]).await
}

/// A leaf beside the entry that it stands for; no hash where there is no such entry.
#[derive(FromQueryResult)]
pub(crate) struct LeafAndEntry {
    pub person_id: String,
    pub seq: i64,
    pub hash: String,
    pub bucket: String,
    pub entry_hash: Option<String>,
}

/// Up to 1,000 leaves of a checkpoint after a person, in order, each with the entry it stands for.
pub(crate) async fn leaves_of(db: &Db, no: i64, after: &str) -> Result<Vec<LeafAndEntry>> {
    let sql = "SELECT l.person_id, l.seq, l.hash, l.bucket, e.hash AS entry_hash FROM hour_leaves l LEFT JOIN \
               hour_entries e ON e.person_id = l.person_id AND e.seq = l.seq WHERE l.checkpoint = $1 AND l.person_id > $2 \
               ORDER BY l.person_id LIMIT 1000";
    db::all(db, sql, params![no, after]).await
}
