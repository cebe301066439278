//! Statistics: how far people have come in a year, by unit, department, category, level, city and county. Kept up by the
//! job that follows every change of a year, and never drifting: it can be compared with a full assessment.
mod api;
mod api_reports;
mod as_of;
mod background;
mod brief;
mod contribution;
mod figures;
mod keep;
mod kept;
mod monthly;
mod open_data;
mod outcome;
mod pages;
mod pages_charts;
mod pages_export;
mod pages_open;
mod picture;
mod print;
mod rebuild;
mod recount;
mod refresh;
mod report;
mod store;
mod store_figures;
mod store_people;
mod store_read;
mod store_reports;
mod told;

pub use as_of::of as as_of;
pub use background::jobs;
pub use contribution::{Dim, Measures};
pub use figures::{By, Row, rows};
pub use keep::{Drift, catch_up, schedule, verify_figures};
pub use kept::{are_wanted as are_many, population, rows as maintained};
pub use outcome::{Outcome, State};
pub use print::{SAMPLE, TEMPLATE};
pub use rebuild::{Difference, rebuild, renew, verify};
pub use store::{obliged, people};

use base::Role;
use documents::Typesetter;
use site::Routes;

/// Roles that see the figures of the people below them.
const READERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Auditor];

/// The slice's routes; reports come from the typesetter.
pub fn routes(typesetter: &Typesetter) -> Routes {
    api::routes()
        .and(api_reports::routes())
        .and(pages::routes())
        .and(pages_export::routes())
        .and(pages_charts::routes(typesetter))
        .and(pages_open::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_reports::docs());
    docs
}
