//! Pages of 人事变动.
mod corrections;
mod duplicates;
mod posts;
mod retirement;
mod transfers;

use site::{Access, Routes};

use crate::{AUTHORITIES, MANAGERS, api_posts::READERS};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/transfers", Access::Roles(MANAGERS), transfers::list)
        .post("/transfers", Access::Roles(MANAGERS), transfers::ask)
        .get("/transfers/{id}", Access::Roles(MANAGERS), transfers::one)
        .post("/transfers/{id}", Access::Roles(MANAGERS), transfers::act)
        .get("/duplicates", Access::Roles(AUTHORITIES), duplicates::list)
        .post("/duplicates", Access::Roles(AUTHORITIES), duplicates::merge)
        .get("/corrections", Access::Roles(MANAGERS), corrections::list)
        .post("/corrections/{id}", Access::Roles(MANAGERS), corrections::decide)
        .get("/me/corrections", Access::SignedIn, corrections::own)
        .post("/me/corrections", Access::SignedIn, corrections::ask)
        .get("/people/{id}/posts", Access::Roles(MANAGERS), posts::of_person)
        .post("/people/{id}/posts", Access::Roles(MANAGERS), posts::change)
        .get("/guests", Access::Roles(READERS), posts::guests)
        .get("/retirements", Access::Roles(READERS), retirement::list)
        .get("/people/{id}/retirement", Access::Roles(READERS), retirement::one)
        .post("/people/{id}/retirement", Access::Roles(READERS), retirement::change)
}
