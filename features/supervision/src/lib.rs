//! Supervision (督促): who is behind before 12-31, who has a problem that keeps them from beginning, how many will
//! probably miss it, and reminding them by hand and by automatic steps. Figures are those of `statistics`; the law of
//! reminders and forecast is `rules::reminders`.
mod api;
mod api_remind;
mod budget;

mod kept;
mod overview;
mod pages;
mod pages_book;
mod pages_lists;
mod pages_remind;
mod pages_steps;
mod remind;
mod steps;
mod store;
mod store_kept;
mod store_reminders;
mod store_steps;

pub use kept::count;
pub use overview::{Brief, Row, brief};
pub use steps::schedule;

use base::Role;
use site::{Routes, Site};

/// Roles that look after the people below them.
const SUPERVISORS: &[Role] = &[Role::DepartmentHead, Role::UnitAdmin, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes()
        .and(api_remind::routes())
        .and(pages::routes())
        .and(pages_remind::routes())
        .and(pages_lists::routes())
        .and(pages_book::routes())
        .and(pages_steps::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_remind::docs());
    docs.merge(pages_steps::docs());
    docs
}

/// The slice's background work: the automatic steps before 12-31.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(steps::DAILY, steps::run)
        .on(steps::PORTION, steps::portion)
        .on(kept::HOURLY, kept::run)
        .in_lane(kept::HOURLY, jobs::Lane::Long)
}
