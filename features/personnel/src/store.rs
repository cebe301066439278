//! Statements on checks, and the look-up of people whom a list names.
use std::collections::HashMap;

use base::{Error, Instant, PersonId, Result, Scope};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::batch::{Batch, Checked};

#[derive(FromQueryResult)]
struct Found {
    key: String,
    id: String,
}

const PLACES: &str = "people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id";

/// Reads `key → person` for the keys that `column` holds, within the scope.
async fn find(
    conn: &impl Conn,
    (tables, column): (&str, &str),
    scope: &Scope,
    keys: &[String],
) -> Result<Vec<(String, PersonId)>> {
    let mut found = vec![];
    for chunk in keys.chunks(1000) {
        let mut values: Vec<db::Value> = chunk.iter().map(db::Param::param).collect();
        let list = db::in_list(1, chunk.len());
        let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
        let sql = format!(
            "SELECT {column} AS key, p.id FROM {tables} WHERE {column} IN ({list}) AND {within} ORDER BY p.id LIMIT 5000"
        );
        for row in db::all::<Found>(conn, &sql, values).await? {
            found.push((row.key, row.id.parse()?));
        }
    }
    Ok(found)
}

pub(crate) async fn by_id_numbers(
    conn: &impl Conn,
    scope: &Scope,
    lookups: &[String],
) -> Result<HashMap<String, PersonId>> {
    Ok(find(conn, (PLACES, "p.id_number_lookup"), scope, lookups).await?.into_iter().collect())
}

pub(crate) async fn by_accounts(
    conn: &impl Conn,
    scope: &Scope,
    names: &[String],
) -> Result<HashMap<String, PersonId>> {
    let tables = format!("{PLACES} JOIN accounts a ON a.person_id = p.id");
    Ok(find(conn, (&tables, "a.name"), scope, names).await?.into_iter().collect())
}

pub(crate) async fn by_names(
    conn: &impl Conn,
    scope: &Scope,
    names: &[String],
) -> Result<HashMap<String, Vec<PersonId>>> {
    let mut found: HashMap<String, Vec<PersonId>> = HashMap::new();
    for (name, person) in find(conn, (PLACES, "p.name"), scope, names).await? {
        found.entry(name).or_default().push(person);
    }
    Ok(found)
}

pub(crate) async fn insert(tx: &Tx, batch: &Batch) -> Result<()> {
    let sql = "INSERT INTO personnel_batches (id, business, year, unit_path, checked_by, checked_at, unresolved) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let unresolved = serde_json::to_string(&batch.unresolved).map_err(Error::internal)?;
    let business = base::person::Code::code(&batch.business);
    let values = params![batch.id, business, batch.year, batch.unit_path, batch.by, batch.at, unresolved];
    db::execute(tx, sql, values).await?;
    let row = |(place, c): (usize, &Checked)| -> Result<Vec<db::Value>> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let answer = serde_json::to_string(c).map_err(Error::internal)?;
        Ok(params![c.check_no, batch.id, place, c.person, c.certificate_no, c.allowed, answer])
    };
    let rows = batch.checks.iter().enumerate().map(row).collect::<Result<_>>()?;
    let columns = ["no", "batch_id", "place", "person_id", "certificate_no", "allowed", "answer"];
    db::insert_rows(tx, "personnel_checks", &columns, rows, "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
pub(crate) struct BatchRow {
    pub id: String,
    pub business: String,
    pub year: i64,
    pub by_name: String,
    pub checked_at: i64,
    pub unresolved: String,
    pub allowed: i64,
    pub refused: i64,
    pub revoked: i64,
}

const BATCH: &str = "SELECT b.id, b.business, b.year, p.name AS by_name, b.checked_at, \
    b.unresolved, CAST(COALESCE(SUM(CASE WHEN c.allowed THEN 1 ELSE 0 END), 0) AS BIGINT) AS allowed, \
    CAST(COALESCE(SUM(CASE WHEN c.allowed THEN 0 ELSE 1 END), 0) AS BIGINT) AS refused, \
    CAST(COUNT(c.revoked_at) AS BIGINT) AS revoked FROM personnel_batches b JOIN people p ON p.id = b.checked_by \
    LEFT JOIN personnel_checks c ON c.batch_id = b.id";
const GROUP: &str = "GROUP BY b.id, b.business, b.year, p.name, b.checked_at, b.unresolved";

/// The newest lists in the scope.
pub(crate) async fn recent(conn: &impl Conn, scope: &Scope) -> Result<Vec<BatchRow>> {
    let mut values = vec![];
    let within = db::in_scope("b.unit_path", scope, &mut values);
    let sql = format!("{BATCH} WHERE {within} {GROUP} ORDER BY b.checked_at DESC LIMIT 50");
    db::all(conn, &sql, values).await
}

pub(crate) async fn batch(conn: &impl Conn, scope: &Scope, id: &str) -> Result<BatchRow> {
    let mut values = params![id];
    let within = db::in_scope("b.unit_path", scope, &mut values);
    db::one(conn, &format!("{BATCH} WHERE b.id = $1 AND {within} {GROUP}"), values).await
}

#[derive(FromQueryResult)]
struct CheckRow {
    answer: String,
    revoked_at: Option<i64>,
}

/// The checks of a list, each with whether its certificate was revoked since.
pub(crate) async fn checks(conn: &impl Conn, batch: &str) -> Result<Vec<(Checked, bool)>> {
    let sql = "SELECT answer, revoked_at FROM personnel_checks WHERE batch_id = $1 ORDER BY place LIMIT 2000";
    let rows: Vec<CheckRow> = db::all(conn, sql, params![batch]).await?;
    let read = |r: CheckRow| -> Result<(Checked, bool)> {
        Ok((serde_json::from_str(&r.answer).map_err(Error::internal)?, r.revoked_at.is_some()))
    };
    rows.into_iter().map(read).collect()
}

/// A check that relied on a certificate.
#[derive(FromQueryResult)]
pub(crate) struct Relied {
    pub no: String,
    pub checked_by: String,
    pub unit_path: String,
    pub batch_id: String,
    pub business: String,
    pub name: String,
}

/// Marks the checks that relied on the certificate and went ahead; answers those that were not marked before.
pub(crate) async fn mark_revoked(tx: &Tx, certificate: &str, now: Instant) -> Result<Vec<Relied>> {
    let sql = format!(
        "SELECT c.no, b.checked_by, b.unit_path, b.id AS batch_id, b.business, p.name FROM personnel_checks c \
         JOIN personnel_batches b ON b.id = c.batch_id JOIN people p ON p.id = c.person_id WHERE c.certificate_no = $1 AND c.allowed AND c.revoked_at IS NULL ORDER BY c.no LIMIT 1000{}",
        db::dialect::for_update(tx)
    );
    let relied = db::all(tx, &sql, params![certificate]).await?;
    let sql = "UPDATE personnel_checks SET revoked_at = $1 WHERE certificate_no = $2 AND allowed AND revoked_at IS NULL";
    db::execute(tx, sql, params![now, certificate]).await?;
    Ok(relied)
}
