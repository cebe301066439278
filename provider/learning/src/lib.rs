//! Learning: enrolments, learning sessions with their heartbeats, coverage, completed courses. Every credited second lies
//! in one stored interval with its wall-clock time; whatever is refused says why (domain §8).
mod api;
mod api_quiz;
mod attention;
mod cache;
mod checks;
mod complete;
mod enrol;
mod outlook;
mod pace;
mod pages;
mod pages_quiz;
mod progress;
mod quiz;
mod recorder;
mod sessions;
mod standing;
mod store;
mod store_completions;
mod store_credits;
mod store_enrolments;
mod store_quizzes;
mod store_told;

pub use complete::{COMPLETION_JOB, CompletionJob};
pub use store_completions::{Answer, Completion, Stretch, answered, has_waiting, waiting};
pub use store_told::{Billed, Told, Unsettled, billed, resend, resend_one, sent, told, unsettled};

use std::sync::Arc;

use catalogue::MayWatch;
use site::Routes;

/// Who may watch a course's films, for the catalogue.
pub fn may_watch() -> MayWatch {
    Arc::new(|site, learner, course| Box::pin(async move { enrol::may_watch(&site, learner, &course).await }))
}

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(api_quiz::routes()).and(pages::routes()).and(pages_quiz::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_quiz::docs());
    docs
}
