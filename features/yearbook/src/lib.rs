//! 年度台账: a unit confirms its year, the authority above receives it; what changes later becomes a numbered supplement.
mod api;
mod edition;
mod pages;
mod store;

pub use api::docs;
pub use edition::{Line, Sealed, edition_for};
pub use store::names;

use base::Role;
use site::Routes;

/// Who confirms, for the own unit.
const KEEPERS: &[Role] = &[Role::UnitAdmin];
/// Who receives, from the units below.
const RECEIVERS: &[Role] = &[Role::Authority];
/// Who sees editions.
const READERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Auditor];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
