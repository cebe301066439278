//! Pages of people: the roster, its import, a person, the own profile.
mod account;
mod import;
mod import_draft;
mod people;
mod person_form;
mod profile;
mod units;

use site::{Access, Routes};

use crate::{MANAGERS, READERS, api_assist::HELPERS};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/people", Access::Roles(READERS), people::list)
        .get("/people/new", Access::Roles(MANAGERS), person_form::new)
        .post("/people/new", Access::Roles(MANAGERS), person_form::add)
        .get("/people/{id}", Access::Roles(MANAGERS), people::one)
        .get("/people/{id}/account", Access::Roles(HELPERS), account::page)
        .post("/people/{id}/account", Access::Roles(HELPERS), account::help)
        .verifies_credential()
        .get("/people/{id}/edit", Access::Roles(MANAGERS), person_form::edit)
        .post("/people/{id}/edit", Access::Roles(MANAGERS), person_form::save)
        .post("/people/{id}/status", Access::Roles(MANAGERS), person_form::status)
        .post("/people/{id}/post-confirmation", Access::Roles(MANAGERS), person_form::confirm_post)
        .post("/people/{id}/clear-view", Access::Roles(MANAGERS), people::show_clear)
        .verifies_credential()
        .get("/people-import", Access::Roles(MANAGERS), import::form)
        .post("/people-import", Access::Roles(MANAGERS), import::preview)
        .costly()
        .post("/people-import/confirm", Access::Roles(MANAGERS), import::confirm)
        .get("/people-import/{draft}", Access::Roles(MANAGERS), import_draft::progress)
        .passive()
        .get("/people-import/{draft}/marked", Access::Roles(MANAGERS), import_draft::marked_copy)
        .get("/units", Access::Roles(units::LISTERS), units::list)
        .get("/units/{code}", Access::Roles(units::SEERS), units::one)
        .post("/units/{code}", Access::Roles(units::LISTERS), units::change)
        .get("/contacts", Access::Public, units::contacts)
        .get("/me/profile", Access::SignedIn, profile::form)
        .post("/me/profile", Access::SignedIn, profile::save)
}
