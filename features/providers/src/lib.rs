//! Course providers as the management platform knows them: registration, launch tickets, signed requests, the merged
//! catalogue, completions that become hours.
mod api;
mod api_outlook;
mod api_titles;
mod catalogue;
mod complete;
mod launch;
mod pages;
mod provider;
mod signed;
mod store;
mod store_titles;

pub use api::docs;
pub use catalogue::{CourseListed, listed, sync_all};
pub use launch::{Launched, spend_ticket, subject, subject_at};
pub use pages::form_policy;
pub use provider::{Card, Listing, Registered, cards, moved, register, site_urls};

use site::{Routes, Site};

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(api_outlook::routes()).and(api_titles::routes()).and(pages::routes())
}

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(catalogue::SYNC, |site: Site, name: String| async move { catalogue::sync(&site, &name).await })
        .in_lane(catalogue::SYNC, jobs::Lane::Peers)
}
