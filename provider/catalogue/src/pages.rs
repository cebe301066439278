//! The front page: what this platform is and what it teaches.
use askama::Template;
use axum::extract::State;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::{Coming, Course, store};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/", Access::Public, front)
}

#[derive(Template)]
#[template(path = "catalogue/front.html")]
struct FrontPage {
    frame: Frame,
    courses: Vec<Course>,
    coming: Vec<Coming>,
}

async fn front(State(site): State<Site>, visitor: Option<Visitor>) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/", "page-provider-courses"),
        None => Frame::plain(&site, &site.texts.get("page-provider-courses")),
    };
    let courses = store::all(&site.db).await?.into_iter().filter(Course::is_offered).collect();
    html(&FrontPage { frame, courses, coming: store::coming(&site.db).await? })
}
