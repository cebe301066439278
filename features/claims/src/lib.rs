//! Claims to hours that are not learned online. So far: unit training, booked for many at once.
mod api;
mod book;
mod pages;
mod store;
mod training;

pub use api::docs;
pub use book::{Booking, Row, book};
pub use training::{Plan, Whom};

use base::Role;
use site::Routes;

/// Who books unit trainings: administrators, within their subtrees.
const BOOKERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
