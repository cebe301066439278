//! Statements on invoices that course platforms sent.
use std::collections::HashMap;

use base::{Error, Fen, Instant, PersonId, Result, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::received::{Before, New};

#[derive(FromQueryResult)]
struct Row {
    number: String,
    provider_id: String,
    person_id: String,
    is_group: bool,
    day: String,
    amount: i64,
    buyer: String,
    tax_number: String,
    title: String,
    people: i64,
    is_cancelled: bool,
}

impl TryFrom<Row> for Before {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let new = New {
            number: r.number,
            is_group: r.is_group,
            day: r.day.parse().map_err(Error::internal)?,
            amount: Fen::new(r.amount),
            buyer: r.buyer,
            tax_number: r.tax_number,
            title: r.title,
            people: r.people,
        };
        Ok(Self { new, provider: r.provider_id, person: r.person_id.parse()?, is_cancelled: r.is_cancelled })
    }
}

// What was ordered under a record that went into another is the other's.
const RECEIVED: &str = "SELECT i.number, i.provider_id, COALESCE(p.merged_into, p.id) AS person_id, i.is_group, i.day, i.amount, \
    i.buyer, i.tax_number, i.title, i.people, i.cancelled_at IS NOT NULL AS is_cancelled \
    FROM received_invoices i JOIN people p ON p.id = i.person_id";

/// The invoice of a number; its gate is held by the caller.
pub(crate) async fn one(tx: &Tx, number: &str) -> Result<Option<Before>> {
    let row: Option<Row> = db::maybe(tx, &format!("{RECEIVED} WHERE i.number = $1"), params![number]).await?;
    row.map(Before::try_from).transpose()
}

/// The invoices of these numbers.
pub(crate) async fn of_numbers(conn: &impl Conn, numbers: &[String]) -> Result<HashMap<String, Before>> {
    let mut found = HashMap::new();
    for chunk in numbers.chunks(1000) {
        let sql = format!("{RECEIVED} WHERE i.number IN ({})", db::in_list(1, chunk.len()));
        for row in db::all::<Row>(conn, &sql, chunk.iter().map(db::Param::param).collect()).await? {
            found.insert(row.number.clone(), Before::try_from(row)?);
        }
    }
    Ok(found)
}

pub(crate) async fn insert(
    tx: &Tx,
    n: &New,
    (provider, person): (&str, PersonId),
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO received_invoices (number, provider_id, person_id, is_group, day, amount, buyer, tax_number, title, \
               people, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = params![
        n.number,
        provider,
        person,
        n.is_group,
        n.day,
        n.amount,
        n.buyer,
        n.tax_number,
        n.title,
        n.people,
        now
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn cancel(tx: &Tx, number: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE received_invoices SET cancelled_at = $1 WHERE number = $2 AND cancelled_at IS NULL";
    db::execute(tx, sql, params![now, number]).await?;
    Ok(())
}

/// A person's invoices of a year that hold and that no living claim holds, oldest first.
pub(crate) async fn open(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<New>> {
    let sql = format!(
        "{RECEIVED} WHERE (p.id = $1 OR p.merged_into = $1) AND i.day BETWEEN $2 AND $3 AND i.cancelled_at IS NULL \
         AND NOT i.is_group AND NOT EXISTS (SELECT 1 FROM reimbursement_invoices r WHERE r.number = i.number \
         AND r.released_at IS NULL) ORDER BY i.day, i.number LIMIT 20"
    );
    let values = params![person, year.first_day(), year.last_day()];
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| Before::try_from(r).map(|b| b.new)).collect()
}

/// Which of the numbers platforms took back.
pub(crate) async fn cancelled(conn: &impl Conn, numbers: &[String]) -> Result<Vec<String>> {
    let known = of_numbers(conn, numbers).await?;
    Ok(known.into_iter().filter(|(_, b)| b.is_cancelled).map(|(number, _)| number).collect())
}
