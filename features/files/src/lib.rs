//! Uploaded evidence: judged by its content, kept sealed under a content hash, read only by its owner and by those who
//! review what cites it.
mod accept;
mod api;
mod clean;
mod dated;
mod kind;
mod pages;
mod resealing;
mod retention;
mod scan;
mod shelf;
mod store;
mod store_retention;

pub use accept::{Content, Stored, accept, accept_voucher, content, original};
pub use api::{docs, given};
pub use kind::Kind;
pub use resealing::{Resealed, reseal};
pub use retention::{Removed, schedule};
pub use store::{Cited, Elsewhere, Link, adopt, append, cited, elsewhere, link, link_all, open_links, own};

use site::Routes;

/// At most so many files on one claim (security item 37).
pub const MOST_FILES: usize = 20;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}

/// The slice's background work: medical evidence apart, and what is over its time removed, scans that wait.
pub fn jobs() -> jobs::Handlers<site::Site> {
    jobs::Handlers::default()
        .on(retention::NIGHTLY, |site: site::Site, night| async move { retention::run(&site, night).await })
        .on(scan::SCAN, scan::run)
        .in_lane(scan::SCAN, jobs::Lane::Peers)
}
