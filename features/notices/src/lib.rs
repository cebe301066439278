//! Notices: published by units and authorities to those below, forwarded with own additions, kept in every version, with
//! receipts of who read them (notice, the whole of it; its table of trainings is data here).
mod api;
mod api_tenders;
mod body;
mod check;
mod notice;
mod pages;
mod pages_tenders;
mod pages_write;
mod reading;
mod store;
mod store_readers;
mod store_tenders;
mod store_write;
mod tell;
mod tender;
mod write;

pub use notice::{NewNotice, NewRow};
pub use reading::{Headline, Planned, found, trainings, unread};
pub use tender::{NewTender, Winner, record as record_tender, with as tenders_with};
pub use write::create;

use base::Role;
use site::{Routes, Site};

/// Who records tenders.
const KEEPERS: &[Role] = &[Role::Authority];
/// Who publishes within the own subtree.
const EDITORS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes()
        .and(api_tenders::routes())
        .and(pages::routes())
        .and(pages_tenders::routes())
        .and(pages_write::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_tenders::docs());
    docs
}

/// The slice's background work: a published notice is put into inboxes.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default().on(tell::PORTION, tell::portion)
}
