//! The calendar: deadlines and trainings of someone's years, as a page and as a feed that calendar programs read (RFC 5545);
//! and which days are working days.
mod api;
mod dates;
mod feed;
mod pages;
mod pages_special;
mod special;
mod store;
mod store_special;

pub use special::{WorkingDays, reminder_at};

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_special::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(pages_special::docs());
    docs
}
