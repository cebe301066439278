//! Public courses and the year's topics over the JSON API: what lies outside of them, the authority's marks, and how far a
//! person's year covers them.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Year};
use serde::Deserialize;
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    standing::{KEEPERS, READERS},
    topics::{self, Covered, Outside, PublicCourses, Taught},
};

pub(crate) fn routes() -> Routes {
    let (keepers, readers) = (Access::Roles(KEEPERS), Access::Roles(READERS));
    Routes::new()
        .get("/api/v1/public-courses", readers, list)
        .put("/api/v1/public-courses/{id}/mark", keepers, mark)
        .delete("/api/v1/public-courses/{id}/mark", keepers, unmark)
        .get("/api/v1/me/years/{year}/topics", Access::SignedIn, covered)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, mark, unmark, covered),
    components(schemas(PublicCourses, Taught, Outside, MarkBody, Covered))
)]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<i64>,
}

impl OfYear {
    fn year(&self, site: &Site) -> base::Result<Year> {
        let wrong = || Error::invalid("year", "wrong_value");
        self.year.map_or(Ok(site.desk_year()), |year| Year::new(year).ok_or_else(wrong))
    }
}

/// The public courses of a year, by topic and outside of them.
#[utoipa::path(get, path = "/api/v1/public-courses", params(("year" = Option<i64>, Query)),
    responses((status = 200, body = PublicCourses)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(of): Query<OfYear>) -> Reply {
    let year = of.year(&site)?;
    Ok(axum::Json(topics::public_courses(&site, &visitor, year).await?).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MarkBody {
    year: Year,
    reason: String,
}

/// Let a public course outside the year's topics count as public in that year.
#[utoipa::path(put, path = "/api/v1/public-courses/{id}/mark", params(("id" = String, Path)), request_body = MarkBody,
    responses((status = 204), (status = 409, description = "course_needs_no_mark")))]
async fn mark(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(body): Json<MarkBody>,
) -> Reply {
    topics::mark(&site, &visitor, (&id, body.year), &body.reason).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a mark back; what was booked stays.
#[utoipa::path(delete, path = "/api/v1/public-courses/{id}/mark",
    params(("id" = String, Path), ("year" = Option<i64>, Query)), responses((status = 204), (status = 404)))]
async fn unmark(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(of): Query<OfYear>,
) -> Reply {
    topics::unmark(&site, &visitor, (&id, of.year(&site)?)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// How far the topics of the public subject are covered in the caller's year.
#[utoipa::path(get, path = "/api/v1/me/years/{year}/topics", params(("year" = i64, Path)),
    responses((status = 200, body = Page<Covered>)))]
async fn covered(State(site): State<Site>, visitor: Visitor, Path(year): Path<i64>) -> Reply {
    let year = Year::new(year).ok_or_else(Error::not_found)?;
    Ok(axum::Json(Page::whole(topics::covered_by(&site, visitor.actor.person, year).await?)).into_response())
}
