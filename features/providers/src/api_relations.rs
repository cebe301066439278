//! Joining, keys, check, decisions, service levels, mapping, arrivals and failed calls over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::day;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    join::{self, Application},
    keys,
    mapping::{self, Group, Side, Suggestion},
    outbox::{self, Failed, LineState, TENDERS},
    quota::{self, Quota},
    selfcheck::{self, Step},
    service::{self, Levels, Share},
    standing::{self, Decision, KEEPERS, OPERATORS, READERS, Standing},
    store_relations as store,
    trace::{self, Arrival, Stage},
};

pub(crate) fn routes() -> Routes {
    let (operators, keepers, readers) =
        (Access::Roles(OPERATORS), Access::Roles(KEEPERS), Access::Roles(READERS));
    Routes::new()
        .post("/api/v1/provider/application", operators, apply)
        .get("/api/v1/provider", operators, own)
        .post("/api/v1/provider/keys", operators, make_key)
        .delete("/api/v1/provider/keys/{id}", operators, end_key)
        .post("/api/v1/provider/check", operators, check)
        .post("/api/v1/provider/go-live", operators, go_live)
        .get("/api/v1/providers", readers, list)
        .get("/api/v1/providers/{name}", readers, one)
        .post("/api/v1/providers/{name}/decision", keepers, decide)
        .put("/api/v1/providers/{name}/quota", keepers, set_quota)
        .get("/api/v1/course-mapping", readers, suggested)
        .post("/api/v1/course-mapping", keepers, map)
        .delete("/api/v1/course-mapping/{id}", keepers, unmap)
        .get("/api/v1/me/arrivals", Access::SignedIn, arrivals)
        .post("/api/v1/me/arrivals/pull", Access::SignedIn, pull)
        .get("/api/v1/provider-outbox", Access::Roles(TENDERS), failed)
        .post("/api/v1/provider-outbox/{id}/replay", Access::Roles(TENDERS), replay)
}

#[derive(OpenApi)]
#[openapi(
    paths(
        apply, own, make_key, end_key, check, go_live, list, one, decide, set_quota, suggested, map, unmap,
        arrivals, pull, failed, replay
    ),
    components(schemas(
        Application,
        Own,
        KeyInfo,
        KeyMade,
        Step,
        Checked,
        ProviderInfo,
        Levels,
        Share,
        DecisionBody,
        Quota,
        Suggestion,
        Side,
        Group,
        Mapping,
        MapBody,
        Arrival,
        Stage,
        Failed,
        LineState,
        Outbox
    ))
)]
pub(crate) struct Docs;

/// Apply to join as a provider; the caller looks after it from then on.
#[utoipa::path(post, path = "/api/v1/provider/application", request_body = Application,
    responses((status = 201, description = "without a body")))]
async fn apply(State(site): State<Site>, visitor: Visitor, Json(body): Json<Application>) -> Reply {
    join::apply(&site, &visitor, &body).await?;
    Ok(StatusCode::CREATED.into_response())
}

#[derive(Serialize, ToSchema)]
struct KeyInfo {
    key_id: String,
    created_at: String,
    /// None while it is valid.
    ended_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Own {
    name: String,
    title: String,
    /// `applied`, `refused`, `sandbox`, `asking`, `live` or `suspended`.
    #[schema(value_type = String)]
    standing: Standing,
    reason: String,
    quota: Quota,
    keys: Vec<KeyInfo>,
    steps: Vec<Step>,
}

/// The caller's provider.
#[utoipa::path(get, path = "/api/v1/provider", responses((status = 200, body = Own)))]
async fn own(State(site): State<Site>, visitor: Visitor) -> Reply {
    let (provider, keys) = keys::list(&site, &visitor).await?;
    let text = |ms: i64| day::rfc3339(day::from_millis(ms));
    let info = |k: store::KeyRow| KeyInfo {
        key_id: k.key_id,
        created_at: text(k.created_at),
        ended_at: k.ended_at.map(text),
    };
    let steps = selfcheck::steps(&site, &provider).await?;
    let own = Own {
        name: provider.name,
        title: provider.title,
        standing: provider.standing,
        reason: provider.standing_reason,
        quota: provider.quota,
        keys: keys.into_iter().map(info).collect(),
        steps,
    };
    Ok(axum::Json(own).into_response())
}

#[derive(Serialize, ToSchema)]
struct KeyMade {
    key_id: String,
    /// Shown this once.
    secret: String,
}

/// Make another signing key; two are valid at a time.
#[utoipa::path(post, path = "/api/v1/provider/keys", responses((status = 201, body = KeyMade)))]
async fn make_key(State(site): State<Site>, visitor: Visitor) -> Reply {
    let key = keys::make(&site, &visitor).await?;
    let made = KeyMade { key_id: key.key_id, secret: key.secret };
    Ok((StatusCode::CREATED, axum::Json(made)).into_response())
}

/// End a signing key.
#[utoipa::path(delete, path = "/api/v1/provider/keys/{id}", params(("id" = String, Path)), responses((status = 204)))]
async fn end_key(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    keys::end(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct Checked {
    steps: Vec<Step>,
    /// The signed pass, where every needed step holds.
    #[schema(value_type = Option<Object>)]
    pass: Option<serde_json::Value>,
}

/// Run the conformance check.
#[utoipa::path(post, path = "/api/v1/provider/check", responses((status = 200, body = Checked)))]
async fn check(State(site): State<Site>, visitor: Visitor) -> Reply {
    let (steps, pass) = selfcheck::run(&site, &visitor).await?;
    let pass = pass.and_then(|p| serde_json::from_str(&p.document).ok());
    Ok(axum::Json(Checked { steps, pass }).into_response())
}

/// Ask to go live.
#[utoipa::path(post, path = "/api/v1/provider/go-live", responses((status = 204)))]
async fn go_live(State(site): State<Site>, visitor: Visitor) -> Reply {
    standing::ask(&site, &visitor).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct ProviderInfo {
    name: String,
    title: String,
    site: String,
    #[schema(value_type = String)]
    standing: Standing,
    reason: String,
    quota: Quota,
    /// Service levels, where one provider is asked for.
    levels: Option<Levels>,
}

fn info(p: crate::provider::Provider, levels: Option<Levels>) -> ProviderInfo {
    ProviderInfo {
        name: p.name,
        title: p.title,
        site: p.site_url,
        standing: p.standing,
        reason: p.standing_reason,
        quota: p.quota,
        levels,
    }
}

/// Every provider with its standing.
#[utoipa::path(get, path = "/api/v1/providers", params(Paging),
    responses((status = 200, body = Page<ProviderInfo>)))]
async fn list(State(site): State<Site>, Query(paging): Query<Paging>) -> Reply {
    let found = store::every(&site.db, paging.after(), paging.limit() + 1).await?;
    let page = Page::of(found, paging.limit(), |p| p.name.clone());
    let items: Vec<ProviderInfo> = page.items.into_iter().map(|p| info(p, None)).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// A provider with its service levels.
#[utoipa::path(get, path = "/api/v1/providers/{name}", params(("name" = String, Path)),
    responses((status = 200, body = ProviderInfo)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    let provider = standing::visible(&site.db, &visitor.actor, &name).await?;
    let levels = service::levels(&site, &provider).await?;
    Ok(axum::Json(info(provider, Some(levels))).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionBody {
    /// `admit`, `refuse`, `open`, `return`, `suspend` or `resume`.
    #[schema(value_type = String)]
    decision: Decision,
    #[serde(default)]
    reason: String,
}

/// Decide on a provider.
#[utoipa::path(post, path = "/api/v1/providers/{name}/decision", params(("name" = String, Path)),
    request_body = DecisionBody, responses((status = 204)))]
async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Json(body): Json<DecisionBody>,
) -> Reply {
    standing::decide(&site, &visitor, &name, (body.decision, &body.reason)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Set what a provider may use; null is unlimited.
#[utoipa::path(put, path = "/api/v1/providers/{name}/quota", params(("name" = String, Path)), request_body = Quota,
    responses((status = 204)))]
async fn set_quota(
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Json(body): Json<Quota>,
) -> Reply {
    quota::set(&site, &visitor, &name, body).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct Mapping {
    suggestions: Vec<Suggestion>,
    groups: Vec<Group>,
}

/// Courses that may be the same, and groups that are.
#[utoipa::path(get, path = "/api/v1/course-mapping", responses((status = 200, body = Mapping)))]
async fn suggested(State(site): State<Site>, visitor: Visitor) -> Reply {
    let suggestions = mapping::suggestions(&site, &visitor).await?;
    let groups = mapping::groups(&site, &visitor).await?;
    Ok(axum::Json(Mapping { suggestions, groups }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MapBody {
    one: String,
    other: String,
    /// Whether they are the same.
    same: bool,
}

/// Say whether two courses are the same.
#[utoipa::path(post, path = "/api/v1/course-mapping", request_body = MapBody, responses((status = 204)))]
async fn map(State(site): State<Site>, visitor: Visitor, Json(body): Json<MapBody>) -> Reply {
    let pair = (body.one.as_str(), body.other.as_str());
    if body.same {
        mapping::join(&site, &visitor, pair).await?;
    } else {
        mapping::differ(&site, &visitor, pair).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a course out of its group.
#[utoipa::path(delete, path = "/api/v1/course-mapping/{id}", params(("id" = String, Path)), responses((status = 204)))]
async fn unmap(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    mapping::part(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The caller's learned courses on their way to hours.
#[utoipa::path(get, path = "/api/v1/me/arrivals", responses((status = 200, body = Page<Arrival>)))]
async fn arrivals(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = trace::of(&site, visitor.actor.person).await?;
    Ok(axum::Json(Page::whole(found)).into_response())
}

/// Ask every provider anew for the caller's records.
#[utoipa::path(post, path = "/api/v1/me/arrivals/pull", responses((status = 202)))]
async fn pull(State(site): State<Site>, visitor: Visitor) -> Reply {
    trace::pull_all(&site, visitor.actor.person).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

#[derive(Serialize, ToSchema)]
struct Outbox {
    failed: Vec<Failed>,
    lines: Vec<LineState>,
}

/// Calls to providers that failed, and how the lines are.
#[utoipa::path(get, path = "/api/v1/provider-outbox", responses((status = 200, body = Outbox)))]
async fn failed(State(site): State<Site>) -> Reply {
    let (failed, lines) = outbox::state(&site).await?;
    Ok(axum::Json(Outbox { failed, lines }).into_response())
}

/// Let a failed call run at once.
#[utoipa::path(post, path = "/api/v1/provider-outbox/{id}/replay", params(("id" = String, Path)), responses((status = 204)))]
async fn replay(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    outbox::replay(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
