//! Packages over the JSON API.
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base::{PersonId, Year};
use serde::Deserialize;
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    INSPECTORS,
    choose::{Sample, Wanted},
    package,
};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/api/v1/inspections", Access::Roles(INSPECTORS), make).verifies_credential()
}

#[derive(OpenApi)]
#[openapi(paths(make), components(schemas(InspectionBody, SampleBody)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SampleBody {
    unit: String,
    size: usize,
    seed: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InspectionBody {
    #[serde(default)]
    people: Vec<PersonId>,
    sample: Option<SampleBody>,
    years: Vec<Year>,
    purpose: String,
    /// Names and evidence in clear; for the authority alone.
    #[serde(default)]
    clear: bool,
    /// Needed for `clear` where the password was entered more than ten minutes ago.
    password: Option<String>,
}

/// A ZIP about these people, or a sample of a unit's, and these years; masked unless `clear`, which needs the
/// password entered a short while ago. The purpose is recorded.
#[utoipa::path(post, path = "/api/v1/inspections", request_body = InspectionBody,
    responses((status = 200, content_type = "application/zip"),
    (status = 403, description = "password_needed"), (status = 422)))]
async fn make(State(site): State<Site>, visitor: Visitor, Json(b): Json<InspectionBody>) -> Reply {
    let sample = b.sample.map(|s| Sample { unit: s.unit, size: s.size, seed: s.seed });
    let wanted = Wanted { people: b.people, sample, years: b.years, purpose: b.purpose, is_clear: b.clear };
    Ok(archive(package::make(&site, &visitor, &wanted, b.password.as_deref()).await?))
}

/// The archive as an answer.
pub(crate) fn archive(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"inspection.zip\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}
