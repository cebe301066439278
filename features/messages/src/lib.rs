//! Messages to a person inside the application: what waits to be read, and what was. Other slices post them. And mail to
//! the address that a person gave and confirmed.
mod address;
mod api;
mod api_address;
mod mail;
mod pages;
mod pages_address;
mod post;
mod store;
mod store_address;

pub use mail::{Mail, mail};
pub use post::{Letter, post, unread};

use site::{Routes, Site};

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(api_address::routes()).and(pages::routes()).and(pages_address::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_address::docs());
    docs
}

/// The slice's background work: letters that leave the machine.
pub fn jobs() -> jobs::Handlers<Site> {
    // A mail server that does not answer must not hold up a code, nor the house's own work.
    jobs::Handlers::default().on(mail::SEND, mail::send).in_lane(mail::SEND, jobs::Lane::Peers)
}
