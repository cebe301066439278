//! Incidents over the JSON API.
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Year, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    KEEPERS,
    incident::{self, Incident, Typed},
    store::{self, Line},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/incidents", Access::Roles(KEEPERS), list)
        .post("/api/v1/incidents", Access::Roles(KEEPERS), record)
        .get("/api/v1/incidents/{id}", Access::Roles(KEEPERS), one)
        .post("/api/v1/incidents/{id}/people", Access::Roles(KEEPERS), add)
        .post("/api/v1/incidents/{id}/extension", Access::Roles(KEEPERS), extend)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, record, one, add, extend),
    components(schemas(IncidentBody, ExtensionBody, IncidentShown, Line))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct IncidentShown {
    id: String,
    provider: String,
    title: String,
    from: String,
    to: String,
    affected: i64,
    year: Option<i64>,
    until: Option<String>,
    reason: Option<String>,
}

impl From<Incident> for IncidentShown {
    fn from(i: Incident) -> Self {
        Self {
            id: i.id,
            provider: i.provider,
            title: i.title,
            from: day::rfc3339(i.from),
            to: day::rfc3339(i.to),
            affected: i.affected,
            year: i.year,
            until: i.until,
            reason: i.reason,
        }
    }
}

/// The incidents of the own subtrees.
#[utoipa::path(get, path = "/api/v1/incidents", responses((status = 200, body = Page<IncidentShown>)))]
async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = store::incidents(&site.db, &visitor.actor.scope(KEEPERS)).await?;
    let items: Vec<IncidentShown> = found.into_iter().map(IncidentShown::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct IncidentBody {
    /// The provider's short name.
    provider: String,
    title: String,
    from: String,
    to: String,
}

/// Record an incident; who went to the provider meanwhile is affected.
#[utoipa::path(post, path = "/api/v1/incidents", request_body = IncidentBody, responses((status = 201, body = IncidentShown), (status = 422)))]
async fn record(State(site): State<Site>, visitor: Visitor, Json(b): Json<IncidentBody>) -> Reply {
    let typed = Typed { provider: &b.provider, title: &b.title, from: &b.from, to: &b.to };
    let id = incident::record(&site, &visitor.actor, &typed).await?;
    let made = incident::one(&site, &visitor.actor, &id).await?;
    Ok((StatusCode::CREATED, axum::Json(IncidentShown::from(made))).into_response())
}

/// An incident with whom it affected.
#[derive(Serialize, ToSchema)]
struct IncidentWhole {
    incident: IncidentShown,
    items: Vec<Line>,
}

/// An incident with the persons, courses and days that it affected.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", params(("id" = String, Path)),
    responses((status = 200, body = IncidentWhole), (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = incident::one(&site, &visitor.actor, &id).await?;
    let lines = store::lines(&site.db, &id).await?;
    Ok(axum::Json(IncidentWhole { incident: found.into(), items: lines }).into_response())
}

/// What became of a list.
#[derive(Serialize, ToSchema)]
struct Added {
    added: usize,
    /// What is wrong with it; nobody is added then.
    errors: Vec<CellWrong>,
}

/// A cell that cannot be read or names nobody.
#[derive(Serialize, ToSchema)]
struct CellWrong {
    row: usize,
    column: String,
    code: String,
}

/// Add people from a list (身份证号 or 工号 or 姓名; 课程, 日期). All or nothing.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/people", params(("id" = String, Path)),
    request_body(content(("text/csv"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("application/vnd.ms-excel"))), responses((status = 200, body = Added), (status = 404), (status = 422, body = Added)))]
async fn add(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, body: Bytes) -> Reply {
    let (added, errors) = incident::add(&site, &visitor.actor, &id, body.to_vec()).await?;
    let error = |e: org::CellError| CellWrong { row: e.row, column: e.column.into(), code: e.code.into() };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let body = Added { added, errors: errors.into_iter().map(error).collect() };
    Ok((status, axum::Json(body)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExtensionBody {
    year: Year,
    until: String,
    reason: String,
}

/// What became of an extension.
#[derive(Serialize, ToSchema)]
struct Extended {
    /// How many people have more time.
    people: usize,
}

/// Give everyone affected time until a day, at once; each is told. Longer again is possible, shorter is not.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/extension", params(("id" = String, Path)), request_body = ExtensionBody,
    responses((status = 200, body = Extended), (status = 404), (status = 409, description = "incident_nobody; incident_shorter, incident_other_year: time once given is not taken back"), (status = 422)))]
async fn extend(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ExtensionBody>,
) -> Reply {
    let people = incident::extend(&site, &visitor.actor, &id, (b.year, &b.until, &b.reason)).await?;
    Ok(axum::Json(Extended { people }).into_response())
}
