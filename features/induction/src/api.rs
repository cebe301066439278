//! The check over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId, Result, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    KEEPERS,
    check::{self, Kind, Owed, REQUIRED},
    training::{self, Training, Typed},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/inductions", Access::Roles(KEEPERS), list)
        .get("/api/v1/people/{id}/inductions", Access::Roles(KEEPERS), of_person)
        .post("/api/v1/people/{id}/inductions", Access::Roles(KEEPERS), record)
        .delete("/api/v1/inductions/{id}", Access::Roles(KEEPERS), end)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, of_person, record, end),
    components(schemas(OwedShown, InductionShown, InductionBody, Kind))
)]
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
    /// As pages open: without a year the one that desks work on.
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        let Some(text) = self.year.as_deref().filter(|y| !y.is_empty()) else { return Ok(site.desk_year()) };
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

/// Who entered service (`entry`) or changed the category of post (`transfer`) in a year, and whether the 40 hours are
/// done; without a year of the one that desks work on.
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

/// A training on record.
#[derive(Serialize, ToSchema)]
struct InductionShown {
    id: String,
    kind: Kind,
    title: String,
    from: String,
    to: String,
    hours: String,
    document: String,
}

impl From<Training> for InductionShown {
    fn from(t: Training) -> Self {
        Self {
            id: t.id,
            kind: t.kind,
            title: t.title,
            from: t.period.from.to_string(),
            to: t.period.to.to_string(),
            hours: t.hours.to_string(),
            document: t.document,
        }
    }
}

/// The 岗前 and 转岗 trainings that are on record of someone, the earliest record first.
#[utoipa::path(get, path = "/api/v1/people/{id}/inductions", params(("id" = String, Path)),
    responses((status = 200, body = Page<InductionShown>), (status = 404)))]
async fn of_person(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person: PersonId = id.parse()?;
    let found = training::of(&site, &visitor.actor, person).await?;
    let items: Vec<InductionShown> = found.into_iter().map(InductionShown::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// Record a 岗前 or 转岗 training of someone that is over, on a document. What is on record already is not added again; a
/// training that shares days with another one on record is refused.
#[utoipa::path(post, path = "/api/v1/people/{id}/inductions", params(("id" = String, Path)), request_body = InductionBody,
    responses((status = 204), (status = 403, description = "own_decision"), (status = 404),
    (status = 409, description = "induction_overlap with `overlaps`, the trainings on record that share days"), (status = 422)))]
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
    training::record(&site, &visitor.actor, id.parse()?, &typed).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a wrong record of a training back.
#[utoipa::path(delete, path = "/api/v1/inductions/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 403, description = "own_decision"), (status = 404)))]
async fn end(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    training::end(&site, &visitor.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
