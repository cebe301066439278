//! What comes in by lists: leaves (病假、产假), and 历史导入, the hours and certificates of years before the ledger with their
//! source document. A list is taken as a whole or not at all, and a dry run says what it would do.
mod api;
mod leaves;
mod legacy;
mod list;
mod pages;
mod pages_legacy;
mod store;

pub use api::docs;

use base::Role;
use site::Routes;

/// Who brings lists in.
const KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Hr, Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_legacy::routes())
}
