//! Statements on refunds, and on what of an order may go back.
use std::collections::HashSet;

use base::{Fen, Instant, Result};
use db::{Conn, FromQueryResult, Tx, Value, params};

use crate::gateway::Back;

#[derive(FromQueryResult)]
struct Id {
    id: String,
}

/// Money that was asked back.
pub(crate) struct Refund {
    pub payment: String,
    pub amount: Fen,
    pub is_done: bool,
}

pub(crate) async fn one(conn: &impl Conn, id: &str) -> Result<Option<Refund>> {
    #[derive(FromQueryResult)]
    struct Row {
        payment_id: String,
        amount: i64,
        done_at: Option<i64>,
    }
    let sql = "SELECT payment_id, amount, done_at FROM refunds WHERE id = $1";
    let row: Option<Row> = db::maybe(conn, sql, params![id]).await?;
    Ok(row.map(|r| Refund {
        payment: r.payment_id,
        amount: Fen::new(r.amount),
        is_done: r.done_at.is_some(),
    }))
}

pub(crate) async fn insert(tx: &Tx, back: &Back<'_>, now: Instant) -> Result<()> {
    let sql = "INSERT INTO refunds (id, payment_id, amount, asked_at) VALUES ($1, $2, $3, $4)";
    db::execute(tx, sql, params![back.refund, back.payment, back.amount, now]).await?;
    Ok(())
}

pub(crate) async fn done(tx: &Tx, id: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE refunds SET done_at = $1 WHERE id = $2 AND done_at IS NULL";
    db::execute(tx, sql, params![now, id]).await?;
    Ok(())
}

/// What of a payment has been given back.
pub(crate) async fn given_back(conn: &impl Conn, payment: &str) -> Result<Fen> {
    let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM refunds WHERE payment_id = $1 AND done_at IS NOT NULL";
    Ok(Fen::new(db::count(conn, sql, params![payment]).await?))
}

/// Whether money of the order's courses is still on its way back.
pub(crate) async fn is_open(conn: &impl Conn, order: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM orders o JOIN refunds r ON r.payment_id = o.payment_id WHERE o.id = $1 AND r.done_at IS NULL";
    Ok(db::count(conn, sql, params![order]).await? > 0)
}

/// Lets nobody who learns in an order open a lesson or hand one in until the transaction ends. Held before the order, as
/// whoever opens a lesson does; rows that name a learner can be written meanwhile, so that a beat on its way gets through.
pub(crate) async fn hold_learners(tx: &Tx, order: &str) -> Result<()> {
    let lock = db::dialect::for_update(tx).replace("UPDATE", "NO KEY UPDATE");
    let sql = format!(
        "SELECT id FROM learners WHERE id IN (SELECT learner_id FROM orders WHERE id = $1 UNION SELECT learner_id \
         FROM order_seats WHERE order_id = $1) ORDER BY id{lock}"
    );
    db::all::<Id>(tx, &sql, params![order]).await?;
    Ok(())
}

/// Marks courses of an order as given back by a refund.
pub(crate) async fn mark(tx: &Tx, order: &str, courses: &[&str], refund: &str) -> Result<()> {
    let list = db::in_list(3, courses.len());
    let sql = format!(
        "UPDATE order_items SET refund_id = $1 WHERE order_id = $2 AND refund_id IS NULL AND course_id IN ({list})"
    );
    let mut values: Vec<Value> = params![refund, order];
    values.extend(courses.iter().map(db::Param::param));
    db::execute(tx, &sql, values).await?;
    Ok(())
}

/// Which seats of an order can go back now: nobody has begun to learn in them and it is early, or the course was withdrawn
/// and who has the seat has not completed it.
fn may_go_back(is_soon: bool) -> String {
    let untouched = if is_soon { "s.begun_at IS NULL OR " } else { "" };
    format!(
        "s.refund_id IS NULL AND EXISTS (SELECT 1 FROM order_items i JOIN courses k ON k.id = i.course_id \
         WHERE i.order_id = s.order_id AND i.course_id = s.course_id AND i.refund_id IS NULL AND ({untouched}\
         (k.withdrawn_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM course_completions d WHERE d.course_id = s.course_id \
         AND d.learner_id = s.learner_id AND d.round = s.round))))"
    )
}

/// What a person's seats bring back.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct OpenSeats {
    pub name: String,
    pub courses: i64,
    /// In fen.
    pub amount: i64,
}

/// What each person's seats bring back now; nothing of those who have none that can go back.
pub(crate) async fn open_seats(conn: &impl Conn, order: &str, is_soon: bool) -> Result<Vec<OpenSeats>> {
    let sql = format!(
        "SELECT s.name, COUNT(*) AS courses, CAST(SUM(p.fee) AS BIGINT) AS amount FROM order_seats s JOIN ({PRICES}) p \
         ON p.course_id = s.course_id WHERE s.order_id = $1 AND {} GROUP BY s.name ORDER BY s.name LIMIT 500",
        may_go_back(is_soon)
    );
    db::all(conn, &sql, params![order]).await
}

/// What a seat costs in each course of an order.
const PRICES: &str = "SELECT i.course_id, i.fee / (SELECT COUNT(*) FROM order_seats n WHERE n.order_id = i.order_id \
                      AND n.course_id = i.course_id) AS fee FROM order_items i WHERE i.order_id = $1";

/// Marks the seats of these people that can go back as given back by a refund, and each course of which no seat is left.
pub(crate) async fn mark_seats(
    tx: &Tx,
    (order, refund): (&str, &str),
    people: &[&str],
    is_soon: bool,
) -> Result<()> {
    let sql = format!(
        "UPDATE order_seats AS s SET refund_id = $2 WHERE s.order_id = $1 AND s.name IN ({}) AND {}",
        db::in_list(3, people.len()),
        may_go_back(is_soon)
    );
    let mut values: Vec<Value> = params![order, refund];
    values.extend(people.iter().map(db::Param::param));
    db::execute(tx, &sql, values).await?;
    let sql = "UPDATE order_items SET refund_id = $2 WHERE order_id = $1 AND refund_id IS NULL AND NOT EXISTS (SELECT 1 \
               FROM order_seats s WHERE s.order_id = order_items.order_id AND s.course_id = order_items.course_id \
               AND s.refund_id IS NULL)";
    db::execute(tx, sql, params![order, refund]).await?;
    Ok(())
}

/// Payments of an order whose money has not come in, or not all gone back, as far as we know.
pub(crate) async fn open_payments(conn: &impl Conn, order: &str) -> Result<Vec<String>> {
    let sql = "SELECT p.id FROM payments p WHERE p.order_id = $1 AND (p.state = 'pending' OR EXISTS (SELECT 1 FROM refunds r \
               WHERE r.payment_id = p.id AND r.done_at IS NULL)) ORDER BY p.created_at DESC, p.id LIMIT 5";
    Ok(db::all::<Id>(conn, sql, params![order]).await?.into_iter().map(|p| p.id).collect())
}

async fn courses(conn: &impl Conn, sql: &str, order: &str) -> Result<HashSet<String>> {
    Ok(db::all::<Id>(conn, sql, params![order]).await?.into_iter().map(|c| c.id).collect())
}

/// The courses of a group order in which someone has begun to learn.
pub(crate) async fn begun(conn: &impl Conn, order: &str) -> Result<HashSet<String>> {
    let sql = "SELECT DISTINCT course_id AS id FROM order_seats WHERE order_id = $1 AND begun_at IS NOT NULL";
    courses(conn, sql, order).await
}

/// The courses of an order that were withdrawn and that nobody has completed in it.
pub(crate) async fn withdrawn(conn: &impl Conn, order: &str) -> Result<HashSet<String>> {
    let sql = "SELECT i.course_id AS id FROM order_items i JOIN courses c ON c.id = i.course_id WHERE i.order_id = $1 \
               AND c.withdrawn_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM course_completions d WHERE d.course_id = i.course_id \
               AND d.learner_id = i.learner_id AND d.round = i.round) AND NOT EXISTS (SELECT 1 FROM order_seats s \
               JOIN course_completions d ON d.course_id = s.course_id AND d.learner_id = s.learner_id AND d.round = s.round \
               WHERE s.order_id = i.order_id AND s.course_id = i.course_id)";
    courses(conn, sql, order).await
}
