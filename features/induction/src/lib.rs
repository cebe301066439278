//! 岗前培训 and 转岗培训: beside the hours of a year, whoever enters service or changes the category of post trains 40 hours
//! within twelve months. A check of its own: who owes it, until when, and what is on record.
mod api;
mod check;
mod pages;
mod store;
mod training;

pub use api::docs;
pub use check::{Kind, Owed, of_person};

use base::Role;
use site::Routes;

/// Who records trainings and looks at the check.
const KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Hr, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
