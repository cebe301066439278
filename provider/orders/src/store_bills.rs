//! Statements on invoices as they are told to the management platform.
use base::{Fen, Result, day};
use db::{Conn, Value, params};
use sea_orm::FromQueryResult;

use crate::billing::{Bill, Told};

#[derive(FromQueryResult)]
struct Row {
    number: String,
    subject_id: String,
    paid_at: i64,
    amount: i64,
    buyer: Option<String>,
    tax_number: Option<String>,
    title: Option<String>,
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
            date: day::day_of(day::from_millis(r.paid_at)).to_string(),
            amount: Fen::new(r.amount),
            buyer: r.buyer.unwrap_or_default(),
            tax_number: r.tax_number.unwrap_or_default(),
            title: r.title.unwrap_or_default(),
            is_group: r.is_group,
            people: r.people,
            is_cancelled: r.is_cancelled,
        };
        Self { bill, status: r.status, reason: r.reason }
    }
}

// The first course stands for all in the title: it only says what the invoice is about.
const BILL: &str = "SELECT o.invoice_no AS number, l.subject_id, o.paid_at, o.buyer, o.tax_number, o.is_group, \
    (SELECT CAST(COALESCE(SUM(i.fee), 0) AS BIGINT) FROM order_items i WHERE i.order_id = o.id) AS amount, \
    (SELECT MIN(i.title) FROM order_items i WHERE i.order_id = o.id) AS title, \
    (SELECT COUNT(DISTINCT s.place) FROM order_seats s WHERE s.order_id = o.id) AS people, \
    o.state <> 'paid' AS is_cancelled, o.invoice_status AS status, o.invoice_reason AS reason \
    FROM orders o JOIN learners l ON l.id = o.learner_id WHERE o.invoice_no IS NOT NULL AND o.paid_at IS NOT NULL";

/// What was not answered as it is now. An order that went back before it was ever told needs no telling.
pub(crate) async fn untold(conn: &impl Conn, order: Option<&str>) -> Result<Vec<Bill>> {
    let sql = format!(
        "{BILL} AND ((o.state = 'paid' AND o.invoice_told = '') OR (o.state IN ('refunding', 'refunded') \
         AND o.invoice_told = 'issued')) AND ($1 = '' OR o.id = $1) ORDER BY o.paid_at, o.id LIMIT 100"
    );
    let rows: Vec<Row> = db::all(conn, &sql, params![order.unwrap_or_default()]).await?;
    Ok(rows.into_iter().map(|r| Told::from(r).bill).collect())
}

pub(crate) async fn told(conn: &impl Conn, answers: &[Told]) -> Result<()> {
    if answers.is_empty() {
        return Ok(());
    }
    let marks: Vec<String> = (0..answers.len())
        .map(|n| format!("(${}, ${}, ${}, ${})", n * 4 + 1, n * 4 + 2, n * 4 + 3, n * 4 + 4))
        .collect();
    let sql = format!(
        "UPDATE orders SET invoice_told = v.column2, invoice_status = v.column3, invoice_reason = v.column4 \
         FROM (VALUES {}) AS v WHERE orders.invoice_no = v.column1",
        marks.join(", ")
    );
    let values: Vec<Value> =
        answers.iter().flat_map(|t| params![t.bill.number, t.bill.state(), t.status, t.reason]).collect();
    db::execute(conn, &sql, values).await?;
    Ok(())
}

pub(crate) async fn refused(conn: &impl Conn) -> Result<Vec<Told>> {
    let sql = format!("{BILL} AND o.invoice_status = 'refused' ORDER BY o.paid_at DESC, o.id LIMIT 100");
    Ok(db::all::<Row>(conn, &sql, vec![]).await?.into_iter().map(Told::from).collect())
}
