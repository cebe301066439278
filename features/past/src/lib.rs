//! Time travel: the state of a person or a unit on any past day, each figure as of a checkpoint. It is assessed anew from
//! what the checkpoint holds, so the same checkpoint gives the same number on every screen, export and call.
mod api;
mod asked;
mod figures;
mod pages;
mod pages_export;
mod store;

pub use api::docs;

use base::Role;
use site::{Routes, Site};

/// Who sees the past of the people below them: whoever sees their present.
const READERS: &[Role] = &[Role::UnitAdmin, Role::DepartmentHead, Role::Hr, Role::Authority, Role::Auditor];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_export::routes())
}

/// The slice's background work: figures of places too large to be made while someone waits.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(figures::MAKE, |site: Site, wanted: figures::Wanted| async move {
            figures::make(&site, &wanted).await
        })
        .in_lane(figures::MAKE, jobs::Lane::Long)
}
