//! Messages to a person inside the application: what waits to be read, and what was. Other slices post them.
mod api;
mod pages;
mod post;
mod store;

pub use api::docs;
pub use post::{Letter, post, unread};

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
