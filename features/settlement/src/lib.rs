//! Settlement with course platforms per proven hour: a statement a month drawn from the ledger, disputed line by line,
//! suspended by rule, confirmed and paid. An entry of the ledger is settled once.
mod api;
mod draw;
mod object;
mod pages;
mod settle;
mod sight;
mod statement;
mod store;
mod store_ledger;

pub use api::docs;

use base::{Actor, Error, Result, Role};
use site::Routes;

/// Who keeps the accounts, at the top of a tree.
const KEEPERS: &[Role] = &[Role::Authority];
/// Who sees all of them, at the top of a tree.
const READERS: &[Role] = &[Role::Authority, Role::Auditor];
/// Who sees any: a platform's operators their own.
const VIEWERS: &[Role] = &[Role::Authority, Role::Auditor, Role::Provider];
/// Who doubts a line.
const DOUBTERS: &[Role] = &[Role::Authority, Role::Provider];

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}

/// Whether one of the roles is held at the top of a tree: platforms serve all below.
fn holds_at_top(actor: &Actor, roles: &[Role]) -> bool {
    actor.scope(roles).paths.iter().any(|path| path.matches('/').count() == 2)
}

/// Refuses everyone but the authority at the top.
fn admit_keeper(actor: &Actor) -> Result<()> {
    if holds_at_top(actor, KEEPERS) { Ok(()) } else { Err(Error::not_found()) }
}
