//! Certificates: issued when a year is satisfied, signed, printed, and checked by anyone.
mod api;
mod archive;
mod batch;
mod carried;
mod content;
mod credential;
mod document;
mod issue;
mod kind;
mod number;
mod order;
mod pages;
mod pages_batch;
mod pages_seal;
mod proofs;
mod revoke;
mod seal_image;
mod statement;
mod status;
mod store;
mod store_batch;
mod store_orders;
mod store_seals;
pub mod trial;
mod verify;

pub use api::docs;
pub use document::{Press, TEMPLATES, Template, shared_files};
pub use issue::{Certificate, issue, issue_exemption, issue_statement, of_year};
pub use kind::{Kind, State};
pub use number::Number;
pub use revoke::{REVOKED, Revoked};
pub use store::living_numbers;

use hours::{YEAR_CHANGED, YearChanged};
use site::{Routes, Site};

/// The slice's routes; documents come from the press.
pub fn routes(press: &Press) -> Routes {
    api::routes(press).and(pages::routes()).and(pages_batch::routes(press)).and(pages_seal::routes())
}

/// The slice's background work: a change of a year or a profile may complete, correct or end a certificate.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(YEAR_CHANGED, |site: Site, changed: YearChanged| async move {
            issue::consider(&site, changed.person, changed.year).await
        })
        .on(org::PROFILE_CHANGED, |site: Site, person: base::PersonId| async move {
            issue::consider_all(&site, person).await
        })
}

/// The background work of the press: large batches.
pub fn printing(press: &Press) -> jobs::Handlers<Site> {
    let press = press.clone();
    let print = move |site: Site, id: String| {
        let press = press.clone();
        async move { order::run(&site, &press, &id).await }
    };
    jobs::Handlers::default().on(order::PRINT, print).in_lane(order::PRINT, jobs::Lane::Long)
}
