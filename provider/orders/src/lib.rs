//! Orders of courses that cost: the cart, payment through a gateway, refunds, receipts. Whether someone may learn is asked
//! here; that they learn is learning's.
mod api;
mod cashier;
mod gateway;
mod invoice;
mod notices;
mod order;
mod pages;
mod store;

pub use api::docs;
pub use cashier::signed_notice;
pub use gateway::Kind;
pub use order::{begin, entitle, holds, place, summary};
pub use store::Order;

use jobs::Handlers;
use site::{Routes, Site};

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}

/// The slice's background work.
pub fn jobs() -> Handlers<Site> {
    cashier::jobs()
}
