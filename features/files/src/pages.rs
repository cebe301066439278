//! The table of retention: what is kept for how long, and on which basis.
use askama::Template;
use axum::extract::State;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::retention::TABLE;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/retention", Access::Public, table)
}

#[derive(Template)]
#[template(path = "files/retention.html")]
struct RetentionPage {
    frame: Frame,
    /// What, how long, on which basis.
    rows: Vec<[String; 3]>,
}

async fn table(State(site): State<Site>, visitor: Option<Visitor>) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/privacy", "page-retention"),
        None => Frame::plain(&site, &site.texts.get("page-retention")),
    };
    let row =
        |key: &&str| ["what", "long", "basis"].map(|part| site.texts.get(&format!("retention-{key}-{part}")));
    html(&RetentionPage { frame, rows: TABLE.iter().map(row).collect() })
}
