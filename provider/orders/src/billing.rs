//! Invoices on their way to the management platform: each paid order gets its invoice at once, and is told there; told again
//! when the money went back. Of one whose courses went back in part the invoice is taken back and one over the rest takes
//! its place, so that what is charged is what is invoiced. Who sends them is `link`.
use base::{Fen, Result, day};
use db::{Conn, Tx};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    store::Order,
    store_bills::{self, Issued},
};

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
    /// The day of issue.
    pub date: String,
    /// What it is over.
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
    /// Whether it was taken back: the money went back, or an invoice over less took its place.
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

/// Issues the invoice of a paid order and lets it be told, in the payment's own transaction.
pub(crate) async fn issue(site: &Site, tx: &Tx, order: &Order) -> Result<()> {
    if order.kept().next().is_some() && !store_bills::has_one(tx, &order.id).await? {
        store_bills::issue(tx, order, &number(site), site.now()).await?;
    }
    site.enqueue(tx, INVOICE_JOB, &InvoiceJob { order: order.id.clone() }).await
}

/// Takes an order's invoice back and issues one over what is left, where anything is; both are told.
pub(crate) async fn reduce(site: &Site, tx: &Tx, order: &Order) -> Result<()> {
    store_bills::cancel(tx, &order.id, &number(site), site.now()).await?;
    issue(site, tx, order).await
}

/// The number of the invoice that took one back; one that was taken back before these had numbers gets it now.
pub(crate) async fn red_number(site: &Site, tx: &Tx, invoice: &Issued) -> Result<String> {
    if let Some(red) = &invoice.red_number {
        return Ok(red.clone());
    }
    let red = number(site);
    store_bills::name_red(tx, &invoice.number, &red).await?;
    Ok(red)
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
