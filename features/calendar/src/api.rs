//! The feed for calendar programs, and its address over the JSON API.
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use site::{Access, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::feed;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/calendar/{file}", Access::Public, read)
        .post("/api/v1/me/calendar", Access::SignedIn, make)
        .delete("/api/v1/me/calendar", Access::SignedIn, end)
}

#[derive(OpenApi)]
#[openapi(paths(read, make, end), components(schemas(Made)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// Deadlines and trainings of whoever holds the secret address, in the format of RFC 5545.
#[utoipa::path(get, path = "/calendar/{file}", params(("file" = String, Path)),
    responses((status = 200, content_type = "text/calendar"), (status = 404)))]
async fn read(State(site): State<Site>, Path(file): Path<String>) -> Reply {
    let text = feed::read(&site, &file).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, text).into_response())
}

#[derive(Serialize, ToSchema)]
struct Made {
    /// The secret address; it is told this once.
    url: String,
}

/// Make a new secret address of the own calendar; an older one no longer answers.
#[utoipa::path(post, path = "/api/v1/me/calendar", responses((status = 201, body = Made)))]
async fn make(State(site): State<Site>, visitor: Visitor) -> Reply {
    let url = feed::make(&site, visitor.actor.person).await?;
    Ok((StatusCode::CREATED, axum::Json(Made { url })).into_response())
}

/// Take the address of the own calendar back.
#[utoipa::path(delete, path = "/api/v1/me/calendar", responses((status = 204)))]
async fn end(State(site): State<Site>, visitor: Visitor) -> Reply {
    feed::end(&site, visitor.actor.person).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
