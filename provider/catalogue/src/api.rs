//! The catalogue over the JSON API (contract, "On a provider").
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::{Fen, Hours, Result};
use serde::Serialize;
use site::{Access, Page, Paging, Reply, Routes, Site};
use utoipa::{OpenApi, ToSchema};

use crate::{Course, store};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/courses", Access::Public, list)
}

#[derive(OpenApi)]
#[openapi(paths(list), components(schemas(CourseItem, LectureItem)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct LectureItem {
    id: String,
    title: String,
    seconds: i64,
}

/// A course as the list has it.
#[derive(Serialize, ToSchema)]
pub struct CourseItem {
    id: String,
    title: String,
    subject: String,
    topic: String,
    teacher: String,
    hours: Hours,
    price: Fen,
    free: bool,
    lectures: Vec<LectureItem>,
}

impl From<Course> for CourseItem {
    fn from(c: Course) -> Self {
        let hours = c.hours();
        let one = |l: store::Lecture| LectureItem { id: l.id, title: l.title, seconds: l.seconds };
        Self {
            id: c.id,
            title: c.title,
            subject: c.subject,
            topic: c.topic,
            teacher: c.teacher,
            hours,
            price: c.price,
            free: c.free,
            lectures: c.lectures.into_iter().map(one).collect(),
        }
    }
}

/// Every course of this provider.
#[utoipa::path(get, path = "/api/v1/courses", params(Paging), responses((status = 200, body = Page<CourseItem>)))]
async fn list(State(site): State<Site>, Query(paging): Query<Paging>) -> Reply {
    Ok(axum::Json(Page::part(offered(&site).await?, &paging, |course| course.id.clone())).into_response())
}

/// The courses that are offered now.
pub async fn offered(site: &Site) -> Result<Vec<CourseItem>> {
    let all = store::all(&site.db).await?;
    Ok(all.into_iter().filter(Course::is_offered).map(CourseItem::from).collect())
}
