//! People and units: the unit tree, the roster and its import, profiles.
mod api;
mod api_assist;
mod assist;
mod pages;
mod person;
mod profile;
mod roster;
mod store;
mod unit;

pub use api::docs;
pub use person::{Person, Trainee, may_manage};
pub use profile::PROFILE_CHANGED;
pub use roster::{import_file, lines};
pub use store::{Listed, add_person, person, trainees_after, trainees_under};
pub use unit::{NewUnit, Unit, UnitKind, by_code, create, ensure};

use base::Role;
use site::Routes;

/// Roles that see the people below them.
const READERS: &[Role] =
    &[Role::UnitAdmin, Role::Authority, Role::Hr, Role::Reviewer, Role::Auditor, Role::DepartmentHead];
/// Roles that manage the people below them.
const MANAGERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(api_assist::routes()).and(pages::routes())
}
