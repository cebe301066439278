//! The front page: what this platform is and what it teaches.
use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::{Coming, Course, search::Wanted, store};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/", Access::Public, front)
}

#[derive(Template)]
#[template(path = "catalogue/front.html")]
struct FrontPage {
    frame: Frame,
    courses: Vec<Course>,
    wanted: Wanted,
    coming: Vec<Coming>,
}

#[derive(Deserialize)]
struct Query {
    #[serde(default)]
    q: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    free: String,
}

async fn front(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    axum::extract::Query(query): axum::extract::Query<Query>,
) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/", "page-provider-courses"),
        None => Frame::plain(&site, &site.texts.get("page-provider-courses")),
    };
    let wanted = Wanted { words: query.q, subject: query.subject, free: !query.free.is_empty() };
    let offered = store::all(&site.db).await?.into_iter().filter(Course::is_offered);
    let courses = offered.filter(|c| wanted.fits(c)).collect();
    html(&FrontPage { frame, courses, wanted, coming: store::coming(&site.db).await? })
}
