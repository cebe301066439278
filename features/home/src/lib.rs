//! The first page and the year as a whole: what other slices know, put together for one person.
mod api;
mod help;
mod pages;
mod pages_search;
mod search;
mod store;

use site::Routes;

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes()).and(pages_search::routes())
}

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = api::docs();
    docs.merge(pages_search::docs());
    docs
}
