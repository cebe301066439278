//! Certificates: issued when a year is satisfied, signed, printed, and checked by anyone.
mod api;
mod content;
mod document;
mod issue;
mod number;
mod pages;
mod store;
mod verify;

pub use api::docs;
pub use document::Press;
pub use issue::{Certificate, issue, of_year};
pub use number::Number;

use hours::{YEAR_CHANGED, YearChanged};
use site::{Routes, Site};

/// The slice's routes; documents come from the press.
pub fn routes(press: &Press) -> Routes {
    api::routes(press).and(pages::routes())
}

/// The slice's background work: a change of a year or a profile may complete a certificate.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(YEAR_CHANGED, |site: Site, changed: YearChanged| async move {
            issue::consider(&site, changed.person, changed.year).await
        })
        .on(org::PROFILE_CHANGED, |site: Site, person: base::PersonId| async move {
            issue::consider_all(&site, person).await
        })
}
