//! The calendar: deadlines and trainings of someone's years, as a page and as a feed that calendar programs read (RFC 5545).
mod api;
mod dates;
mod feed;
mod pages;
mod store;

pub use api::docs;

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
