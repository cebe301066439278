//! Supervision over the JSON API.
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::{Error, Result, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    SUPERVISORS,
    overview::{self, Moment, Row, Which},
    store::{self, Behind, Someone},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/supervision", Access::Roles(SUPERVISORS), numbers).get(
        "/api/v1/supervision/people",
        Access::Roles(SUPERVISORS),
        people,
    )
}

#[derive(OpenApi)]
#[openapi(
    paths(numbers, people),
    components(schemas(Numbers, hours::AsOfInfo, hours::moment::MomentInfo, Row, Someone))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    pub unit: Option<String>,
    pub year: Option<String>,
    pub key: Option<String>,
    pub which: Option<String>,
    pub after: Option<String>,
    pub limit: Option<u32>,
    /// After a sending: how many were reminded, and texted.
    pub reminded: Option<u32>,
    pub texted: Option<u32>,
}

impl Asked {
    /// Without a year the one that desks work on, for pages and programs alike.
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        let Some(text) = self.year.as_deref().filter(|y| !y.is_empty()) else { return Ok(site.desk_year()) };
        text.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }
}

#[derive(Serialize, ToSchema)]
struct Numbers {
    #[serde(flatten)]
    as_of: hours::AsOfInfo,
    year: i16,
    /// How the forecast is computed.
    method: String,
    /// Whether a row stands for a unit with everything below it, as of many people; else for one unit.
    by_subtree: bool,
    rows: Vec<Row>,
}

/// How many people stand where before 12-31, have a problem, and will probably miss it, by unit of the own scope; of many
/// people by what lies directly below it, as counted in the last hour.
#[utoipa::path(get, path = "/api/v1/supervision", params(("unit" = Option<String>, Query, description = "a unit's code: it and all below it"),
    ("year" = Option<u16>, Query, description = "the year that desks work on unless given: until 01-31 the one before")), responses((status = 200, body = Numbers),
    (status = 404, description = "a unit that is unknown or outside of the own scope"),
    (status = 503, description = "a province is being counted for the first time; again in a minute")))]
async fn numbers(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let year = q.year(&site)?;
    let scope = overview::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let shown = overview::shown(&site, &scope, year).await?;
    let method = site.texts.get("supervise-method");
    let as_of = overview::as_of(&site, &scope, year, &shown).await?.info();
    let (rows, by_subtree) = (shown.rows, shown.is_by_subtree);
    Ok(axum::Json(Numbers { as_of, year: year.number(), method, by_subtree, rows }).into_response())
}

/// The people behind one of the numbers, page by page.
#[utoipa::path(get, path = "/api/v1/supervision/people", params(("unit" = Option<String>, Query),
    ("year" = Option<u16>, Query), ("key" = Option<String>, Query, description = "the code of one row"),
    ("which" = Option<String>, Query, description = "done, under_way, not_begun, exempt, never_signed_in, phone_unbound, profile_incomplete, late or open"),
    Paging),
    responses((status = 200, body = Page<Someone>),
    (status = 404, description = "a unit that is unknown or outside of the own scope")))]
async fn people(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    Ok(axum::Json(behind(&site, &visitor, &q).await?).into_response())
}

/// A page of the people behind a number.
pub(crate) async fn behind(site: &Site, visitor: &Visitor, q: &Asked) -> Result<Page<Someone>> {
    let moment = Moment::of(site, q.year(site)?).await?;
    let scope = overview::scope(site, &visitor.actor, q.unit.as_deref()).await?;
    let which = Which::read(q.which.as_deref())?;
    let paging = Paging { after: q.after.clone(), limit: q.limit };
    let is_kept = statistics::are_many(site, &scope, moment.of.year()).await?;
    let behind = Behind { is_kept, key: q.key.as_deref().unwrap_or(""), which, chosen: &[] };
    let place = (paging.after(), paging.limit() + 1);
    let found = store::people(&site.db, &scope, &moment, &behind, place).await?;
    Ok(Page::of(found, paging.limit(), Someone::cursor))
}
