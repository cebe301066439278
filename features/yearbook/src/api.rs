//! Confirmed years over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Instant, Result, Year, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    KEEPERS, READERS, RECEIVERS,
    edition::{self, Edition},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/yearbooks", Access::Roles(READERS), list)
        .post("/api/v1/units/{code}/yearbook", Access::Roles(KEEPERS), confirm)
        .post("/api/v1/units/{code}/yearbook-receipt", Access::Roles(RECEIVERS), receive)
}

#[derive(OpenApi)]
#[openapi(paths(list, confirm, receive), components(schemas(EditionInfo, Confirming, Receiving)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct EditionInfo {
    unit: String,
    name: String,
    year: i16,
    /// 0 is the confirmation, the others are supplements.
    no: i64,
    sha256: String,
    /// Who is obliged.
    people: i64,
    done: i64,
    /// 编外, counted apart.
    contract_staff: i64,
    /// Lines that differ from the edition before.
    changed: i64,
    confirmed_at: String,
    received_at: Option<String>,
    /// Whether it was confirmed by last year's rules, because the year had no policy of its own then: 暂按上年政策.
    provisional: bool,
}

impl EditionInfo {
    /// `ruled` is when the year got rules of its own, if it did.
    fn of(e: Edition, ruled: Option<Instant>) -> Self {
        Self {
            provisional: ruled.is_none_or(|at| e.confirmed_at < at),
            unit: e.unit_code,
            name: e.unit_name,
            year: e.year.number(),
            no: e.no,
            sha256: e.sha256,
            people: e.people,
            done: e.done,
            contract_staff: e.contract_staff,
            changed: e.changed,
            confirmed_at: day::rfc3339(e.confirmed_at),
            received_at: e.received_at.map(day::rfc3339),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct OfYear {
    pub year: Option<String>,
}

impl OfYear {
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        let Some(text) = self.year.as_deref().filter(|y| !y.is_empty()) else { return Ok(site.desk_year()) };
        text.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }
}

/// The confirmed years of the own places, with their supplements.
#[utoipa::path(get, path = "/api/v1/yearbooks", params(("year" = Option<u16>, Query)), responses((status = 200, body = Page<EditionInfo>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    let year = q.year(&site)?;
    let found = edition::editions(&site, &visitor.actor, year).await?;
    let ruled = hours::first_published(&site.db, year).await?;
    let items: Vec<EditionInfo> = found.into_iter().map(|e| EditionInfo::of(e, ruled)).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirming {
    year: Year,
}

/// Confirm a unit's year; later, confirm what has changed since as a supplement.
#[utoipa::path(post, path = "/api/v1/units/{code}/yearbook", params(("code" = String, Path)), request_body = Confirming,
    responses((status = 201, body = EditionInfo), (status = 404), (status = 409, description = "yearbook_unchanged")))]
async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<Confirming>,
) -> Reply {
    let made = edition::confirm(&site, &visitor.actor, &code, b.year).await?;
    let ruled = hours::first_published(&site.db, b.year).await?;
    Ok((StatusCode::CREATED, axum::Json(EditionInfo::of(made, ruled))).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Receiving {
    year: Year,
    no: i64,
}

/// Receive an edition of a unit below.
#[utoipa::path(post, path = "/api/v1/units/{code}/yearbook-receipt", params(("code" = String, Path)), request_body = Receiving,
    responses((status = 200, body = EditionInfo), (status = 404)))]
async fn receive(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<Receiving>,
) -> Reply {
    let received = edition::receive(&site, &visitor.actor, &code, (b.year, b.no)).await?;
    let ruled = hours::first_published(&site.db, b.year).await?;
    Ok(axum::Json(EditionInfo::of(received, ruled)).into_response())
}
