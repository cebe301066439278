//! Statements on the books of the sandbox's cashier.
use base::{Error, Fen, Instant, Result};
use db::{Conn, FromQueryResult, Tx, params};

use crate::gateway::{Kind, Notice};

/// Writes an entry; false where the payment was paid, or the refund given, before.
pub(crate) async fn enter(tx: &Tx, n: &Notice, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO cashier_books (notice, payment_id, refund_id, kind, amount, at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT DO NOTHING";
    let refund = n.refund.as_deref().unwrap_or_default();
    Ok(db::execute(tx, sql, params![n.id, n.payment, refund, n.kind.code(), n.amount, now]).await? == 1)
}

#[derive(FromQueryResult)]
struct Row {
    notice: String,
    payment_id: String,
    refund_id: String,
    kind: String,
    amount: i64,
}

/// What the books say of a payment, in order.
pub(crate) async fn entries(conn: &impl Conn, payment: &str) -> Result<Vec<Notice>> {
    let sql = "SELECT notice, payment_id, refund_id, kind, amount FROM cashier_books WHERE payment_id = $1 \
               ORDER BY at, kind, notice LIMIT 200";
    let rows: Vec<Row> = db::all(conn, sql, params![payment]).await?;
    rows.into_iter().map(read).collect()
}

fn read(r: Row) -> Result<Notice> {
    let kind = [Kind::Paid, Kind::Refunded].into_iter().find(|k| k.code() == r.kind);
    Ok(Notice {
        id: r.notice,
        payment: r.payment_id,
        refund: Some(r.refund_id).filter(|id| !id.is_empty()),
        kind: kind.ok_or_else(|| Error::internal("unknown kind of an entry"))?,
        amount: Fen::new(r.amount),
    })
}
