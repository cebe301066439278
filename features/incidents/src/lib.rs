//! Recorded incidents, such as a provider's outage on the last days of a year: who was affected, in which course, on which
//! day; and more time for all of them at once.
mod api;
mod incident;
mod pages;
mod store;

pub use api::docs;

use base::Role;
use site::Routes;

/// Who records incidents and gives time.
const KEEPERS: &[Role] = &[Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
