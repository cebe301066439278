//! The search as a page and over the API.
use askama::Template;
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use serde::Deserialize;
use site::{Access, Frame, Page, Reply, Routes, Site, Visitor, html};
use utoipa::OpenApi;

use crate::search::{self, Hit};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/search", Access::SignedIn, page).get("/api/v1/search", Access::SignedIn, list)
}

#[derive(OpenApi)]
#[openapi(paths(list), components(schemas(Hit)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct Asked {
    q: Option<String>,
}

/// What of notices, policies, tenders, help and courses holds all words; Chinese needs no spaces.
#[utoipa::path(get, path = "/api/v1/search", params(("q" = String, Query)), responses((status = 200, body = Page<Hit>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let hits = search::search(&site, &visitor.actor, q.q.as_deref().unwrap_or("")).await?;
    Ok(axum::Json(Page::whole(hits)).into_response())
}

#[derive(Template)]
#[template(path = "home/search.html")]
struct SearchPage {
    frame: Frame,
    q: String,
    hits: Vec<Hit>,
}

async fn page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let q = q.q.unwrap_or_default();
    let frame = Frame::of(&site, &visitor, "/search", "page-search");
    html(&SearchPage { frame, hits: search::search(&site, &visitor.actor, &q).await?, q })
}
