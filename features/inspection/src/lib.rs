//! Inspection packages (巡视、审计): a list or a sample of people × years in one ZIP, with index, ledger, evidence, decisions,
//! checkpoint, proofs and a verifier; masked unless clear names are asked for, and the purpose is recorded.
mod api;
mod choose;
mod masking;
mod package;
mod pages;
mod store;

pub use api::docs;

use base::Role;
use site::Routes;

/// Who makes packages.
const INSPECTORS: &[Role] = &[Role::Authority, Role::Auditor];
/// Who may ask for names and evidence in clear.
const CLEAR: &[Role] = &[Role::Authority];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
