//! Refused time and appeals over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Role, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    appeal,
    progress::seconds,
    store_appeals::{self, Appeal},
    store_credits::moment,
    store_refusals::{self, Refusal},
};

/// So many refused stretches are listed.
pub(crate) const MOST: i64 = 200;
/// Refused stretches of so many days are kept and listed.
pub(crate) const KEPT_MS: i64 = 366 * 86_400_000;

pub(crate) const MANAGERS: &[Role] = &[Role::Provider];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/refusals", Access::SignedIn, list)
        .get("/api/v1/refusals/{id}/evidence", Access::SignedIn, evidence)
        .post("/api/v1/refusals/{id}/appeal", Access::SignedIn, file)
        .get("/api/v1/appeals", Access::Roles(MANAGERS), queue)
        .post("/api/v1/appeals/{id}/decision", Access::Roles(MANAGERS), decide)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, evidence, file, queue, decide),
    components(schemas(RefusalItem, AppealItem, Words, Decision, DecisionKind))
)]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct RefusalItem {
    id: String,
    lecture: String,
    reason: String,
    seconds: f64,
    from: f64,
    to: f64,
    wall_from: String,
    wall_to: String,
}

impl From<Refusal> for RefusalItem {
    fn from(r: Refusal) -> Self {
        Self {
            id: r.id,
            lecture: r.lecture_id,
            reason: r.reason,
            seconds: seconds(r.time_ms),
            from: seconds(r.from_ms),
            to: seconds(r.to_ms),
            wall_from: moment(r.wall_from),
            wall_to: moment(r.wall_to),
        }
    }
}

/// The learner's time that was not credited, the latest first.
#[utoipa::path(get, path = "/api/v1/me/refusals", params(Paging), responses((status = 200, body = Page<RefusalItem>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let since = day::millis(site.now()) - KEPT_MS;
    let refused = store_refusals::of_learner(&site.db, visitor.actor.person, since, MOST).await?;
    let items: Vec<RefusalItem> = refused.into_iter().map(RefusalItem::from).collect();
    Ok(axum::Json(Page::part(items, &paging, |refused| refused.id.clone())).into_response())
}

/// What is known about a refused stretch, sealed.
#[utoipa::path(get, path = "/api/v1/refusals/{id}/evidence", responses((status = 200, body = appeal::Evidence), (status = 404)))]
async fn evidence(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let learner = visitor.actor.person;
    let refused = store_refusals::one(&site.db, learner, id.parse()?).await?;
    Ok(axum::Json(appeal::evidence(&site, learner, &refused).await?).into_response())
}

#[derive(Serialize, ToSchema)]
struct AppealItem {
    id: String,
    refusal: String,
    /// `waiting`, `granted` or `upheld`.
    state: String,
    words: String,
    answer: Option<String>,
    credited: f64,
    filed_at: String,
}

impl From<Appeal> for AppealItem {
    fn from(a: Appeal) -> Self {
        Self {
            id: a.id,
            refusal: a.refusal_id,
            state: a.state,
            words: a.words,
            answer: a.answer,
            credited: seconds(a.credited_ms),
            filed_at: moment(a.filed_at),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Words {
    words: String,
}

/// Appeal a refusal, once.
#[utoipa::path(post, path = "/api/v1/refusals/{id}/appeal", request_body = Words, responses(
    (status = 201, body = AppealItem), (status = 404)))]
async fn file(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(w): Json<Words>,
) -> Reply {
    let filed = appeal::file(&site, visitor.actor.person, id.parse()?, &w.words).await?;
    Ok((StatusCode::CREATED, axum::Json(AppealItem::from(filed))).into_response())
}

/// Appeals to be decided; for those who look after the platform.
#[utoipa::path(get, path = "/api/v1/appeals", responses((status = 200, body = Page<AppealItem>), (status = 403)))]
async fn queue(State(site): State<Site>) -> Reply {
    let items = store_appeals::queue(&site.db).await?.into_iter().map(AppealItem::from).collect();
    Ok(axum::Json(Page::<AppealItem>::whole(items)).into_response())
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DecisionKind {
    Grant,
    Uphold,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    decision: DecisionKind,
    answer: String,
}

/// Decide an appeal: what is granted is credited as far as the time that passed bears it.
#[utoipa::path(post, path = "/api/v1/appeals/{id}/decision", request_body = Decision, responses(
    (status = 200, body = AppealItem), (status = 403, description = "own_decision"),
    (status = 409, description = "appeal_decided")))]
async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(d): Json<Decision>,
) -> Reply {
    let said = (d.decision == DecisionKind::Grant, d.answer.as_str());
    let decided = appeal::decide(&site, visitor.actor.person, id.parse()?, said).await?;
    Ok(axum::Json(AppealItem::from(decided)).into_response())
}
