//! The inbox as a page.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::day;
use site::{Access, Frame, Page, Paging, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{
    api,
    store::{self, Message},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/messages", Access::SignedIn, inbox)
        .post("/messages/read", Access::SignedIn, read_all)
        .post("/messages/{id}/read", Access::SignedIn, open)
}

#[derive(Template)]
#[template(path = "messages/inbox.html")]
struct InboxPage {
    frame: Frame,
    unread: i64,
    messages: Page<Message>,
}

impl InboxPage {
    fn time(&self, at: &i64) -> String {
        dates::minute(day::from_millis(*at))
    }
}

async fn inbox(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::own(&site.db, visitor.actor.person, &paging).await?;
    html(&InboxPage {
        frame: Frame::of(&site, &visitor, "/messages", "page-messages"),
        unread: store::unread(&site.db, visitor.actor.person).await?,
        messages: Page::of(found, paging.limit(), |m| m.id.clone()),
    })
}

/// Marks a message as read and leads to where something can be done about it.
async fn open(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let link = api::opened(&site, &visitor, &id).await?;
    Ok(see_other(if link.is_empty() { "/messages" } else { &link }))
}

async fn read_all(State(site): State<Site>, visitor: Visitor) -> Reply {
    store::read_all(&site.db, visitor.actor.person, site.now()).await?;
    Ok(see_other("/messages"))
}
