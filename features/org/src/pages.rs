//! Pages of people: the roster, its import, a person, the own profile.
mod account;
mod import;
mod people;
mod profile;

use site::{Access, Routes};

use crate::{MANAGERS, READERS, api_assist::HELPERS};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/people", Access::Roles(READERS), people::list)
        .get("/people/{id}", Access::Roles(MANAGERS), people::one)
        .get("/people/{id}/account", Access::Roles(HELPERS), account::page)
        .post("/people/{id}/account", Access::Roles(HELPERS), account::help)
        .verifies_credential()
        .get("/people-import", Access::Roles(MANAGERS), import::form)
        .post("/people-import", Access::Roles(MANAGERS), import::preview)
        .post("/people-import/confirm", Access::Roles(MANAGERS), import::confirm)
        .get("/me/profile", Access::SignedIn, profile::form)
        .post("/me/profile", Access::SignedIn, profile::save)
}
