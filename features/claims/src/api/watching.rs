//! Spouses, reliefs, deputies and signals over the JSON API.
use axum::{
    extract::{Path, Query, State as Given},
    http::StatusCode,
    response::IntoResponse,
};
use base::{PersonId, Role, Year, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    circumstance::{self, KEEPERS, NAMERS},
    signals::{self, Sign, Target, WATCHERS},
};

const AUTHORITY: &[Role] = &[Role::Authority];

pub(super) fn routes() -> Routes {
    Routes::new()
        .put("/api/v1/people/{id}/spouse", Access::Roles(KEEPERS), set_spouse)
        .delete("/api/v1/people/{id}/spouse", Access::Roles(KEEPERS), end_spouse)
        .put("/api/v1/people/{id}/relief", Access::Roles(AUTHORITY), relieve)
        .delete("/api/v1/people/{id}/relief", Access::Roles(AUTHORITY), end_relief)
        .get("/api/v1/units/{code}/review-deputy", Access::Roles(NAMERS), deputy)
        .put("/api/v1/units/{code}/review-deputy", Access::Roles(NAMERS), name_deputy)
        .get("/api/v1/signals", Access::Roles(WATCHERS), list)
        .post("/api/v1/signals/decisions", Access::Roles(WATCHERS), decide)
}

#[derive(OpenApi)]
#[openapi(
    paths(set_spouse, end_spouse, relieve, end_relief, deputy, name_deputy, list, decide),
    components(schemas(
        SpouseBody,
        ReliefBody,
        DeputyShown,
        DeputyNamed,
        DeputyBody,
        FlaggedShown,
        SignShown,
        DecidedShown,
        DecideBody,
        Sign,
        Target
    ))
)]
pub(super) struct Docs;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SpouseBody {
    spouse: PersonId,
}

/// Record who someone is married to: neither then decides the other's cases.
#[utoipa::path(put, path = "/api/v1/people/{id}/spouse", params(("id" = String, Path)), request_body = SpouseBody,
    responses((status = 204), (status = 403, description = "own_decision"), (status = 404)))]
async fn set_spouse(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<SpouseBody>,
) -> Reply {
    circumstance::set_spouse(&site, &visitor.actor, id.parse()?, Some(b.spouse)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take the record of a marriage away.
#[utoipa::path(delete, path = "/api/v1/people/{id}/spouse", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
async fn end_spouse(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    circumstance::set_spouse(&site, &visitor.actor, id.parse()?, None).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReliefBody {
    year: Year,
    /// The document's number.
    document: String,
    reason: String,
}

/// Mark a leader trained under 干部教育 rules as not obliged in a year, by a document.
#[utoipa::path(put, path = "/api/v1/people/{id}/relief", params(("id" = String, Path)), request_body = ReliefBody,
    responses((status = 204), (status = 404)))]
async fn relieve(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReliefBody>,
) -> Reply {
    circumstance::relieve(&site, &visitor.actor, (id.parse()?, b.year), (&b.document, &b.reason)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
struct OfYear {
    year: Year,
}

/// Take the mark of a year away.
#[utoipa::path(delete, path = "/api/v1/people/{id}/relief", params(("id" = String, Path), ("year" = u16, Query)),
    responses((status = 204), (status = 404), (status = 409, description = "no_relief")))]
async fn end_relief(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<OfYear>,
) -> Reply {
    circumstance::end_relief(&site, &visitor.actor, (id.parse()?, q.year)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct DeputyNamed {
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
struct DeputyShown {
    unit: String,
    deputy: Option<DeputyNamed>,
}

/// Who takes a unit's waiting cases over; null where nobody is named.
#[utoipa::path(get, path = "/api/v1/units/{code}/review-deputy", params(("code" = String, Path)),
    responses((status = 200, body = DeputyShown), (status = 404)))]
async fn deputy(Given(site): Given<Site>, visitor: Visitor, Path(code): Path<String>) -> Reply {
    let found = circumstance::deputyship(&site, &visitor.actor, &code).await?;
    let deputy = found.named.map(|n| DeputyNamed { id: n.id, name: n.name });
    Ok(axum::Json(DeputyShown { unit: found.unit.code, deputy }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeputyBody {
    /// Someone who reviews there; null takes the name away.
    deputy: Option<PersonId>,
}

/// Name who takes a unit's claims over that wait longer than three days.
#[utoipa::path(put, path = "/api/v1/units/{code}/review-deputy", params(("code" = String, Path)), request_body = DeputyBody,
    responses((status = 204), (status = 404), (status = 422, description = "deputy_reviews")))]
async fn name_deputy(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<DeputyBody>,
) -> Reply {
    circumstance::name_deputy(&site, &visitor.actor, &code, b.deputy).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct SignShown {
    sign: Sign,
    says: String,
}

#[derive(Serialize, ToSchema)]
struct DecidedShown {
    decision: String,
    comment: String,
    by: String,
    at: String,
}

#[derive(Serialize, ToSchema)]
struct FlaggedShown {
    kind: Target,
    id: String,
    name: String,
    place: String,
    rank: i64,
    signs: Vec<SignShown>,
    decided: Option<DecidedShown>,
}

/// What signals point at, the highest rank first. None is a verdict.
#[utoipa::path(get, path = "/api/v1/signals", responses((status = 200, body = Page<FlaggedShown>)))]
async fn list(Given(site): Given<Site>, visitor: Visitor) -> Reply {
    let shown = |f: signals::Flagged| FlaggedShown {
        kind: f.target,
        id: f.id,
        name: f.name,
        place: f.place,
        rank: f.rank,
        signs: f.signs.into_iter().map(|(sign, says)| SignShown { sign, says }).collect(),
        decided: f.decided.map(|d| DecidedShown {
            decision: d.decision,
            comment: d.comment,
            by: d.by,
            at: day::rfc3339(d.at),
        }),
    };
    let items = signals::flagged(&site, &visitor.actor).await?.into_iter().map(shown).collect::<Vec<_>>();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecideBody {
    kind: Target,
    id: String,
    /// `cleared`, `watch` or `corrected`.
    decision: String,
    comment: String,
}

/// Record what was decided on something that is flagged.
#[utoipa::path(post, path = "/api/v1/signals/decisions", request_body = DecideBody,
    responses((status = 204), (status = 403, description = "own_decision"), (status = 404)))]
async fn decide(Given(site): Given<Site>, visitor: Visitor, Json(b): Json<DecideBody>) -> Reply {
    signals::decide(&site, &visitor.actor, (b.kind, &b.id), (&b.decision, &b.comment)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
