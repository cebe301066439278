//! Statements on what units paid themselves.
use base::{Fen, Instant, PersonId, Result, Scope, UnitId, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::unit_paid::{New, Payment};

/// The place and year of a new payment.
pub(crate) struct Row<'a> {
    pub id: String,
    pub unit: UnitId,
    pub unit_path: &'a str,
    pub year: Year,
}

/// Writes a payment; false where the invoice was recorded before.
pub(crate) async fn insert(tx: &Tx, r: &Row<'_>, n: &New, (by, now): (PersonId, Instant)) -> Result<bool> {
    let sql = "INSERT INTO unit_payments (id, unit_id, unit_path, year, title, course, invoice_number, amount, people, paid_on, \
               recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
    let values = params![
        r.id,
        r.unit,
        r.unit_path,
        r.year,
        n.title,
        n.course,
        n.number,
        n.amount,
        n.people,
        n.paid_on,
        by,
        now
    ];
    Ok(db::execute(tx, sql, values).await? == 1)
}

/// The payments of a year in the scope, newest first.
pub(crate) async fn of_year(conn: &impl Conn, scope: &Scope, year: Year) -> Result<Vec<Payment>> {
    #[derive(FromQueryResult)]
    struct One {
        id: String,
        year: i64,
        unit: String,
        title: String,
        course: String,
        invoice_number: String,
        amount: i64,
        people: i64,
        paid_on: String,
    }
    let mut values = params![year];
    let within = db::in_scope("p.unit_path", scope, &mut values);
    let sql = format!(
        "SELECT p.id, p.year, u.name AS unit, p.title, p.course, p.invoice_number, p.amount, p.people, p.paid_on \
         FROM unit_payments p JOIN units u ON u.id = p.unit_id WHERE p.year = $1 AND {within} AND p.cancelled_at IS NULL \
         ORDER BY p.recorded_at DESC, p.id LIMIT 500"
    );
    let rows: Vec<One> = db::all(conn, &sql, values).await?;
    let payment = |r: One| Payment {
        id: r.id,
        year: r.year,
        unit: r.unit,
        title: r.title,
        course: r.course,
        invoice: r.invoice_number,
        amount: Fen::new(r.amount),
        people: r.people,
        paid_on: r.paid_on,
    };
    Ok(rows.into_iter().map(payment).collect())
}

#[derive(FromQueryResult)]
struct Text {
    text: String,
}

/// The courses that the units around a place paid for in a year.
pub(crate) async fn courses(conn: &impl Conn, path: &str, year: Year) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT course AS text FROM unit_payments WHERE year = $1 AND course <> '' AND cancelled_at IS NULL AND \
               SUBSTR($2, 1, LENGTH(unit_path)) = unit_path LIMIT 1000";
    let rows: Vec<Text> = db::all(conn, sql, params![year, path]).await?;
    Ok(rows.into_iter().map(|r| r.text).collect())
}

/// A course that the unit of a place paid for.
#[derive(FromQueryResult)]
pub(crate) struct PaidCourse {
    pub unit_path: String,
    pub course: String,
}

/// All courses that units paid for themselves in a year.
pub(crate) async fn all_courses(conn: &impl Conn, year: Year) -> Result<Vec<PaidCourse>> {
    let sql = "SELECT DISTINCT unit_path, course FROM unit_payments WHERE year = $1 AND course <> '' AND cancelled_at IS NULL \
               LIMIT 20000";
    db::all(conn, sql, params![year]).await
}

/// The place and year of a payment for a course, by its invoice.
pub(crate) async fn of_course(tx: &Tx, number: &str) -> Result<Option<(String, Year)>> {
    #[derive(FromQueryResult)]
    struct One {
        unit_path: String,
        year: i64,
    }
    let sql = "SELECT unit_path, year FROM unit_payments WHERE invoice_number = $1 AND course <> '' AND cancelled_at IS NULL";
    let row: Option<One> = db::maybe(tx, sql, params![number]).await?;
    Ok(row.and_then(|r| Some((r.unit_path, Year::new(r.year)?))))
}

/// Notes that the invoice of a payment was taken back.
pub(crate) async fn cancel(tx: &Tx, number: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE unit_payments SET cancelled_at = $1 WHERE invoice_number = $2 AND cancelled_at IS NULL";
    db::execute(tx, sql, params![now, number]).await?;
    Ok(())
}

/// Which of the numbers are invoices that a unit paid.
pub(crate) async fn paid(conn: &impl Conn, numbers: &[String]) -> Result<Vec<String>> {
    let list = db::in_list(1, numbers.len());
    let sql = format!(
        "SELECT invoice_number AS text FROM unit_payments WHERE invoice_number IN ({list}) LIMIT 100"
    );
    let values = numbers.iter().map(db::Param::param).collect();
    Ok(db::all::<Text>(conn, &sql, values).await?.into_iter().map(|r| r.text).collect())
}
