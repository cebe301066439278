//! The background work as its operator sees it: what waits, what fails and why, and a failed job run again.
//! How far long work is, for whoever started it. And new keys for personal data, from the command line.
mod api;
mod api_progress;
mod pages;
mod replaced_mac;
mod retry;
mod rotation;
mod store_rotation;

pub use replaced_mac::{Replacement, replace_mac};
pub use rotation::{
    NewKeys, PORTION, Portion, Resealed, indexed_columns, reseal, rotate, rotate_signing, sealed_columns,
};

use base::Role;
use site::Routes;

/// Who operates the program.
const OPERATORS: &[Role] = &[Role::SystemAdmin];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(api_progress::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_progress::docs());
    docs
}
