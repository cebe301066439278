//! Statements on blocked invoices, and the gate through which every invoice number goes.
use std::collections::HashMap;

use base::{Instant, PersonId, Result, Scope, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{blocks::Block, store_received};

/// What every place's path begins with.
const EVERYWHERE: &str = "/";

/// A block to be noted.
pub(crate) struct NewBlock<'a> {
    pub id: &'a str,
    pub number: &'a str,
    pub kind: Block,
    pub reason: &'a str,
    pub unit_path: &'a str,
}

/// Writes the numbers into the gate: whoever mentions one of them at the same time waits here until this is over.
pub(crate) async fn enter(tx: &Tx, numbers: &[String]) -> Result<()> {
    let mut sorted = numbers.to_vec();
    sorted.sort();
    let rows = sorted.iter().map(|n| params![n]).collect();
    db::insert_rows(tx, "invoice_gate", &["number"], rows, "ON CONFLICT DO NOTHING").await?;
    Ok(())
}

/// Whether the place has noted the number before; the gate is held.
pub(crate) async fn is_noted(tx: &Tx, number: &str, unit_path: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM invoice_blocks WHERE number = $1 AND unit_path = $2";
    Ok(db::count(tx, sql, params![number, unit_path]).await? > 0)
}

/// Writes a block.
pub(crate) async fn insert(tx: &Tx, b: &NewBlock<'_>, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO invoice_blocks (id, number, kind, reason, unit_path, noted_by, noted_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = params![b.id, b.number, b.kind.code(), b.reason, b.unit_path, by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Holder {
    reimbursement_id: String,
}

/// The claim that holds an invoice.
pub(crate) async fn holder(conn: &impl Conn, number: &str) -> Result<Option<String>> {
    let sql = "SELECT reimbursement_id FROM reimbursement_invoices WHERE number = $1 AND released_at IS NULL";
    Ok(db::maybe::<Holder>(conn, sql, params![number]).await?.map(|h| h.reimbursement_id))
}

/// Notes that all of what was paid has to come back.
pub(crate) async fn mark_recovery(tx: &Tx, id: &str, reason: &str) -> Result<()> {
    let sql = "UPDATE reimbursements SET recover_reason = $1, recover_amount = NULL WHERE id = $2";
    db::execute(tx, sql, params![reason, id]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Blocked {
    number: String,
    unit_path: String,
    kind: String,
}

/// The blocks of the numbers, each with the places below which it holds.
pub(crate) async fn of_numbers(
    conn: &impl Conn,
    numbers: &[String],
) -> Result<HashMap<String, Vec<(String, String)>>> {
    let mut found: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for chunk in numbers.chunks(1000) {
        let list = db::in_list(1, chunk.len());
        let sql =
            format!("SELECT number, unit_path, kind FROM invoice_blocks WHERE number IN ({list}) LIMIT 5000");
        let values = chunk.iter().map(db::Param::param).collect();
        for b in db::all::<Blocked>(conn, &sql, values).await? {
            found.entry(b.number).or_default().push((b.unit_path, b.kind));
        }
    }
    // What a platform took back holds nowhere.
    for number in store_received::cancelled(conn, numbers).await? {
        found.entry(number).or_default().push((EVERYWHERE.to_owned(), Block::Void.code()));
    }
    Ok(found)
}

/// A block as its list shows it.
#[derive(FromQueryResult)]
pub(crate) struct Listed {
    pub number: String,
    pub kind: String,
    pub reason: String,
    pub by_name: String,
    pub noted_at: i64,
}

/// The newest blocks in the scope.
pub(crate) async fn listed(conn: &impl Conn, scope: &Scope) -> Result<Vec<Listed>> {
    let mut values = vec![];
    let within = db::in_scope("b.unit_path", scope, &mut values);
    let sql = format!(
        "SELECT b.number, b.kind, b.reason, p.name AS by_name, b.noted_at FROM invoice_blocks b JOIN people p ON p.id = b.noted_by \
         WHERE {within} ORDER BY b.noted_at DESC, b.id LIMIT 200"
    );
    db::all(conn, &sql, values).await
}
