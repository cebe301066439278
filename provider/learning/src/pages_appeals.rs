//! The pages of refused time: the learner's list with appeals, and the queue of those who decide.
use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use base::day;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{
    api_appeals::{KEPT_MS, MANAGERS, MOST},
    appeal,
    store_appeals::{self, Appeal},
    store_refusals::{self, Refusal},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/me/refusals", Access::SignedIn, list)
        .get("/me/refusals/{id}", Access::SignedIn, one)
        .post("/me/refusals/{id}", Access::SignedIn, file)
        .get("/studio/appeals", Access::Roles(MANAGERS), queue)
        .get("/studio/appeals/{id}", Access::Roles(MANAGERS), appealed)
        .post("/studio/appeals/{id}", Access::Roles(MANAGERS), decide)
}

/// A refused stretch in words.
struct Line {
    refusal: Refusal,
    lecture: String,
    /// The day and time at which it ended.
    at: String,
    /// How long, as `mm:ss`.
    length: String,
    /// The appeal's state, or nothing.
    state: Option<String>,
}

fn clock(millis: i64) -> String {
    let seconds = millis / 1000;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

fn moment(millis: i64) -> String {
    dates::minute(day::from_millis(millis))
}

#[derive(Template)]
#[template(path = "learning/refusals.html")]
struct RefusalsPage {
    frame: Frame,
    lines: Vec<Line>,
}

async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let learner = visitor.actor.person;
    let since = day::millis(site.now()) - KEPT_MS;
    let refused = store_refusals::of_learner(&site.db, learner, since, MOST).await?;
    let appeals = store_appeals::of_learner(&site.db, learner).await?;
    let states: HashMap<String, String> = appeals.into_iter().map(|a| (a.refusal_id, a.state)).collect();
    let courses = catalogue::all(&site.db).await?;
    let titles: HashMap<&str, &str> =
        courses.iter().flat_map(|c| &c.lectures).map(|l| (l.id.as_str(), l.title.as_str())).collect();
    let line = |r: Refusal| Line {
        lecture: titles.get(r.lecture_id.as_str()).copied().unwrap_or_default().to_owned(),
        at: moment(r.wall_to),
        length: clock(r.time_ms),
        state: states.get(&r.id).cloned(),
        refusal: r,
    };
    let lines = refused.into_iter().map(line).collect();
    html(&RefusalsPage { frame: Frame::of(&site, &visitor, "/me", "page-refusals"), lines })
}

#[derive(Template)]
#[template(path = "learning/refusal.html")]
struct RefusalPage {
    frame: Frame,
    line: Line,
    part: (String, String),
    from: String,
    appeal: Option<Appeal>,
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let learner = visitor.actor.person;
    let refusal = store_refusals::one(&site.db, learner, id.parse()?).await?;
    let lecture = catalogue::lecture(&site.db, &refusal.lecture_id).await?;
    let appeals = store_appeals::of_learner(&site.db, learner).await?;
    let appeal = appeals.into_iter().find(|a| a.refusal_id == refusal.id);
    let page = RefusalPage {
        frame: Frame::of(&site, &visitor, "/me", "page-refusal"),
        part: (clock(refusal.from_ms), clock(refusal.to_ms)),
        from: moment(refusal.wall_from),
        line: Line {
            lecture: lecture.title,
            at: moment(refusal.wall_to),
            length: clock(refusal.time_ms),
            state: appeal.as_ref().map(|a| a.state.clone()),
            refusal,
        },
        appeal,
    };
    html(&page)
}

#[derive(Deserialize)]
struct Words {
    words: String,
}

async fn file(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(w): Form<Words>,
) -> Reply {
    appeal::file(&site, visitor.actor.person, id.parse()?, &w.words).await?;
    Ok(see_other(&format!("/me/refusals/{id}")))
}

#[derive(Template)]
#[template(path = "learning/appeals.html")]
struct AppealsPage {
    frame: Frame,
    appeals: Vec<(Appeal, String)>,
}

async fn queue(State(site): State<Site>, visitor: Visitor) -> Reply {
    let appeals = store_appeals::queue(&site.db).await?;
    let appeals = appeals.into_iter().map(|a| (moment(a.filed_at), a)).map(|(at, a)| (a, at)).collect();
    html(&AppealsPage { frame: Frame::of(&site, &visitor, "/studio", "page-appeals"), appeals })
}

/// A row of the bundle as the page shows it.
struct Row {
    at: String,
    what: &'static str,
    /// A reason, a check's outcome or a stretch of the lecture.
    detail: String,
}

#[derive(Template)]
#[template(path = "learning/appeal.html")]
struct AppealPage {
    frame: Frame,
    appeal: Appeal,
    filed: String,
    length: String,
    rows: Vec<Row>,
}

async fn appealed(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let appeal = store_appeals::one(&site.db, id.parse()?).await?;
    let page = AppealPage {
        frame: Frame::of(&site, &visitor, "/studio", "page-appeal"),
        filed: moment(appeal.filed_at),
        length: clock(appeal.time_ms),
        rows: rows(&appeal.evidence),
        appeal,
    };
    html(&page)
}

/// The bundle's rows by time.
fn rows(evidence: &str) -> Vec<Row> {
    let read: serde_json::Value = serde_json::from_str(evidence).unwrap_or_default();
    let list = |name: &str| read.pointer(&format!("/bundle/{name}")).and_then(|v| v.as_array()).cloned();
    let text = |v: &serde_json::Value, name: &str| {
        v.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    let time = |v: &serde_json::Value, name: &str| {
        clock(v.get(name).and_then(serde_json::Value::as_i64).unwrap_or_default())
    };
    let part = |v: &serde_json::Value| format!("{}–{}", time(v, "from_ms"), time(v, "to_ms"));
    let mut rows = vec![];
    for v in list("credited").unwrap_or_default() {
        rows.push(Row { at: text(&v, "wall_from"), what: "credited", detail: part(&v) });
    }
    for v in list("refused").unwrap_or_default() {
        rows.push(Row { at: text(&v, "wall_from"), what: "refused", detail: text(&v, "reason") });
    }
    for v in list("checks").unwrap_or_default() {
        rows.push(Row { at: text(&v, "at"), what: "check", detail: text(&v, "kind") });
    }
    rows.sort_by(|a, b| a.at.cmp(&b.at));
    rows
}

#[derive(Deserialize)]
struct Decision {
    decision: String,
    answer: String,
}

async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(d): Form<Decision>,
) -> Reply {
    let said = (d.decision == "grant", d.answer.as_str());
    appeal::decide(&site, visitor.actor.person, id.parse()?, said).await?;
    Ok(see_other("/studio/appeals"))
}
