//! HR's gate over the JSON API (contract: `GET /hr/checks`), for people and for HR systems.
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::{Error, PersonId, Year, person::Code};
use rules::policy::Business;
use serde::Deserialize;
use site::{Access, Reply, Routes, Site, Visitor};
use utoipa::OpenApi;

use crate::{
    CHECKERS,
    batch::{self, Checked, Question},
    check::Missing,
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/hr/checks", Access::Roles(CHECKERS), check)
}

#[derive(OpenApi)]
#[openapi(paths(check), components(schemas(Checked, Missing)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct CheckQuery {
    person: Option<String>,
    year: Option<String>,
    business: Option<String>,
}

/// May the business go ahead, and on which certificate or exemption. Recorded under the number that is answered.
#[utoipa::path(get, path = "/api/v1/hr/checks", params(("person" = String, Query),
    ("year" = Option<u16>, Query, description = "this year unless given"),
    ("business" = String, Query, description = "regularization, transfer, promotion or award")), responses((status = 200, body = Checked),
    (status = 404, description = "unknown, or outside of the own scope"), (status = 422, description = "a wrong year or business")))]
async fn check(State(site): State<Site>, visitor: Visitor, Query(q): Query<CheckQuery>) -> Reply {
    let business = business(q.business.as_deref())?;
    let year = year(&site, q.year.as_deref())?;
    let person = q.person.ok_or_else(|| Error::invalid("person", "required"))?;
    let people: Vec<PersonId> = vec![person.parse()?];
    let question = Question { business, year, people, unresolved: vec![] };
    let batch = batch::check(&site, &visitor.actor, question).await?;
    let checked =
        batch.checks.into_iter().next().ok_or_else(|| Error::internal("a check without an answer"))?;
    Ok(axum::Json(checked).into_response())
}

pub(crate) fn business(text: Option<&str>) -> Result<Business, Error> {
    let text = text.filter(|t| !t.is_empty()).ok_or_else(|| Error::invalid("business", "required"))?;
    Business::from_code(text).ok_or_else(|| Error::invalid("business", "check_business"))
}

pub(crate) fn year(site: &Site, text: Option<&str>) -> Result<Year, Error> {
    match text.map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value")),
        None => Ok(site.this_year()),
    }
}
