//! Spot checks (抽查): the authority announces one over approved claims, a seed that nobody could know draws from them, and
//! others than the first reviewers look again, blind. Anyone can do the draw again from what is published.
mod api;
mod blind;
mod check;
mod pages;
mod store;

pub use api::docs;
pub use check::Published;

use base::Role;
use site::Routes;

/// Who announces and reviews.
const CHECKERS: &[Role] = &[Role::Authority];
/// Who sees checks and their results.
const READERS: &[Role] = &[Role::Authority, Role::Auditor];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
