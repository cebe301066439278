//! The link to the management platform, over HTTP only: learners sign in with their account there (OpenID Connect),
//! completed courses go back signed, and are sent until it has answered.
mod accounts;
mod api_questions;
mod completions;
mod courses;
mod enter;
mod hub;
mod invoices;
mod logout;
mod needs;
mod openid;
mod pages;
mod pages_manage;
mod pages_managers;
mod rehearsal;
mod store;
mod store_managers;
mod store_rehearsal;
#[cfg(test)]
mod tests;
mod visits;
mod work;

pub use accounts::schedule;
pub use api_questions::docs;
pub use completions::catch_up;
pub use hub::Hub;
pub use needs::ask_needs;
pub use openid::Published;
pub use pages::menu;
pub use pages_managers::{appoint_manager, invite_manager};
pub use rehearsal::rehearse;
pub use visits::VisitSessions;
pub use work::{begin, jobs};

use std::sync::Arc;

use site::Routes;

/// The slice's routes.
pub fn routes(hub: Hub) -> Routes {
    pages::routes(&Arc::new(hub)).and(pages_managers::routes())
}
