//! The check over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Result, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    KEEPERS,
    check::{self, Kind, Owed, REQUIRED, Typed},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/inductions", Access::Roles(KEEPERS), list).post(
        "/api/v1/people/{id}/inductions",
        Access::Roles(KEEPERS),
        record,
    )
}

#[derive(OpenApi)]
#[openapi(paths(list, record), components(schemas(OwedShown, InductionBody, Kind)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    pub unit: Option<String>,
    pub year: Option<String>,
}

impl Asked {
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        let Some(text) = self.year.as_deref().filter(|y| !y.is_empty()) else { return Ok(site.this_year()) };
        text.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }
}

#[derive(Serialize, ToSchema)]
struct OwedShown {
    person: String,
    name: String,
    unit: String,
    kind: Kind,
    since: String,
    due: String,
    hours: String,
    required: String,
    satisfied: bool,
}

impl From<Owed> for OwedShown {
    fn from(o: Owed) -> Self {
        Self {
            satisfied: o.is_done(),
            person: o.person.to_string(),
            name: o.name,
            unit: o.unit,
            kind: o.kind,
            since: o.since.to_string(),
            due: o.due.to_string(),
            hours: o.hours.to_string(),
            required: REQUIRED.to_string(),
        }
    }
}

/// Who entered service (`entry`) or changed the category of post (`transfer`) in a year, and whether the 40 hours are done.
#[utoipa::path(get, path = "/api/v1/inductions", params(("unit" = Option<String>, Query), ("year" = Option<u16>, Query)),
    responses((status = 200, body = Page<OwedShown>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let scope = check::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let owed = check::owed(&site, &scope, q.year(&site)?).await?;
    let items: Vec<OwedShown> = owed.into_iter().map(OwedShown::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InductionBody {
    /// `entry` or `transfer`.
    kind: String,
    title: String,
    from: String,
    to: String,
    /// A decimal string.
    hours: String,
    /// What it rests on.
    document: String,
}

/// Record a 岗前 or 转岗 training of someone, on a document.
#[utoipa::path(post, path = "/api/v1/people/{id}/inductions", params(("id" = String, Path)), request_body = InductionBody,
    responses((status = 204), (status = 403, description = "own_decision"), (status = 404), (status = 422)))]
async fn record(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<InductionBody>,
) -> Reply {
    let typed = Typed {
        kind: &b.kind,
        title: &b.title,
        from: &b.from,
        to: &b.to,
        hours: &b.hours,
        document: &b.document,
    };
    check::record(&site, &visitor.actor, id.parse()?, &typed).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
