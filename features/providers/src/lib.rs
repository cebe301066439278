//! Course providers as the management platform knows them: how they join and stand, signed requests, launch tickets, the
//! merged catalogue with what is the same in it, completions that become hours, accounts and service levels.
mod account;
mod api;
mod api_outlook;
mod api_relations;
mod api_signed;
mod api_titles;
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
mod provider;
mod quota;
mod rules;
mod selfcheck;
mod service;
mod signed;
mod similar;
mod standing;
mod store;
mod store_accounts;
mod store_mapping;
mod store_relations;
mod store_signs;
mod store_titles;
mod store_trace;
mod topics;
mod trace;
mod waiting;
mod work;

pub use api::docs;
pub use api_titles::{Title, of_path as invoice_title};
pub use catalogue::{CourseListed, courses_with, listed, sync_all};
pub use launch::{Launched, spend_ticket, subject, subject_at};
pub use outbox::whom as line;
pub use outward::call;
pub use pages::form_policy;
pub use provider::{Card, Listing, Registered, cards, moved, register, site_urls};
pub use selfcheck::signed_in;
pub use service::schedule;
pub use signed::{Counts, FromProvider, Sender};
pub use standing::{Own, is_open, is_operated, operated_id, operators_of, own, seat, suspension};
pub use work::jobs;

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    let calls = api::routes().and(api_outlook::routes()).and(api_titles::routes());
    let calls = calls.and(api_signed::routes()).and(api_relations::routes());
    let pages = pages::routes().and(pages_operator::routes());
    calls.and(pages).and(pages_oversight::routes()).and(pages_people::routes()).and(pages_arrivals::routes())
}
