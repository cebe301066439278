//! Invoices on their way to the management platform: each paid order gets its number at once, and is told there; told again
//! when the money went back. Who sends them is `link`.
use base::{Fen, Result, day};
use db::{Conn, Tx};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{store, store_bills};

/// The job that tells an order's invoice.
pub const INVOICE_JOB: &str = "orders.invoice";

/// Whose invoice is to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvoiceJob {
    /// The order.
    pub order: String,
}

/// An invoice as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Its number.
    pub number: String,
    /// Who ordered, as the management platform names learners.
    pub subject_id: String,
    /// The day of the payment.
    pub date: String,
    /// What was paid.
    pub amount: Fen,
    /// The buyer; empty for the learner.
    pub buyer: String,
    /// The buyer's tax number.
    pub tax_number: String,
    /// The courses.
    pub title: String,
    /// Whether it is a group's.
    pub is_group: bool,
    /// For how many people.
    pub people: i64,
    /// Whether the money went back.
    pub is_cancelled: bool,
}

impl Bill {
    /// The state that is told, as it is kept when it was answered.
    pub(crate) fn state(&self) -> &'static str {
        if self.is_cancelled { "cancelled" } else { "issued" }
    }
}

/// What the management platform said to an invoice.
#[derive(Clone, Debug)]
pub struct Told {
    /// The invoice.
    pub bill: Bill,
    /// `taken` or `refused`.
    pub status: String,
    /// Why it was refused.
    pub reason: String,
}

/// Gives a paid order its number and lets it be told, in the payment's own transaction.
pub(crate) async fn issue(site: &Site, tx: &Tx, order: &str) -> Result<()> {
    store::number(tx, order, &number(site)).await?;
    tell(site, tx, order).await
}

/// Lets an order's invoice be told, or told again.
pub(crate) async fn tell(site: &Site, tx: &Tx, order: &str) -> Result<()> {
    site.enqueue(tx, INVOICE_JOB, &InvoiceJob { order: order.to_owned() }).await
}

/// Twenty digits as those of the tax authority: two of the year, then random ones.
fn number(site: &Site) -> String {
    let year = day::day_of(site.now()).year() % 100;
    let digits: String = (0..18).map(|_| site.random.below(10).to_string()).collect();
    format!("{year:02}{digits}")
}

/// Up to 100 invoices that the management platform has not answered as they are now, or the one of an order.
pub async fn untold(conn: &impl Conn, order: Option<&str>) -> Result<Vec<Bill>> {
    store_bills::untold(conn, order).await
}

/// Keeps what the management platform said.
pub async fn told(conn: &impl Conn, answers: &[Told]) -> Result<()> {
    store_bills::told(conn, answers).await
}

/// Invoices that the management platform refused: number, day, amount and reason, the newest first.
pub async fn refused(conn: &impl Conn) -> Result<Vec<Told>> {
    store_bills::refused(conn).await
}
