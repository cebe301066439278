//! The own copy over the JSON API.
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{PersonId, Result, day};
use serde::Serialize;
use serde_json::{Value, json};
use site::{Access, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{Holding, inventory, present, store};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/me/data", Access::SignedIn, copy).costly()
}

#[derive(OpenApi)]
#[openapi(paths(copy), components(schemas(Copy, Part)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// Everything stored about the visitor.
#[derive(Serialize, ToSchema)]
struct Copy {
    made_at: String,
    parts: Vec<Part>,
}

/// What one table holds.
#[derive(Serialize, ToSchema)]
struct Part {
    table: &'static str,
    about: String,
    purpose: String,
    kept: String,
    /// Whether there are more rows than a copy holds.
    truncated: bool,
    rows: Vec<Value>,
}

async fn part(site: &Site, holding: &'static Holding, person: PersonId) -> Result<Part> {
    let stored = store::rows(&site.db, holding, person).await?;
    let truncated = stored.len() == store::MOST;
    let rows = stored.into_iter().map(|r| present::row(site, holding, r)).collect::<Result<_>>()?;
    let [about, purpose, kept] = holding.words(site);
    Ok(Part { table: holding.table, about, purpose, kept, truncated, rows })
}

/// Everything stored about oneself, as one file.
#[utoipa::path(get, path = "/api/v1/me/data", responses((status = 200, body = Copy)))]
async fn copy(State(site): State<Site>, visitor: Visitor) -> Reply {
    let person = visitor.actor.person;
    let mut parts = Vec::with_capacity(64);
    for holding in inventory() {
        parts.push(part(&site, holding, person).await?);
    }
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(person),
        action: "privacy.copy",
        object: &person.to_string(),
        unit_path: "",
        details: json!({"rows": parts.iter().map(|p| p.rows.len()).sum::<usize>()}),
    };
    audit::record(&site, &tx, deed).await?;
    tx.commit().await?;
    let copy = Copy { made_at: day::rfc3339(site.now()), parts };
    let name = HeaderValue::from_static("attachment; filename=\"xueshi-data.json\"");
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(copy)).into_response())
}
