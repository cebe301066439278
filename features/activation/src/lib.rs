//! First sign-in of many: who has not activated the account yet, invitations by message, and slips to print by department.
//! Codes and their redemption are in `accounts`.
mod api;
mod invite;
mod pages;
mod slips;
mod store;

pub use api::docs;
pub use slips::{SAMPLE, TEMPLATE};

use base::Role;
use documents::Typesetter;
use site::Routes;

/// Who invites.
const MANAGERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// The slice's routes; slips come from the typesetter.
pub fn routes(typesetter: &Typesetter) -> Routes {
    api::routes(typesetter).and(pages::routes(typesetter))
}
