//! HR's gate over the JSON API (contract: `GET /hr/checks`), for people and for HR systems.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId, Role, Year, day, person::Code};
use rules::policy::Business;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    CHECKERS, TOKEN_MAKERS,
    batch::{self, Checked, Induction, Question},
    check::Missing,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/hr/checks", Access::Roles(CHECKERS), check)
        .for_programs()
        .get("/api/v1/hr/tokens", Access::Roles(TOKEN_MAKERS), tokens)
        .post("/api/v1/hr/tokens", Access::Roles(TOKEN_MAKERS), make_token)
        .delete("/api/v1/hr/tokens/{id}", Access::Roles(TOKEN_MAKERS), end_token)
}

#[derive(OpenApi)]
#[openapi(
    paths(check, tokens, make_token, end_token),
    components(schemas(Checked, Induction, Missing, TokenWanted))
)]
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

/// May the business go ahead, and on which certificate or exemption; with the 岗前 or 转岗培训 that belongs to it. Recorded under the number that is answered.
#[utoipa::path(get, path = "/api/v1/hr/checks", params(("person" = String, Query),
    ("year" = Option<u16>, Query, description = "the year that desks work on unless given: until 01-31 the one before"),
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

/// A token without itself.
#[derive(Serialize, ToSchema)]
struct TokenShown {
    id: String,
    /// What the program is called.
    name: String,
    unit: String,
    by: String,
    made_at: String,
    expires_at: String,
    ended_at: Option<String>,
    used_at: Option<String>,
}

/// The tokens of HR systems in the own places.
#[utoipa::path(get, path = "/api/v1/hr/tokens", responses((status = 200, body = Page<TokenShown>)))]
async fn tokens(State(site): State<Site>, visitor: Visitor) -> Reply {
    let listed = accounts::program_tokens(&site.db, &visitor.actor, TOKEN_MAKERS).await?;
    let at = |millis: i64| day::rfc3339(day::from_millis(millis));
    let item = |t: accounts::ProgramToken| TokenShown {
        id: t.id,
        name: t.name,
        unit: t.unit,
        by: t.maker,
        made_at: at(t.made_at),
        expires_at: at(t.expires_at),
        ended_at: t.ended_at.map(at),
        used_at: t.used_at.map(at),
    };
    Ok(axum::Json(Page::whole(listed.into_iter().map(item).collect())).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenWanted {
    /// What the program is called.
    name: String,
    /// The unit's code; the maker's own without it.
    unit: Option<String>,
    /// For how many days, at most 366.
    days: i64,
}

#[derive(Serialize, ToSchema)]
struct TokenMade {
    token: String,
}

/// Make a token for an HR system: it reaches `GET /api/v1/hr/checks` for the unit and nothing else. Shown once.
#[utoipa::path(post, path = "/api/v1/hr/tokens", request_body = TokenWanted, responses((status = 201, body = TokenMade),
    (status = 422, description = "program_name or program_days")))]
async fn make_token(State(site): State<Site>, visitor: Visitor, Json(b): Json<TokenWanted>) -> Reply {
    let token = new_token(&site, &visitor, (&b.name, b.unit.as_deref(), b.days)).await?;
    Ok((StatusCode::CREATED, axum::Json(TokenMade { token })).into_response())
}

/// A token at the named unit, or where the visitor is HR.
pub(crate) async fn new_token(
    site: &Site,
    visitor: &Visitor,
    (name, unit, days): (&str, Option<&str>, i64),
) -> Result<String, Error> {
    let own = visitor.actor.grants.iter().find(|g| TOKEN_MAKERS.contains(&g.role));
    let own = own.map(|g| g.unit_code.clone()).unwrap_or_default();
    let unit = org::by_code(&site.db, unit.filter(|u| !u.is_empty()).unwrap_or(&own)).await?;
    let new = accounts::NewProgram { name, role: Role::Hr, days };
    accounts::make_program_token(site, &visitor.actor, (unit.id, &unit.path), new).await
}

/// End a token.
#[utoipa::path(delete, path = "/api/v1/hr/tokens/{id}", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
async fn end_token(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    accounts::end_program_token(&site, &visitor.actor, &id, TOKEN_MAKERS).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(crate) fn business(text: Option<&str>) -> Result<Business, Error> {
    let text = text.filter(|t| !t.is_empty()).ok_or_else(|| Error::invalid("business", "required"))?;
    Business::from_code(text).ok_or_else(|| Error::invalid("business", "check_business"))
}

pub(crate) fn year(site: &Site, text: Option<&str>) -> Result<Year, Error> {
    match text.map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value")),
        // As the page opens: until 01-31 on the year that is being finished.
        None => Ok(site.desk_year()),
    }
}
