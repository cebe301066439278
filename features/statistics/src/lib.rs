//! Statistics: how far people have come in a year, by unit, department, category, level, city and county. Kept up by the
//! job that follows every change of a year, and never drifting: it can be compared with a full assessment.
mod api;
mod figures;
mod outcome;
mod pages;
mod pages_export;
mod rebuild;
mod refresh;
mod store;

pub use api::docs;
pub use figures::{By, Row, rows};
pub use outcome::{Outcome, State};
pub use rebuild::{Difference, rebuild, verify};
pub use store::{OBLIGED, PEOPLE, PLACE};

use base::Role;
use hours::{POLICY_PUBLISHED, YEAR_CHANGED, YearChanged};
use site::{Routes, Site};

/// Roles that see the figures of the people below them.
const READERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Auditor];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_export::routes())
}

/// The slice's background work: every change of a year, of a person's facts or of a policy is assessed anew.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(YEAR_CHANGED, |site: Site, changed: YearChanged| async move {
            refresh::year(&site, changed.person, changed.year).await
        })
        .on(org::PROFILE_CHANGED, |site: Site, person: base::PersonId| async move {
            refresh::all_years(&site, person).await
        })
        .on(
            POLICY_PUBLISHED,
            |site: Site, year: base::Year| async move { rebuild(&site, year).await.map(|_| ()) },
        )
}
