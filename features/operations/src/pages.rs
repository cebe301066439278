//! The page of background work.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, day};
use site::{Access, Frame, Page, Paging, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{OPERATORS, retry};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/jobs", Access::Roles(OPERATORS), queue_page).post(
        "/jobs/{id}/retry",
        Access::Roles(OPERATORS),
        again,
    )
}

/// A kind in the table.
struct Row {
    kind: String,
    waiting: i64,
    failing: i64,
    dead: i64,
    oldest: String,
}

/// A failed job in the list.
struct Line {
    id: String,
    kind: String,
    attempts: i64,
    error: String,
    is_dead: bool,
    next_try: String,
}

#[derive(Template)]
#[template(path = "operations/jobs.html")]
struct JobsPage {
    frame: Frame,
    waiting: i64,
    failing: i64,
    dead: i64,
    rows: Vec<Row>,
    lines: Vec<Line>,
    next: Option<String>,
}

fn minute(millis: i64) -> String {
    dates::minute(day::from_millis(millis))
}

async fn queue_page(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let row = |c: jobs::Count| Row {
        kind: c.kind,
        waiting: c.waiting,
        failing: c.failing,
        dead: c.dead,
        oldest: c.oldest_due.map(minute).unwrap_or_default(),
    };
    let line = |f: jobs::Failure| Line {
        id: f.id,
        kind: f.kind,
        attempts: f.attempts,
        error: f.last_error,
        is_dead: f.dead_at.is_some(),
        next_try: minute(f.run_at),
    };
    let rows: Vec<Row> = jobs::counts(&site.db, site.now()).await?.into_iter().map(row).collect();
    let found = jobs::failures(&site.db, paging.after(), paging.limit() + 1).await?;
    let page = Page::of(found, paging.limit(), |f| f.id.clone());
    html(&JobsPage {
        frame: Frame::of(&site, &visitor, "/jobs", "page-jobs"),
        waiting: rows.iter().map(|r| r.waiting).sum(),
        failing: rows.iter().map(|r| r.failing).sum(),
        dead: rows.iter().map(|r| r.dead).sum(),
        rows,
        lines: page.items.into_iter().map(line).collect(),
        next: page.next,
    })
}

/// A job that has succeeded meanwhile is gone from the page that follows; that is the answer.
async fn again(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    match retry::retry(&site, &visitor, &id).await {
        Ok(()) | Err(Error::Refused(_)) => Ok(see_other("/jobs")),
        Err(e) => Err(e.into()),
    }
}
