//! The inbox over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Result, day};
use serde::Serialize;
use site::{Access, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::store::{self, Message};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/messages", Access::SignedIn, inbox)
        .get("/api/v1/me/messages/unread", Access::SignedIn, unread)
        .passive()
        .post("/api/v1/me/messages/read", Access::SignedIn, read_all)
        .post("/api/v1/me/messages/{id}/read", Access::SignedIn, read)
}

#[derive(OpenApi)]
#[openapi(paths(inbox, unread, read, read_all), components(schemas(MessageInfo, Unread)))]
struct Docs;

/// The part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct MessageInfo {
    id: String,
    kind: String,
    text: String,
    /// A path of this site where something can be done about it; may be empty.
    link: String,
    at: String,
    read_at: Option<String>,
}

impl From<Message> for MessageInfo {
    fn from(m: Message) -> Self {
        let time = |at: i64| day::rfc3339(day::from_millis(at));
        Self {
            id: m.id,
            kind: m.kind,
            text: m.text,
            link: m.link,
            at: time(m.at),
            read_at: m.read_at.map(time),
        }
    }
}

/// The own messages, newest first.
#[utoipa::path(get, path = "/api/v1/me/messages", params(Paging),
    responses((status = 200, body = Page<MessageInfo>)))]
async fn inbox(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::own(&site.db, visitor.actor.person, &paging).await?;
    let page = Page::of(found, paging.limit(), |m| m.id.clone());
    let items: Vec<MessageInfo> = page.items.into_iter().map(MessageInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Serialize, ToSchema)]
struct Unread {
    unread: i64,
}

/// How many of the own messages are unread.
#[utoipa::path(get, path = "/api/v1/me/messages/unread", responses((status = 200, body = Unread)))]
async fn unread(State(site): State<Site>, visitor: Visitor) -> Reply {
    let unread = store::unread(&site.db, visitor.actor.person).await?;
    Ok(axum::Json(Unread { unread }).into_response())
}

/// Mark one message as read.
#[utoipa::path(post, path = "/api/v1/me/messages/{id}/read", params(("id" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn read(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    opened(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Marks a message of the visitor's as read and gives its link.
pub(crate) async fn opened(site: &Site, visitor: &Visitor, id: &str) -> Result<String> {
    let tx = site.db.begin().await?;
    let link = store::read(&tx, visitor.actor.person, id, site.now()).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    Ok(link)
}

/// Mark all own messages as read.
#[utoipa::path(post, path = "/api/v1/me/messages/read", responses((status = 204)))]
async fn read_all(State(site): State<Site>, visitor: Visitor) -> Reply {
    store::read_all(&site.db, visitor.actor.person, site.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
