//! Claims to hours that are not learned online: unit training booked for many, activities and achievements, exemption.
pub mod activity;
mod api;
mod book;
mod correct;
pub mod exempt;
pub mod leave;
mod pages;
mod review;
pub mod signals;
mod state;
mod store;
mod training;

pub use api::docs;
pub use book::{Booking, Row, book};
pub use correct::{confirm, take_back};
pub use state::{Level, State, Verdict};
pub use training::{Plan, Typed as TypedPlan, Whom};

/// Tables that the database itself keeps from being changed.
pub const APPEND_ONLY: &[&str] = &["case_events"];

use base::Role;
use site::Routes;

/// Who books unit trainings: administrators, within their subtrees.
const BOOKERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
