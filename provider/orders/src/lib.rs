//! Orders of courses that cost: the cart, payment through a gateway, refunds, receipts. Whether someone may learn is asked
//! here; that they learn is learning's.
mod api;
mod billing;
mod capitals;
mod cashier;
mod gateway;
mod group;
mod invoice;
mod notices;
mod order;
mod pages;
mod pages_group;
mod questions;
mod refunds;
mod store;
mod store_bills;
mod store_refunds;
mod store_seats;
mod store_till;
mod till;

pub use api::docs;
pub use billing::{Bill, INVOICE_JOB, InvoiceJob, Told, refused, told, untold};
pub use gateway::{Kind, Notice};
pub use order::{begin, entitle, holds, place, summary};
pub use refunds::{EndLearning, Ending};
pub use store::{Order, Returned};
pub use till::signed_notice;

use catalogue::AskNeeds;
use jobs::Handlers;
use site::{Routes, Site};

/// The slice's routes; `end` ends what is being learned of what is given back.
pub fn routes(needs: &AskNeeds, end: EndLearning) -> Routes {
    api::routes(end).and(pages::routes(needs, end)).and(pages_group::routes())
}

/// The slice's background work.
pub fn jobs() -> Handlers<Site> {
    till::jobs().and(questions::jobs())
}
