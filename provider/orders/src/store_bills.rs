//! Statements on invoices: as they are issued, taken back, and told to the management platform.
use base::{Fen, Instant, Result, day};
use db::{Conn, FromQueryResult, Tx, Value, params};

use crate::billing::{Bill, Told};

#[derive(FromQueryResult)]
struct Row {
    number: String,
    subject_id: String,
    issued_at: i64,
    amount: i64,
    buyer: Option<String>,
    tax_number: Option<String>,
    title: String,
    is_group: bool,
    people: i64,
    is_cancelled: bool,
    status: String,
    reason: String,
}

impl From<Row> for Told {
    fn from(r: Row) -> Self {
        let bill = Bill {
            number: r.number,
            subject_id: r.subject_id,
            date: day::day_of(day::from_millis(r.issued_at)).to_string(),
            amount: Fen::new(r.amount),
            buyer: r.buyer.unwrap_or_default(),
            tax_number: r.tax_number.unwrap_or_default(),
            title: r.title,
            is_group: r.is_group,
            people: r.people,
            is_cancelled: r.is_cancelled,
        };
        Self { bill, status: r.status, reason: r.reason }
    }
}

const BILL: &str = "SELECT v.number, l.subject_id, v.issued_at, o.buyer, o.tax_number, o.is_group, v.amount, v.title, v.people, \
    v.cancelled_at IS NOT NULL AS is_cancelled, v.status, v.reason \
    FROM order_invoices v JOIN orders o ON o.id = v.order_id JOIN learners l ON l.id = o.learner_id";

/// Issues an invoice over what is left of an order, unless one holds. The first course stands for all in the title: it only
/// says what the invoice is about.
pub(crate) async fn issue(tx: &Tx, order: &str, number: &str, now: Instant) -> Result<()> {
    let sql = "INSERT INTO order_invoices (number, order_id, issued_at, amount, title, people) \
               SELECT $1, i.order_id, $2, CAST(SUM(i.fee) AS BIGINT), MIN(i.title), \
               (SELECT COUNT(DISTINCT s.place) FROM order_seats s WHERE s.order_id = i.order_id) FROM order_items i \
               WHERE i.order_id = $3 AND i.refund_id IS NULL AND NOT EXISTS (SELECT 1 FROM order_invoices v \
               WHERE v.order_id = i.order_id AND v.cancelled_at IS NULL) GROUP BY i.order_id";
    db::execute(tx, sql, params![number, now, order]).await?;
    Ok(())
}

/// Takes the invoice of an order back.
pub(crate) async fn cancel(tx: &Tx, order: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE order_invoices SET cancelled_at = $1 WHERE order_id = $2 AND cancelled_at IS NULL";
    db::execute(tx, sql, params![now, order]).await?;
    Ok(())
}

/// An invoice as its order's page lists it.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub number: String,
    pub issued_at: i64,
    pub amount: Fen,
    pub is_cancelled: bool,
}

/// The invoices of an order, in the order of issue; the last one holds unless all went back.
pub(crate) async fn of_order(conn: &impl Conn, order: &str) -> Result<Vec<Issued>> {
    #[derive(FromQueryResult)]
    struct One {
        number: String,
        issued_at: i64,
        amount: i64,
        cancelled_at: Option<i64>,
    }
    let sql = "SELECT number, issued_at, amount, cancelled_at FROM order_invoices WHERE order_id = $1 \
               ORDER BY cancelled_at IS NULL, issued_at, number LIMIT 100";
    let rows: Vec<One> = db::all(conn, sql, params![order]).await?;
    let issued = |r: One| Issued {
        number: r.number,
        issued_at: r.issued_at,
        amount: Fen::new(r.amount),
        is_cancelled: r.cancelled_at.is_some(),
    };
    Ok(rows.into_iter().map(issued).collect())
}

/// What was not answered as it is now, what was taken back first. One taken back before it was ever told needs no telling.
pub(crate) async fn untold(conn: &impl Conn, order: Option<&str>) -> Result<Vec<Bill>> {
    let sql = format!(
        "{BILL} WHERE ((v.cancelled_at IS NULL AND v.told = '') OR (v.cancelled_at IS NOT NULL AND v.told = 'issued')) \
         AND ($1 = '' OR v.order_id = $1) ORDER BY v.cancelled_at IS NULL, v.issued_at, v.number LIMIT 100"
    );
    let rows: Vec<Row> = db::all(conn, &sql, params![order.unwrap_or_default()]).await?;
    Ok(rows.into_iter().map(|r| Told::from(r).bill).collect())
}

pub(crate) async fn told(conn: &impl Conn, answers: &[Told]) -> Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE order_invoices SET told = v.column2, status = v.column3, reason = v.column4 \
         FROM (VALUES {}) AS v WHERE order_invoices.number = v.column1",
        db::value_rows(answers.len(), 4)
    );
    let values: Vec<Value> =
        answers.iter().flat_map(|t| params![t.bill.number, t.bill.state(), t.status, t.reason]).collect();
    db::execute(conn, &sql, values).await?;
    Ok(())
}

pub(crate) async fn refused(conn: &impl Conn) -> Result<Vec<Told>> {
    let sql = format!("{BILL} WHERE v.status = 'refused' ORDER BY v.issued_at DESC, v.number LIMIT 100");
    Ok(db::all::<Row>(conn, &sql, vec![]).await?.into_iter().map(Told::from).collect())
}
