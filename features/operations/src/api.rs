//! The queue over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::day;
use serde::Serialize;
use site::{Access, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{OPERATORS, retry};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/jobs", Access::Roles(OPERATORS), queue)
        .get("/api/v1/jobs/failures", Access::Roles(OPERATORS), failures)
        .post("/api/v1/jobs/{id}/retry", Access::Roles(OPERATORS), again)
}

#[derive(OpenApi)]
#[openapi(paths(queue, failures, again), components(schemas(JobCount, JobFailure)))]
struct Docs;

/// The part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct JobCount {
    kind: String,
    waiting: i64,
    /// Tried without success; tried again by themselves.
    failing: i64,
    /// Given up.
    dead: i64,
    /// Since when the oldest due one waits.
    oldest_due: Option<String>,
}

/// How many jobs of each kind wait, fail or were given up.
#[utoipa::path(get, path = "/api/v1/jobs", responses((status = 200, body = Page<JobCount>)))]
async fn queue(State(site): State<Site>) -> Reply {
    let info = |c: jobs::Count| JobCount {
        kind: c.kind,
        waiting: c.waiting,
        failing: c.failing,
        dead: c.dead,
        oldest_due: c.oldest_due.map(|at| day::rfc3339(day::from_millis(at))),
    };
    let items = jobs::counts(&site.db, site.now()).await?.into_iter().map(info).collect();
    Ok(axum::Json(Page::<JobCount>::whole(items)).into_response())
}

#[derive(Serialize, ToSchema)]
struct JobFailure {
    id: String,
    kind: String,
    attempts: i64,
    /// What went wrong last.
    error: String,
    /// When it is tried next; none when it was given up.
    next_try: Option<String>,
}

impl From<jobs::Failure> for JobFailure {
    fn from(f: jobs::Failure) -> Self {
        let next_try = f.dead_at.is_none().then(|| day::rfc3339(day::from_millis(f.run_at)));
        Self { id: f.id, kind: f.kind, attempts: f.attempts, error: f.last_error, next_try }
    }
}

/// Jobs that failed at least once and have not succeeded since.
#[utoipa::path(get, path = "/api/v1/jobs/failures",
    params(Paging),
    responses((status = 200, body = Page<JobFailure>)))]
async fn failures(State(site): State<Site>, Query(paging): Query<Paging>) -> Reply {
    let found = jobs::failures(&site.db, paging.after(), paging.limit() + 1).await?;
    let page = Page::of(found, paging.limit(), |f| f.id.clone());
    let items: Vec<JobFailure> = page.items.into_iter().map(JobFailure::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// Let a failed job run at once.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn again(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    retry::retry(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
