//! The front page: what this platform is and what it teaches.
use askama::Template;
use axum::extract::State;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::{Course, store};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/", Access::Public, front)
}

#[derive(Template)]
#[template(path = "catalogue/front.html")]
struct FrontPage {
    frame: Frame,
    courses: Vec<Course>,
}

async fn front(State(site): State<Site>, visitor: Option<Visitor>) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/", "page-provider-courses"),
        None => Frame::plain(&site, &site.texts.get("page-provider-courses")),
    };
    html(&FrontPage { frame, courses: store::all(&site.db).await? })
}
