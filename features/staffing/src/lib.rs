//! 人事变动: transfers between units, records of one human put together, names and numbers put right, posts beside the main
//! one, and who reaches retirement. Every one of them is decided by the right person and leaves what was before.
mod api;
mod api_identity;
mod api_posts;
mod api_retirement;
mod correction;
mod duplicate;
mod matters;
mod pages;
mod post;
mod retiring;
mod store;
mod store_identity;
mod store_posts;
mod store_retirement;
mod transfer;

pub use api::docs;
pub use post::{NewPost, PostKind, add as add_post};

use base::Role;
use site::Routes;

/// Who asks for people, releases them, and keeps their records.
const MANAGERS: &[Role] = &[Role::UnitAdmin, Role::Authority];
/// Who puts records together and forces transfers.
const AUTHORITIES: &[Role] = &[Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes()
        .and(api_identity::routes())
        .and(api_posts::routes())
        .and(api_retirement::routes())
        .and(pages::routes())
}
