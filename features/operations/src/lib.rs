//! The background work as its operator sees it: what waits, what fails and why, and a failed job run again.
mod api;
mod pages;
mod retry;

pub use api::docs;

use base::Role;
use site::Routes;

/// Who operates the program.
const OPERATORS: &[Role] = &[Role::SystemAdmin];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
