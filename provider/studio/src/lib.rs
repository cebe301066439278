//! Where people of a course platform make courses: drafts, uploads in parts, films cut into a ladder of qualities,
//! documents with their reading time, learning packages. What is published stays as it is; a change is a new version.
mod api;
mod captions;
mod change;
mod discard;
mod document;
mod draft;
mod film;
mod folders;
mod kind;
mod material;
mod pages;
mod pages_trail;
mod publish;
mod store;
mod tool;
mod work;

pub use folders::Folders;
pub use work::resume;

use jobs::Handlers;
use site::{Routes, Site};

/// The slice's routes.
pub fn routes(folders: &Folders) -> Routes {
    api::routes(folders).and(pages::routes()).and(pages_trail::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut all = api::docs();
    all.merge(pages_trail::docs());
    all
}

/// The slice's background work.
pub fn jobs(folders: &Folders) -> Handlers<Site> {
    work::jobs(folders).and(discard::jobs(folders))
}
