//! OpenID Connect: people sign in at course providers with their account here. Authorization code with PKCE, discovery,
//! rotating keys, consent, logout in both directions. Clients are the registered providers; each knows a person by an id
//! of its own (pairwise), the `subject_id` of completions.
mod addresses;
mod api;
mod authorize;
mod backchannel;
mod client;
mod client_secret;
mod exchange;
mod keys;
mod logout;
mod pages;
mod pages_addresses;
mod pages_client;
mod request;
mod store;
mod store_secrets;

pub use client::{Addresses, Registered, check, moved, register};
pub use keys::rotate as rotate_keys;
pub use pages_client::docs;

use site::{Routes, Site};

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_client::routes()).and(pages_addresses::routes())
}

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(accounts::SESSIONS_ENDED, backchannel::sessions_ended)
        .on(backchannel::TELL, backchannel::tell)
        .along(backchannel::TELL, providers::line)
}
