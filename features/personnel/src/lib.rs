//! HR's gate (notice 一.2): may a piece of personnel business go ahead, on which certificate or exemption, and what is
//! missing. Every check gets a number and is recorded; a certificate that is revoked later marks the checks that
//! relied on it.
mod api;
mod batch;
mod check;
mod list;
mod pages;
mod record;
mod store;

pub use api::docs;
pub use record::{SAMPLE, TEMPLATE};

use base::Role;
use documents::Typesetter;
use site::{Routes, Site};

/// Who checks, within their subtrees.
const CHECKERS: &[Role] = &[Role::Hr, Role::UnitAdmin, Role::Authority];

/// Who makes tokens for HR systems: HR itself, whose role they borrow.
const TOKEN_MAKERS: &[Role] = &[Role::Hr];

/// The slice's routes; the printed record comes from the typesetter.
pub fn routes(typesetter: &Typesetter) -> Routes {
    api::routes().and(pages::routes(typesetter))
}

/// The slice's background work: a revoked certificate is told to those who relied on it.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default().on(certificates::REVOKED, |site: Site, no: certificates::Revoked| async move {
        batch::certificate_revoked(&site, &no).await
    })
}
