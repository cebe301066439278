//! 存证: the newest checkpoints with their key and what the nightly look found, for anyone; figures name them.
use askama::Template;
use axum::extract::State;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::checkpoint::{self, Checkpoint};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/checkpoints", Access::Public, page)
}

/// So many are shown; the call gives the same.
const SHOWN: i64 = 31;

#[derive(Template)]
#[template(path = "hours/checkpoints.html")]
struct CheckpointsPage {
    frame: Frame,
    checkpoints: Vec<Checkpoint>,
    fingerprint: String,
    /// Of other keys: what they signed holds too.
    others: Vec<String>,
    /// The day of the last look at the wall-clock law, and how many overlaps it found.
    look: Option<(String, String)>,
}

impl CheckpointsPage {
    fn at(&self, c: &Checkpoint) -> String {
        c.content.at.chars().take(16).collect::<String>().replace('T', " ")
    }
}

async fn page(State(site): State<Site>, visitor: Option<Visitor>) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/checkpoints", "page-checkpoints"),
        None => Frame::plain(&site, &site.texts.get("page-checkpoints")),
    };
    let key = site.keys.public_key();
    html(&CheckpointsPage {
        frame,
        checkpoints: checkpoint::recent(&site, SHOWN).await?,
        fingerprint: secrets::sha256_hex(&key),
        others: site
            .keys
            .public_keys()
            .iter()
            .filter(|k| **k != key)
            .map(|k| secrets::sha256_hex(k))
            .collect(),
        look: crate::last_look(&site).await?,
    })
}
