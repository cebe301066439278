//! Notices: published by units and authorities to those below, forwarded with own additions, kept in every version, with
//! receipts of who read them (notice, the whole of it; its table of trainings is data here).
mod api;
mod body;
mod check;
mod notice;
mod pages;
mod pages_write;
mod reading;
mod store;
mod store_readers;
mod store_write;
mod tell;
mod write;

pub use api::docs;
pub use notice::{NewNotice, NewRow};
pub use reading::{Headline, Planned, trainings, unread};
pub use write::create;

use base::Role;
use site::{Routes, Site};

/// Who publishes within the own subtree.
const EDITORS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_write::routes())
}

/// The slice's background work: a published notice is put into inboxes.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default().on(tell::PORTION, tell::portion)
}
