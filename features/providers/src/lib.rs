//! Course providers as the management platform knows them: how they join and stand, signed requests, launch tickets, the
//! merged catalogue with what is the same in it, completions that become hours, accounts and service levels.
mod account;
mod api;
mod api_outlook;
mod api_relations;
mod api_signed;
mod api_titles;
mod api_topics;
mod catalogue;
mod complete;
mod from_statement;
mod guide;
mod join;
mod keys;
mod launch;
mod mapping;
mod outbox;
mod outward;
mod pages;
mod pages_arrivals;
mod pages_operator;
mod pages_oversight;
mod pages_people;
mod pages_topics;
mod provider;
mod quota;
mod rules;
mod selfcheck;
mod sender;
mod service;
mod signed;
mod similar;
mod standing;
mod store;
mod store_accounts;
mod store_mapping;
mod store_relations;
mod store_rules;
mod store_signs;
mod store_titles;
mod store_topics;
mod store_trace;
mod topics;
mod trace;

pub use api::docs;
pub use api_titles::{Title, of_path as invoice_title};
pub use catalogue::{CourseListed, courses_with, listed, sync_all};
pub use launch::{Launched, spend_ticket, subject, subject_at};
pub use outward::call;
pub use pages::form_policy;
pub use provider::{Card, Listing, Registered, cards, moved, register, site_urls};
pub use selfcheck::signed_in;
pub use sender::{Counts, Sender};
pub use service::schedule;
pub use signed::FromProvider;
pub use standing::{Own, is_operated, operated_id, operators_of, own, seat, suspension};

use site::{Routes, Site};

/// The slice's routes.
pub fn routes() -> Routes {
    let calls = api::routes().and(api_outlook::routes()).and(api_titles::routes());
    let calls = calls.and(api_signed::routes()).and(api_relations::routes()).and(api_topics::routes());
    let pages = pages::routes().and(pages_operator::routes());
    let others = pages_arrivals::routes().and(rules::routes());
    calls.and(pages).and(pages_oversight::routes()).and(pages_people::routes()).and(others).and(pages_topics::routes())
}

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(catalogue::SYNC, |site: Site, name: String| async move { catalogue::sync(&site, &name).await })
        .in_lane(catalogue::SYNC, jobs::Lane::Peers)
        .on(trace::PULL, trace::pull)
        .in_lane(trace::PULL, jobs::Lane::Peers)
        .on(service::LOOK, service::look)
        .on(records::COMPLETED, from_statement::take)
}
