//! Statements on invoices: as they are issued, taken back, and told to the management platform.
use base::{Fen, Hours, Instant, Result, day};
use db::{Conn, FromQueryResult, Tx, Value, params};

use crate::{
    billing::{Bill, Told},
    store::{Item, Order},
};

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

/// Whether an invoice of an order holds.
pub(crate) async fn has_one(conn: &impl Conn, order: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM order_invoices WHERE order_id = $1 AND cancelled_at IS NULL";
    Ok(db::count(conn, sql, params![order]).await? > 0)
}

/// Issues an invoice over what is left of an order. The first course stands for all in the title: it only says what the
/// invoice is about.
pub(crate) async fn issue(tx: &Tx, order: &Order, number: &str, now: Instant) -> Result<()> {
    let title = order.kept().next().map(Item::kept_title).unwrap_or_default();
    let amount: Fen = order.kept().map(Item::kept).sum();
    let people = "SELECT COUNT(DISTINCT s.place) FROM order_seats s JOIN order_items i ON i.order_id = s.order_id \
                  AND i.course_id = s.course_id WHERE s.order_id = $1 AND s.refund_id IS NULL AND i.refund_id IS NULL";
    let people = db::count(tx, people, params![order.id]).await?;
    let sql = "INSERT INTO order_invoices (number, order_id, issued_at, amount, title, people) VALUES ($1, $2, $3, $4, $5, $6)";
    db::execute(tx, sql, params![number, order.id, now, amount, title, people]).await?;
    let line = |(place, i): (i64, &Item)| params![number, place, i.kept_title(), i.kept_hours(), i.kept()];
    let lines = (1..).zip(order.kept()).map(line).collect();
    let columns = ["number", "place", "title", "hours", "fee"];
    db::insert_rows(tx, "order_invoice_lines", &columns, lines, "").await?;
    Ok(())
}

/// Takes the invoice of an order back by another of that number.
pub(crate) async fn cancel(tx: &Tx, order: &str, red: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE order_invoices SET cancelled_at = $1, red_number = $2 WHERE order_id = $3 AND cancelled_at IS NULL";
    db::execute(tx, sql, params![now, red, order]).await?;
    Ok(())
}

/// Gives a number to the invoice that took one back.
pub(crate) async fn name_red(tx: &Tx, number: &str, red: &str) -> Result<()> {
    let sql = "UPDATE order_invoices SET red_number = $1 WHERE number = $2 AND red_number IS NULL";
    db::execute(tx, sql, params![red, number]).await?;
    Ok(())
}

/// An invoice as its order's page lists it.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub number: String,
    pub issued_at: i64,
    pub amount: Fen,
    /// When it was taken back, and the number of the invoice that did.
    pub cancelled_at: Option<i64>,
    pub red_number: Option<String>,
    /// What it is about, where its lines are not known.
    pub title: String,
}

/// The invoices of an order, in the order of issue; the last one holds unless all went back.
pub(crate) async fn of_order(conn: &impl Conn, order: &str) -> Result<Vec<Issued>> {
    #[derive(FromQueryResult)]
    struct One {
        number: String,
        issued_at: i64,
        amount: i64,
        cancelled_at: Option<i64>,
        red_number: Option<String>,
        title: String,
    }
    let sql = "SELECT number, issued_at, amount, cancelled_at, red_number, title FROM order_invoices WHERE order_id = $1 \
               ORDER BY cancelled_at IS NULL, issued_at, number LIMIT 100";
    let rows: Vec<One> = db::all(conn, sql, params![order]).await?;
    let issued = |r: One| Issued {
        number: r.number,
        issued_at: r.issued_at,
        amount: Fen::new(r.amount),
        cancelled_at: r.cancelled_at,
        red_number: r.red_number,
        title: r.title,
    };
    Ok(rows.into_iter().map(issued).collect())
}

/// A line of an invoice.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub title: String,
    /// None where it is no longer known.
    pub hours: Option<Hours>,
    pub fee: Fen,
}

/// What an invoice is over.
pub(crate) async fn lines(conn: &impl Conn, invoice: &Issued) -> Result<Vec<Charge>> {
    #[derive(FromQueryResult)]
    struct Line {
        title: String,
        hours: i64,
        fee: i64,
    }
    let sql = "SELECT title, hours, fee FROM order_invoice_lines WHERE number = $1 ORDER BY place LIMIT 1000";
    let rows: Vec<Line> = db::all(conn, sql, params![invoice.number]).await?;
    if rows.is_empty() {
        return Ok(vec![Charge { title: invoice.title.clone(), hours: None, fee: invoice.amount }]);
    }
    let line = |r: Line| Charge {
        title: r.title,
        hours: Some(Hours::from_hundredths(r.hours)),
        fee: Fen::new(r.fee),
    };
    Ok(rows.into_iter().map(line).collect())
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
