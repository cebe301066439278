//! Customer service: finding a person by several clues, and tickets with times by which they are answered.
mod api;
mod desk;
mod pages;
mod store;
mod ticket;

pub use api::docs;

use base::Role;
use site::Routes;

/// Who answers.
const AGENTS: &[Role] = &[Role::Support];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).for_former()
}
