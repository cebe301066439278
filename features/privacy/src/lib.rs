//! What is stored about a person, why and for how long; and the person's own copy of all of it (PIPL articles 17 and 45,
//! security item 55).
mod api;
mod holding;
mod inventory;
mod pages;
mod present;
mod store;

pub use api::docs;
pub use holding::{Holding, Kept, Whose};
pub use inventory::{IMPERSONAL, INVENTORY};

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
