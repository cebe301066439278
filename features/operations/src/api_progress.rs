//! How far long work has come, told to whoever started it: as it goes on (server-sent events), or asked for once.
use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Path, State},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use base::{Error, PersonId, Result};
use futures::{Stream, stream};
use jobs::{Progress, Step};
use serde::Serialize;
use site::{Access, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/progress/{id}/events", Access::SignedIn, events)
        .passive()
        .get("/api/v1/progress", Access::SignedIn, own)
        .passive()
        .get("/api/v1/progress/{id}", Access::SignedIn, one)
        .passive()
}

#[derive(OpenApi)]
#[openapi(paths(own, one), components(schemas(ProgressInfo)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// How often the work is looked at while someone watches.
const LOOK: Duration = Duration::from_millis(700);
/// A watch ends after so many looks; the browser begins another.
const LOOKS: u32 = 800;

#[derive(Serialize, ToSchema)]
struct ProgressInfo {
    id: String,
    /// What is done, such as `notice`.
    kind: String,
    done: i64,
    /// In all; 0 while that is unknown.
    total: i64,
    /// `running`, `done` or `failed`.
    state: String,
    /// What is being done now, in words; empty where the work has no parts. `done` and `total` are this part's then.
    label: String,
    /// A path of this site where the outcome is.
    link: String,
}

impl ProgressInfo {
    fn of(site: &Site, p: Progress) -> Self {
        let step = Step::of(&p.id).filter(|_| p.state == "running");
        let label = step.map(|s| site.texts.get(&format!("phase-{}", s.phase))).unwrap_or_default();
        let (done, total) = step.map_or((p.done, p.total), |s| (s.done, s.total));
        Self { id: p.id, kind: p.kind, done, total, state: p.state, label, link: p.link }
    }
}

/// My newest long work, such as a notice being told.
#[utoipa::path(get, path = "/api/v1/progress", responses((status = 200, body = Page<ProgressInfo>)))]
async fn own(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = jobs::own_progress(&site.db, visitor.actor.person).await?;
    let items: Vec<ProgressInfo> = found.into_iter().map(|p| ProgressInfo::of(&site, p)).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// How far one of my works is; `/progress/{id}/events` tells it as it goes on.
#[utoipa::path(get, path = "/api/v1/progress/{id}", params(("id" = String, Path)), responses((status = 200, body = ProgressInfo),
    (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = look(&site, visitor.actor.person, &id).await?;
    Ok(axum::Json(found).into_response())
}

async fn look(site: &Site, owner: PersonId, id: &str) -> Result<ProgressInfo> {
    let found = jobs::progress_of(&site.db, owner, id).await?.ok_or_else(Error::not_found)?;
    Ok(ProgressInfo::of(site, found))
}

/// Events of one work until it ends. What is not the visitor's own is unknown.
async fn events(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let owner = visitor.actor.person;
    look(&site, owner, &id).await?;
    Ok(Sse::new(watch(site, owner, id)).keep_alive(KeepAlive::default()).into_response())
}

/// Looks at the work until it has ended or is gone.
fn watch(site: Site, owner: PersonId, id: String) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(Some(0), move |looked: Option<u32>| {
        let (site, id) = (site.clone(), id.clone());
        async move {
            let looked = looked.filter(|n| *n < LOOKS)?;
            if looked > 0 {
                tokio::time::sleep(LOOK).await;
            }
            let found = look(&site, owner, &id).await.ok()?;
            let next = (found.state == "running").then_some(looked + 1);
            let event = Event::default().event("progress").json_data(found).ok()?;
            Some((Ok(event), next))
        }
    })
}
