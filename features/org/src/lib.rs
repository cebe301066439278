//! People and units: the unit tree, the roster and its import, profiles.
mod api;
mod api_assist;
mod api_people;
mod api_units;
mod assist;
mod clear_view;
mod contact;
mod history;
mod identity;
mod named_sheet;
mod pages;
mod people;
mod person;
mod profile;
mod relocate;
mod roster;
mod store;
mod store_former;
mod store_history;
mod store_past;
mod store_people;
mod store_units;
mod store_viewpoint;
mod unit;
mod unit_change;
mod viewpoint;

pub use api::docs;
pub use contact::{Card, put_card};
pub use history::moved;
pub use identity::{Identity, check_identity, correct};
pub use named_sheet::{Column, NamedRow, named_rows};
pub use person::{Person, Trainee, may_manage, record};
pub use profile::{PEOPLE_ADDED, PROFILE_CHANGED, UNITS_MOVED};
pub use relocate::{Relocation, absorb, relocate};
pub use roster::{
    Arrivals, CellError, Departments, How, Options, Outcome, arrivals, import_file, lines, unit_row,
};
pub use store::{
    Listed, held_person, hosted_under, merged_into, people_by_id, person, trainees_under, unit_by_id,
};
pub use store_past::{FORMER, people_seen, person_seen, trainees_seen};
pub use store_people::{add_person, by_paper, contact_phones};
pub use store_units::PATH_COPIES;
pub use unit::{NewUnit, Unit, UnitKind, by_code, create, ensure, placed};
pub use viewpoint::{PlacedFact, Viewpoint};

use base::Role;
use site::{Routes, Site};

/// Roles that see the people below them.
const READERS: &[Role] =
    &[Role::UnitAdmin, Role::Authority, Role::Hr, Role::Reviewer, Role::Auditor, Role::DepartmentHead];
/// Roles that manage the people below them.
const MANAGERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes()
        .and(api_people::routes())
        .and(api_assist::routes())
        .and(api_units::routes())
        .and(pages::routes())
}

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default().on(roster::IMPORT, roster::run)
}
