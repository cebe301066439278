//! Accounts: signing in, the forced steps of the manual, passwords, phones, codes, locks, sessions, roles held.
mod api;
mod create;
mod first_steps;
mod gate;
mod identifiers;
mod pages;
mod password;
mod phone;
mod prepare;
mod reset;
mod roles;
mod sessions;
mod sign_in;
mod sms;
mod store;

pub use api::docs;
pub use create::{NewAccount, account_names, create, create_many};
pub use gate::Locked;
pub use identifiers::{id_number_lookup, index_id_numbers};
pub use prepare::prepare;
pub use reset::{OneTimePassword, reset_password};
pub use roles::{grant, grant_many, held};
pub use sessions::AccountSessions;

use site::{Access, Routes, Site};

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default().on(sms::SEND, sms::send)
}

const FORCED: Access = Access::Forced;
