//! In-person trainings: planned, signed in and out with a code that changes, booked for who stayed long enough. The rules
//! of time are `rules::attendance`.
mod api;
mod code;
mod mark;
mod pages;
mod pages_door;
mod plan;
mod settle;
mod store;

pub use api::docs;
pub use plan::{Coming, coming};

use base::Role;
use site::Routes;

/// Who holds trainings for the people below.
const ORGANISERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::DepartmentHead];
/// Who books their hours: a head of department leaves that to the unit.
const BOOKERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_door::routes())
}
