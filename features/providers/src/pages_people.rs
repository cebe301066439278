//! Pages for anyone: where one's courses are on their way, and the guide for providers.
use askama::Template;
use axum::extract::{Query, State};
use base::PersonId;
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{guide, trace};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/arrivals", Access::SignedIn, arrivals_page)
        .post("/arrivals/pull", Access::SignedIn, pull)
        .get("/provider-guide", Access::Public, guide_page)
}

/// A stage in words.
struct StageLine {
    label: String,
    at: String,
    is_reached: bool,
}

/// A course on its way, in words.
struct Line {
    title: String,
    provider: String,
    stages: Vec<StageLine>,
    is_counted: bool,
    turn: String,
    why: String,
    percent: i64,
}

#[derive(Template)]
#[template(path = "providers/arrivals.html")]
struct ArrivalsPage {
    frame: Frame,
    lines: Vec<Line>,
    asked_at: String,
    /// Whose courses they are, where they are not the visitor's.
    whose: Option<Whose>,
}

/// Someone else whose courses are looked at.
pub(crate) struct Whose {
    pub id: String,
    pub name: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    pub asked: Option<String>,
}

pub(crate) fn minute(text: &str) -> String {
    text.parse().map(dates::minute).unwrap_or_default()
}

async fn arrivals_page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    arrivals_of(&site, &visitor, (visitor.actor.person, None), q.asked.is_some()).await
}

/// The page of a person's courses.
pub(crate) async fn arrivals_of(
    site: &Site,
    visitor: &Visitor,
    (person, whose): (PersonId, Option<Whose>),
    was_asked: bool,
) -> Reply {
    let found = trace::of(site, person).await?;
    let asked_at = found.iter().filter_map(|a| a.asked_at.as_deref()).max().map(minute).unwrap_or_default();
    let dashed = |text: &str| text.replace('_', "-");
    let line = |a: trace::Arrival| {
        let key = format!("arrival-why-{}", dashed(&a.reason));
        Line {
            why: if site.texts.has(&key) { site.texts.get(&key) } else { a.reason.clone() },
            turn: site.texts.get(&format!("arrival-turn-{}", a.turn)),
            is_counted: a.stages.last().is_some_and(|s| s.is_reached),
            stages: a
                .stages
                .into_iter()
                .map(|s| StageLine {
                    label: site.texts.get(&format!("arrival-stage-{}", s.stage)),
                    at: s.at.as_deref().map(minute).unwrap_or_default(),
                    is_reached: s.is_reached,
                })
                .collect(),
            title: a.title,
            provider: a.provider_title,
            percent: a.percent,
        }
    };
    let lines = found.into_iter().map(line).collect();
    let menu = if whose.is_some() { "/people" } else { "/hours" };
    let mut frame = Frame::of(site, visitor, menu, "page-arrivals");
    if was_asked {
        frame = frame.with_flash("done", site.texts.get("arrival-asked"));
    }
    html(&ArrivalsPage { frame, lines, asked_at, whose })
}

async fn pull(State(site): State<Site>, visitor: Visitor) -> Reply {
    trace::pull_all(&site, visitor.actor.person).await?;
    Ok(see_other("/arrivals?asked=1"))
}

#[derive(Template)]
#[template(path = "providers/guide.html")]
struct GuidePage {
    frame: Frame,
    hub: String,
    vector: guide::Vector,
}

async fn guide_page(State(site): State<Site>, visitor: Option<Visitor>) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/provider-guide", "page-provider-guide"),
        None => Frame::plain(&site, &site.texts.get("page-provider-guide")),
    };
    html(&GuidePage { frame, hub: site.settings.public_url.clone(), vector: guide::vector() })
}
