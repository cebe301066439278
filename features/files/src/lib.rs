//! Uploaded evidence: judged by its content, kept sealed under a content hash, read only by its owner and by those who
//! review what cites it.
mod accept;
mod api;
mod clean;
mod kind;
mod scan;
mod shelf;
mod store;

pub use accept::{Stored, accept, accept_voucher, original};
pub use api::{docs, given};
pub use kind::Kind;
pub use store::{Cited, Elsewhere, Link, cited, elsewhere, link, open_links, own};

use site::Routes;

/// At most so many files on one claim (security item 37).
pub const MOST_FILES: usize = 20;

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<site::Site> {
    jobs::Handlers::default().on(scan::SCAN, scan::run).in_lane(scan::SCAN, jobs::Lane::Peers)
}

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes()
}
