//! The first page and the year as a whole: what other slices know, put together for one person.
mod api;
mod pages;
mod store;

pub use api::docs;

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
