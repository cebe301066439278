//! Spot checks over the JSON API.
use axum::{
    extract::{Path, State as Given},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Hours, Year, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    CHECKERS, Published, READERS, blind,
    check::{self, Check},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/spot-checks", Access::Roles(READERS), list)
        .post("/api/v1/spot-checks", Access::Roles(CHECKERS), announce)
        .get("/api/v1/spot-checks/{id}", Access::Roles(READERS), one)
        .get("/api/v1/public/spot-checks/{id}", Access::Public, published)
        .post("/api/v1/spot-check-cases/{id}/review", Access::Roles(CHECKERS), review)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, announce, one, published, review),
    components(schemas(AnnounceBody, ReviewBody, CheckShown, CaseShown, Published))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct CheckShown {
    id: String,
    unit: String,
    year: i16,
    size: i64,
    population: i64,
    population_sha256: String,
    announced_at: String,
    seed: Option<String>,
    seed_checkpoint: Option<i64>,
    reviewed: i64,
    differing: i64,
}

impl From<Check> for CheckShown {
    fn from(c: Check) -> Self {
        Self {
            id: c.id,
            unit: c.unit_name,
            year: c.year.number(),
            size: c.size,
            population: c.population,
            population_sha256: c.population_sha256,
            announced_at: day::rfc3339(c.announced_at),
            seed: c.seed,
            seed_checkpoint: c.seed_checkpoint,
            reviewed: c.reviewed,
            differing: c.differing,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct CaseShown {
    id: String,
    claim: String,
    verdict: Option<String>,
    hours: Option<String>,
    comment: String,
}

/// The checks of the own subtrees.
#[utoipa::path(get, path = "/api/v1/spot-checks", responses((status = 200, body = Page<CheckShown>)))]
async fn list(Given(site): Given<Site>, visitor: Visitor) -> Reply {
    let items: Vec<CheckShown> =
        check::all(&site, &visitor.actor).await?.into_iter().map(CheckShown::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnnounceBody {
    unit: String,
    year: Year,
    /// Of a hundred claims; the policy's when left out.
    percent: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Announced {
    id: String,
}

/// Announce a check: its population is fixed now, its seed is the root of the next daily checkpoint.
#[utoipa::path(post, path = "/api/v1/spot-checks", request_body = AnnounceBody,
    responses((status = 201, body = Announced), (status = 404), (status = 409, description = "spot_check_empty")))]
async fn announce(Given(site): Given<Site>, visitor: Visitor, Json(b): Json<AnnounceBody>) -> Reply {
    let id = check::announce(&site, &visitor.actor, (&b.unit, b.year), b.percent).await?;
    Ok((StatusCode::CREATED, axum::Json(Announced { id })).into_response())
}

#[derive(Serialize, ToSchema)]
struct CheckWhole {
    check: CheckShown,
    cases: Vec<CaseShown>,
}

/// A check with its drawn cases.
#[utoipa::path(get, path = "/api/v1/spot-checks/{id}", params(("id" = String, Path)),
    responses((status = 200, body = CheckWhole), (status = 404)))]
async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = check::one(&site, &visitor.actor, &id).await?;
    let case = |c: blind::Case| CaseShown {
        id: c.id,
        claim: c.claim,
        verdict: c.verdict,
        hours: c.hours.map(|h| h.to_string()),
        comment: c.comment,
    };
    let cases: Vec<CaseShown> = store::drawn(&site.db, &id).await?.into_iter().map(case).collect();
    Ok(axum::Json(CheckWhole { check: found.into(), cases }).into_response())
}

/// What anyone may check a draw by: `xueshi audit draw --file` does.
#[utoipa::path(get, path = "/api/v1/public/spot-checks/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Published), (status = 404)))]
async fn published(Given(site): Given<Site>, Path(id): Path<String>) -> Reply {
    Ok(axum::Json(check::published(&site, &id).await?).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewBody {
    /// `confirmed`, `lower` or `refused`.
    verdict: String,
    /// With `lower`: the hours that the reviewer would give.
    hours: Option<Hours>,
    #[serde(default)]
    comment: String,
}

/// The blind second review of a drawn claim, by someone who did not decide on it.
#[utoipa::path(post, path = "/api/v1/spot-check-cases/{id}/review", params(("id" = String, Path)), request_body = ReviewBody,
    responses((status = 204), (status = 403, description = "own_decision, spouse_decision or decided_before"), (status = 404),
        (status = 409, description = "spot_check_reviewed")))]
async fn review(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReviewBody>,
) -> Reply {
    blind::review(&site, &visitor.actor, &id, (&b.verdict, b.hours, &b.comment)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
