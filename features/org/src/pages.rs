//! Pages of people: the roster, its import, a person, the own profile.
mod import;
mod people;
mod profile;

use site::{Access, Routes};

use crate::{MANAGERS, READERS};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/people", Access::Roles(READERS), people::list)
        .get("/people/{id}", Access::Roles(MANAGERS), people::one)
        .post("/people/{id}/password-reset", Access::Roles(MANAGERS), people::reset)
        .get("/people-import", Access::Roles(MANAGERS), import::form)
        .post("/people-import", Access::Roles(MANAGERS), import::preview)
        .post("/people-import/confirm", Access::Roles(MANAGERS), import::confirm)
        .get("/me/profile", Access::SignedIn, profile::form)
        .post("/me/profile", Access::SignedIn, profile::save)
}
