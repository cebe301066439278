//! Statements that write notices.
use base::{Error, Hours, Instant, PersonId, Result, UnitId, person::Code};
use db::{Tx, params};
use sea_orm::FromQueryResult;

use crate::notice::{Content, State, Target};

/// A notice to be written.
pub(crate) struct NewRow<'a> {
    pub id: &'a str,
    pub unit: UnitId,
    pub author: PersonId,
    pub forwards: Option<&'a str>,
    pub target: &'a Target,
}

/// Codes between commas, so that one is found by `%,code,%`.
fn joined<T: Code>(codes: &[T]) -> String {
    if codes.is_empty() {
        return String::new();
    }
    format!(",{},", codes.iter().map(Code::code).collect::<Vec<_>>().join(","))
}

pub(crate) async fn insert(tx: &Tx, n: &NewRow<'_>, at: Instant) -> Result<()> {
    let sql = "INSERT INTO notices (id, unit_id, author_id, state, version, forwards, target_path, roles, categories, \
               unfinished, created_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10)";
    let (roles, categories) = (joined(&n.target.roles), joined(&n.target.categories));
    let state = State::Draft.code();
    let values = params![
        n.id,
        n.unit,
        n.author,
        state,
        n.forwards,
        n.target.path,
        roles,
        categories,
        n.target.unfinished,
        at
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// Keeps a version with its table of trainings.
pub(crate) async fn insert_version(
    tx: &Tx,
    (id, version): (&str, i64),
    c: &Content,
    (by, at): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO notice_versions (notice_id, version, document_no, title, body, valid_from, valid_until, \
               topics_of, contact_name, contact_phone, saved_by, saved_at, tender_id, by_sms, by_mail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let values = params![
        id,
        version,
        c.document_no,
        c.title,
        c.body.html(),
        c.valid_from,
        c.valid_until,
        c.topics_of,
        c.contact_name,
        c.contact_phone,
        by,
        at,
        c.tender,
        c.ways.by_sms,
        c.ways.by_mail
    ];
    db::execute(tx, sql, values).await?;
    let rows = (1_i64..).zip(&c.trainings).map(|(place, t)| {
        let (hours, offset) = (t.hours.map(Hours::hundredths), t.offset.map(Hours::hundredths));
        params![id, version, place, t.title, t.from, t.to, hours, offset, t.fee, t.remark]
    });
    let columns = [
        "notice_id",
        "version",
        "place",
        "title",
        "from_day",
        "to_day",
        "hours",
        "offset_hours",
        "fee",
        "remark",
    ];
    db::insert_rows(tx, "notice_rows", &columns, rows.collect(), "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Held {
    state: String,
    version: i64,
}

/// Holds a notice until the transaction ends; gives its state and newest version.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<(String, i64)> {
    let sql = format!("SELECT state, version FROM notices WHERE id = $1{}", db::dialect::for_update(tx));
    let held: Held = db::maybe(tx, &sql, params![id]).await?.ok_or_else(Error::not_found)?;
    Ok((held.state, held.version))
}

pub(crate) async fn set_version(tx: &Tx, id: &str, version: i64, target: &Target) -> Result<()> {
    let sql = "UPDATE notices SET version = $1, target_path = $2, roles = $3, categories = $4, unfinished = $5 WHERE id = $6";
    let (roles, categories) = (joined(&target.roles), joined(&target.categories));
    db::execute(tx, sql, params![version, target.path, roles, categories, target.unfinished, id]).await?;
    Ok(())
}

pub(crate) async fn set_published(tx: &Tx, id: &str, at: Instant) -> Result<()> {
    let sql =
        "UPDATE notices SET state = 'published', published_at = COALESCE(published_at, $1) WHERE id = $2";
    db::execute(tx, sql, params![at, id]).await?;
    Ok(())
}

pub(crate) async fn set_withdrawn(tx: &Tx, id: &str, reason: &str, at: Instant) -> Result<()> {
    let sql = "UPDATE notices SET state = 'withdrawn', withdrawn_at = $1, reason = $2 WHERE id = $3";
    db::execute(tx, sql, params![at, reason, id]).await?;
    Ok(())
}
