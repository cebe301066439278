//! Hours: the year's policy, the append-only ledger, and what a person's year comes to.
mod api;
mod api_policies;
mod as_of;
pub mod bulk;
mod carry;
pub mod checkpoint;
mod credit;
mod draft;
mod entry;
mod load;
mod making_up;
pub mod moment;
mod nightly;
pub mod noted;
mod occupied;
mod pages;
mod parallel;
mod policy;
mod replay;
mod reverse;
mod standing;
mod store;
mod store_checkpoints;
mod store_circumstances;
mod store_documents;
mod store_occupied;
mod store_past;
mod store_policies;
pub mod story;
mod verify;
mod what_if;
mod work;

pub use api::docs;
pub use as_of::{AsOf, AsOfInfo};
pub use carry::{Carried, Stated, carry_over, credits, may_be_void, restate};
pub use credit::{Booked, NewCredit, YEAR_CHANGED, YearChanged, credit, credit_many};
pub use entry::{Entry, EntryKind, Facts, Written};
pub use load::first_entries;
pub use making_up::{MakingUp, making_up};
pub use moment::Moment;
pub use nightly::schedule;
pub use occupied::{Occupying, When, last_look, occupy, occupy_all, overlaps};
pub use policy::{
    Grounds, InForce, POLICY_PUBLISHED, POLICY_REPLACED, Replaced, first_published, grounds, in_force,
    in_force_at, in_force_on, publish_delivered, published, published_years, refuse_closed, replaced,
    version_words, words_on, years,
};
pub use replay::replay;
pub use reverse::{Reversal, TIME_RELEASED, TimeReleased, reverse, reverse_many, year_changed};
pub use standing::{Standing, opening_year, standing, standing_at, years_of};
pub use store::head;
pub use store_circumstances::waiting_hours;
pub use verify::{Break, verify};
pub use work::jobs;

use site::Routes;

/// Tables that the database itself keeps from being changed.
pub const APPEND_ONLY: &[&str] =
    &["hour_entries", "hour_leaves", "hour_checkpoints", "hour_documents", "hour_document_leaves"];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(api_policies::routes()).and(pages::routes())
}
