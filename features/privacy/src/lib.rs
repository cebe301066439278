//! What is stored about a person, why and for how long; and the person's own copy of all of it (PIPL articles 17 and 45,
//! security item 55). After a breach: who and which data may be affected. Every night what was kept as long as promised goes.
mod api;
mod api_breach;
mod breach;
mod breach_book;
mod expiry;
mod holding;
mod impersonal;
mod inventory;
mod inventory_accounts;
mod inventory_money;
mod inventory_recognition;
mod inventory_staffing;
mod pages;
mod pages_breach;
mod present;
mod store;
mod store_breach;
mod store_expiry;
mod terms;

pub use expiry::schedule;
pub use holding::{Holding, Kept, Whose};
pub use impersonal::IMPERSONAL;
pub use terms::{ELSEWHERE, REFERENCES, Reference, Term};

use site::Routes;

/// Everything kept about a person, table by table.
pub fn inventory() -> impl Iterator<Item = &'static Holding> {
    let parts = [
        inventory::INVENTORY,
        inventory_accounts::ACCOUNTS,
        inventory_money::MONEY,
        inventory_recognition::RECOGNITION,
        inventory_staffing::STAFFING,
    ];
    parts.into_iter().flatten()
}

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(api_breach::routes()).and(pages::routes()).and(pages_breach::routes())
}

/// The slice's background work: over everyone, so nothing else waits for it.
pub fn jobs() -> jobs::Handlers<site::Site> {
    jobs::Handlers::default().on(expiry::NIGHTLY, expiry::run).in_lane(expiry::NIGHTLY, jobs::Lane::Long)
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(api_breach::docs());
    docs
}
