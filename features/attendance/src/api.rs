//! In-person trainings over the JSON API.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId, Result, day};
use rules::attendance::Scan;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    BOOKERS, ORGANISERS, code,
    mark::{self, Proof},
    plan::{self, NewAttendance},
    settle, store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/attendances", Access::Roles(ORGANISERS), plan_one)
        .get("/api/v1/attendances/{id}/code", Access::Roles(ORGANISERS), code_now)
        .get("/api/v1/attendances/{id}/marks", Access::Roles(ORGANISERS), marks)
        .post("/api/v1/attendances/{id}/marks", Access::SignedIn, mark_one)
        .post("/api/v1/attendances/{id}/list", Access::Roles(ORGANISERS), list)
        .post("/api/v1/attendances/{id}/booking", Access::Roles(BOOKERS), book)
}

#[derive(OpenApi)]
#[openapi(
    paths(plan_one, code_now, marks, mark_one, list, book),
    components(schemas(
        NewAttendance,
        Planned,
        CodeNow,
        MarkInfo,
        Marking,
        Marked,
        Listing,
        Listed,
        Booked
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct Planned {
    id: String,
}

/// Plan a training of one day for the people of a unit.
#[utoipa::path(post, path = "/api/v1/attendances", request_body = NewAttendance, responses((status = 201, body = Planned),
    (status = 404, description = "a unit outside of the own places"), (status = 422)))]
async fn plan_one(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewAttendance>) -> Reply {
    let id = plan::plan(&site, &visitor.actor, &new).await?;
    Ok((StatusCode::CREATED, axum::Json(Planned { id })).into_response())
}

#[derive(Serialize, ToSchema)]
struct CodeNow {
    digits: String,
    /// What the QR code holds.
    url: String,
    /// Seconds until the next one.
    valid_for: i64,
}

/// The code of this moment, for the big page.
#[utoipa::path(get, path = "/api/v1/attendances/{id}/code", params(("id" = String, Path)), responses((status = 200, body = CodeNow),
    (status = 404)))]
async fn code_now(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = plan::own(&site, &visitor.actor, &id).await?;
    let shown = code::shown(&site, &found.id, site.now());
    let body = CodeNow { digits: shown.digits, url: shown.url, valid_for: shown.seconds };
    Ok(axum::Json(body).into_response())
}

#[derive(Serialize, ToSchema)]
struct MarkInfo {
    person: String,
    name: String,
    in_at: String,
    out_at: Option<String>,
    /// `code` or `list`.
    way: String,
    /// The days that the stay is worth.
    days: String,
}

/// Who came and went.
#[utoipa::path(get, path = "/api/v1/attendances/{id}/marks", params(("id" = String, Path)), responses((status = 200, body = Page<MarkInfo>),
    (status = 404)))]
async fn marks(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = plan::own(&site, &visitor.actor, &id).await?;
    let hours_per_day = found.hours_per_day(&site.db).await?;
    let time = |at: i64| day::rfc3339(day::from_millis(at));
    let info = |m: store::Mark| MarkInfo {
        days: settle::worth((&found, hours_per_day), &m).to_string(),
        person: m.person_id,
        name: m.name,
        in_at: time(m.in_at),
        out_at: m.out_at.map(time),
        way: m.way,
    };
    let items: Vec<MarkInfo> = store::marks(&site.db, &id).await?.into_iter().map(info).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Marking {
    code: String,
}

#[derive(Serialize, ToSchema)]
struct Marked {
    /// `in`, `out`, or `again` for a second scan within ten minutes.
    marked: &'static str,
}

/// The name of what a scan meant.
pub(crate) const fn word(scan: Scan) -> &'static str {
    match scan {
        Scan::In => "in",
        Scan::Out => "out",
        Scan::Again => "again",
    }
}

/// Sign in, or out, with the digits of this moment.
#[utoipa::path(post, path = "/api/v1/attendances/{id}/marks", params(("id" = String, Path)), request_body = Marking,
    responses((status = 200, body = Marked), (status = 404), (status = 409, description = "attendance_closed, attendance_device"),
    (status = 422, description = "attendance_code")))]
async fn mark_one(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(m): Json<Marking>,
) -> Reply {
    let device = visitor.actor.session.to_string();
    let scan = mark::mark(&site, &visitor.actor, &id, (Proof::Code(&m.code), &device)).await?;
    Ok(axum::Json(Marked { marked: word(scan) }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    people: Vec<String>,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct Listed {
    /// How many were not entered before.
    listed: usize,
}

/// Enter people on the organiser's word, with the reason.
#[utoipa::path(post, path = "/api/v1/attendances/{id}/list", params(("id" = String, Path)), request_body = Listing,
    responses((status = 200, body = Listed), (status = 404), (status = 422)))]
async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(l): Json<Listing>,
) -> Reply {
    let read = |id: &String| id.parse().map_err(|_| Error::invalid("people", "training_people"));
    let people = l.people.iter().map(read).collect::<Result<Vec<PersonId>>>()?;
    let listed = mark::list(&site, &visitor.actor, &id, (&people, &l.reason)).await?;
    Ok(axum::Json(Listed { listed }).into_response())
}

#[derive(Serialize, ToSchema)]
struct Booked {
    booked: usize,
    /// Who stayed less than half a day.
    short: usize,
    /// Who learned something else at the time.
    overlap: usize,
}

/// Book the hours of who stayed, once the training is over.
#[utoipa::path(post, path = "/api/v1/attendances/{id}/booking", params(("id" = String, Path)), responses((status = 200, body = Booked),
    (status = 404), (status = 409, description = "attendance_not_over")))]
async fn book(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let settled = settle::settle(&site, &visitor.actor, &id).await?;
    Ok(axum::Json(Booked { booked: settled.booked, short: settled.short, overlap: settled.overlap })
        .into_response())
}
