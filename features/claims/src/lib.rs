//! Claims to hours that are not learned online: unit training booked for many, activities and achievements, exemption.
pub mod activity;
mod api;
mod attended;
mod book;
pub mod circumstance;
mod correct;
mod dossier;
pub mod exempt;
mod late;
pub mod leave;
mod more_time;
mod pages;
mod review;
pub mod signals;
mod state;
mod store;
mod training;

pub use api::docs;
pub use book::{Booking, Row, book};
pub use correct::{confirm, take_back};
pub use dossier::{CaseFile, dossier};
pub use late::schedule;
pub use review::{near, refuse_own};
pub use state::{Level, State, Verdict};
pub use store::events::Event;
pub use training::{Plan, RowState, Typed as TypedPlan, Whom};

/// Tables that the database itself keeps from being changed.
pub const APPEND_ONLY: &[&str] = &["case_events", "make_up_grants", "signal_decisions"];

use base::Role;
use site::Routes;

/// Who books unit trainings: administrators, within their subtrees.
const BOOKERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's background work: what waits too long goes on to others.
pub fn jobs() -> jobs::Handlers<site::Site> {
    jobs::Handlers::default()
        .on(hours::POLICY_PUBLISHED, |site: site::Site, year: base::Year| async move {
            activity::restate::waiting(&site, year).await
        })
        .on(late::DAILY, |site: site::Site, day| async move { late::run(&site, day).await })
}

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
