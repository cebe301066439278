//! The provider interface and the merged catalogue over the JSON API (contract).
mod topics;

use axum::{
    extract::{Path, Query, State},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use site::{Access, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    api_outlook, api_titles,
    catalogue::{CourseListed, listed},
    complete::{self, Completion, Interval, Outcome},
    launch,
    signed::FromProvider,
    store,
    topics::Topics,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/courses", Access::SignedIn, list_courses)
        .get("/api/v1/courses/{id}", Access::SignedIn, one_course)
        .post("/api/v1/providers/{name}/launch", Access::SignedIn, launch_provider)
        .post("/api/v1/provider/tickets", Access::Machine, admit)
        .post("/api/v1/provider/completions", Access::Machine, completions)
        .and(topics::routes())
}

#[derive(OpenApi)]
#[openapi(
    paths(list_courses, one_course, launch_provider, admit, completions),
    components(schemas(
        CourseInfo, Launched, TicketBody, Admitted, Batch, Completion, Interval, Outcome, Outcomes
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = Docs::openapi();
    docs.merge(api_outlook::docs());
    docs.merge(api_titles::docs());
    docs.merge(topics::docs());
    docs.merge(crate::api_signed::Docs::openapi());
    docs.merge(crate::api_relations::Docs::openapi());
    docs.merge(crate::pages_arrivals::docs());
    docs.merge(crate::pages_oversight::rules::docs());
    docs
}

#[derive(Serialize, ToSchema)]
struct CourseInfo {
    id: String,
    provider: String,
    course: String,
    title: String,
    subject: String,
    topic: String,
    /// The subject in which this year counts it: a public course outside the year's topics counts as public only with the
    /// authority's mark.
    counts_as: String,
    minutes: u64,
    hours: String,
    price: String,
    free: bool,
}

fn info(topics: &Topics, c: CourseListed) -> CourseInfo {
    CourseInfo {
        counts_as: base::person::Code::code(&topics.subject(&c)),
        hours: topics.policy.course_hours(c.minutes).to_string(),
        subject: base::person::Code::code(&c.subject),
        id: c.id,
        provider: c.provider,
        course: c.course,
        title: c.title,
        topic: c.topic,
        minutes: c.minutes,
        price: c.price.to_string(),
        free: c.is_free,
    }
}

/// The merged catalogue of all providers.
#[utoipa::path(get, path = "/api/v1/courses", params(Paging), responses((status = 200, body = Page<CourseInfo>)))]
async fn list_courses(State(site): State<Site>, Query(paging): Query<Paging>) -> Reply {
    let courses = listed(&site, paging.after(), paging.limit() + 1).await?;
    let page = Page::of(courses, paging.limit(), |c| c.id.clone());
    let topics = Topics::of(&site, site.this_year()).await?;
    let items: Vec<CourseInfo> = page.items.into_iter().map(|c| info(&topics, c)).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// One course.
#[utoipa::path(get, path = "/api/v1/courses/{id}", params(("id" = String, Path)), responses((status = 200, body = CourseInfo)))]
async fn one_course(State(site): State<Site>, Path(id): Path<String>) -> Reply {
    let course = CourseListed::try_from(store::course(&site.db, &id).await?)?;
    let topics = Topics::of(&site, site.this_year()).await?;
    Ok(axum::Json(info(&topics, course)).into_response())
}

#[derive(Serialize, ToSchema)]
struct Launched {
    url: String,
}

/// The address that signs the caller in at a provider: a single-use ticket of 60 s.
#[utoipa::path(post, path = "/api/v1/providers/{name}/launch", params(("name" = String, Path)), responses((status = 200, body = Launched)))]
async fn launch_provider(State(site): State<Site>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    let url = launch::launch(&site, &visitor, &name, None).await?;
    Ok(axum::Json(Launched { url }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TicketBody {
    ticket: String,
}

#[derive(Serialize, ToSchema)]
struct Admitted {
    subject_id: String,
    name: String,
}

/// A provider exchanges a ticket for its bearer (signed).
#[utoipa::path(post, path = "/api/v1/provider/tickets", request_body = TicketBody, responses((status = 200, body = Admitted)))]
async fn admit(State(site): State<Site>, request: FromProvider<TicketBody>) -> Reply {
    let admitted = launch::admit(&site, &request.provider, &request.body.ticket).await?;
    Ok(axum::Json(Admitted { subject_id: admitted.subject_id, name: admitted.name }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    completions: Vec<Completion>,
}

#[derive(Serialize, ToSchema)]
struct Outcomes {
    items: Vec<Outcome>,
}

/// A provider reports completed courses (signed).
#[utoipa::path(post, path = "/api/v1/provider/completions", request_body = Batch, responses((status = 200, body = Outcomes)))]
async fn completions(State(site): State<Site>, request: FromProvider<Batch>) -> Reply {
    let items = complete::take(&site, &request.provider, &request.body.completions).await?;
    Ok(axum::Json(Outcomes { items }).into_response())
}
