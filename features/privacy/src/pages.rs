//! Pages: what is stored and why, for anyone; how much of it is one's own.
use askama::Template;
use axum::extract::State;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::store;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/privacy", Access::Public, privacy).get("/me/data", Access::SignedIn, mine)
}

#[derive(Template)]
#[template(path = "privacy/privacy.html")]
struct PrivacyPage {
    frame: Frame,
    inventory: Vec<[String; 3]>,
}

async fn privacy(State(site): State<Site>) -> Reply {
    let inventory = crate::inventory().map(|h| h.words(&site)).collect();
    html(&PrivacyPage { frame: Frame::plain(&site, "page-privacy"), inventory })
}

/// A kind of data and how many rows of it are the visitor's.
struct Line {
    words: [String; 3],
    rows: i64,
}

#[derive(Template)]
#[template(path = "privacy/mine.html")]
struct MinePage {
    frame: Frame,
    lines: Vec<Line>,
}

async fn mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    let mut lines = Vec::with_capacity(64);
    for holding in crate::inventory() {
        let rows = store::count(&site.db, holding, visitor.actor.person).await?;
        if rows > 0 {
            lines.push(Line { words: holding.words(&site), rows });
        }
    }
    html(&MinePage { frame: Frame::of(&site, &visitor, "/me", "page-my-data"), lines })
}
