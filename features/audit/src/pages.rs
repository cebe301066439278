//! The audit trail as a page: filters, a line for each deed, what changed underneath.
use askama::Template;
use axum::extract::{Query, State};
use base::day;
use site::{Access, Frame, Page, Reply, Routes, Site, Visitor, dates, html};

use crate::{
    api::{AuditQuery, READERS},
    store_reading::{self, Line},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/audit", Access::Roles(READERS), list)
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    frame: Frame,
    q: AuditQuery,
    lines: Page<Line>,
    next: String,
    /// The list's address in the API, for its export.
    list: String,
}

/// What was typed into a field of the search.
fn shown(part: Option<&String>) -> String {
    part.cloned().unwrap_or_default()
}

fn time(line: &Line) -> String {
    dates::minute(day::from_millis(line.at))
}

impl ListPage {
    /// The action in words; its code where nobody wrote words for it.
    fn action(&self, line: &Line) -> String {
        self.frame.word_or_code("action", &line.action)
    }
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<AuditQuery>) -> Reply {
    let (wanted, paging) = (q.wanted()?, q.paging());
    let scope = visitor.actor.scope(READERS);
    let found = store_reading::lines(&site.db, &scope, &wanted, &paging).await?;
    let lines = Page::of(found, paging.limit(), |l| l.seq.to_string());
    let next = lines.next.as_ref().map(|next| address(&q, next)).unwrap_or_default();
    let list = format!("/api/v1{}", address(&q, ""));
    html(&ListPage { frame: Frame::of(&site, &visitor, "/audit", "page-audit"), q, lines, next, list })
}

fn address(q: &AuditQuery, next: &str) -> String {
    let parts =
        [("actor", &q.actor), ("object", &q.object), ("action", &q.action), ("from", &q.from), ("to", &q.to)];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parts {
        query.append_pair(name, value.as_deref().unwrap_or(""));
    }
    query.append_pair("after", next);
    format!("/audit?{}", query.finish())
}
