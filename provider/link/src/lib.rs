//! The link to the management platform, over HTTP only: learners sign in with their account there (OpenID Connect),
//! completed courses go back signed, and are sent until it has answered.
mod accounts;
mod api_questions;
mod completions;
mod enter;
mod hub;
mod logout;
mod openid;
mod pages;
mod pages_manage;
mod rehearsal;
mod store;
mod store_rehearsal;
#[cfg(test)]
mod tests;
mod visits;

pub use accounts::schedule;
pub use completions::catch_up;
pub use hub::Hub;
pub use openid::Published;
pub use rehearsal::rehearse;
pub use visits::VisitSessions;

use std::sync::Arc;

use jobs::Handlers;
use site::{Menu, MenuEntry, Routes, Site};

/// The slice's routes.
pub fn routes(hub: Hub) -> Routes {
    pages::routes(&Arc::new(hub))
}

/// The slice's background work.
pub fn jobs(hub: Hub) -> Handlers<Site> {
    let hub = Arc::new(hub);
    let (of_one, of_accounts) = (Arc::clone(&hub), Arc::clone(&hub));
    Handlers::default()
        .outward(learning::COMPLETION_JOB)
        .outward(completions::CATCH_UP_JOB)
        .outward(accounts::SEND)
        .on(accounts::SEND, move |site: Site, job: accounts::Month| {
            let hub = Arc::clone(&of_accounts);
            async move { accounts::send(&site, &hub, &job).await }
        })
        .on(learning::COMPLETION_JOB, move |site: Site, job: learning::CompletionJob| {
            let hub = Arc::clone(&of_one);
            async move { completions::send(&site, &hub, Some(&job.completion_id)).await }
        })
        .on(completions::CATCH_UP_JOB, move |site: Site, _: completions::CatchUp| {
            let hub = Arc::clone(&hub);
            async move { completions::send(&site, &hub, None).await }
        })
}

/// The navigation of a course platform.
pub fn menu() -> Menu {
    let entry = |href, label, icon| MenuEntry { href, label, icon, roles: &[] };
    let bar = vec![entry("/", "page-provider-courses", "books"), entry("/me", "page-my-learning", "school")];
    Menu { side: vec![], bar, aside: vec![], side_roles: &[], account: "" }
}
