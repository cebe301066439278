//! Learning: enrolments, learning sessions with their heartbeats, coverage, completed courses. Every credited second lies
//! in one stored interval with its wall-clock time; whatever is refused says why (domain §8).
mod api;
mod attention;
mod complete;
mod enrol;
mod pages;
mod progress;
mod sessions;
mod standing;
mod store;
mod store_completions;
mod store_credits;

pub use api::docs;
pub use complete::{COMPLETION_JOB, CompletionJob};
pub use store_completions::{Answer, Completion, Stretch, answered, has_waiting, waiting};

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
