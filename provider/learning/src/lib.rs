//! Learning: enrolments, learning sessions with their heartbeats, coverage, completed courses. Every credited second lies
//! in one stored interval with its wall-clock time; whatever is refused says why (domain §8).
mod api;
mod api_appeals;
mod api_lease;
mod api_quiz;
mod appeal;
mod attention;
mod cache;
mod checks;
mod complete;
mod enrol;
mod lease;
mod outlook;
mod pace;
mod pages;
mod pages_appeals;
mod pages_front;
mod pages_lecture;
mod pages_quiz;
mod progress;
mod quiz;
mod recommend;
mod recorder;
mod run;
mod sessions;
mod standing;
mod store;
mod store_appeals;
mod store_completions;
mod store_credits;
mod store_enrolments;
mod store_quizzes;
mod store_refusals;
mod store_told;

pub use complete::{COMPLETION_JOB, CompletionJob};
pub use enrol::end_given_back;
pub use store_completions::{Answer, Completion, Stretch, answered, has_waiting, waiting};
pub use store_told::{Billed, Told, Unsettled, billed, resend, resend_one, sent, told, unsettled};

use std::sync::Arc;

use catalogue::{AskNeeds, MayWatch};
use site::Routes;

/// Who may watch a course's films, for the catalogue.
pub fn may_watch() -> MayWatch {
    Arc::new(|site, learner, course| Box::pin(async move { enrol::may_watch(&site, learner, &course).await }))
}

/// The slice's routes.
pub fn routes(needs: &AskNeeds) -> Routes {
    api::routes()
        .and(api_quiz::routes())
        .and(api_lease::routes())
        .and(api_appeals::routes())
        .and(pages_front::routes(needs))
        .and(pages::routes(needs))
        .and(pages_lecture::routes())
        .and(pages_quiz::routes())
        .and(pages_appeals::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    [api_quiz::docs, api_lease::docs, api_appeals::docs]
        .iter()
        .fold(api::docs(), |docs, more| docs.merge_from(more()))
}
