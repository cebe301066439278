//! What is stored about a person, why and for how long; and the person's own copy of all of it (PIPL articles 17 and 45,
//! security item 55).
mod api;
mod holding;
mod impersonal;
mod inventory;
mod inventory_accounts;
mod inventory_money;
mod inventory_recognition;
mod inventory_staffing;
mod pages;
mod present;
mod store;

pub use api::docs;
pub use holding::{Holding, Kept, Whose};
pub use impersonal::IMPERSONAL;

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
    api::routes().and(pages::routes())
}
