//! The figures over the JSON API (contract: `GET /stats`).
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::{Error, Result, Year, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    READERS, as_of,
    figures::{self, By, Row},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/stats", Access::Roles(READERS), stats)
}

#[derive(OpenApi)]
#[openapi(paths(stats), components(schemas(Figures, hours::AsOfInfo, hours::moment::MomentInfo, Row)))]
struct Docs;

/// The part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// What is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct StatsQuery {
    pub unit: Option<String>,
    pub year: Option<String>,
    pub by: Option<String>,
}

impl StatsQuery {
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        let Some(text) = self.year.as_deref().filter(|y| !y.is_empty()) else { return Ok(site.desk_year()) };
        text.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }

    pub(crate) fn by(&self) -> Result<By> {
        let Some(code) = self.by.as_deref().filter(|b| !b.is_empty()) else { return Ok(By::Unit) };
        By::from_code(code).ok_or_else(|| Error::invalid("by", "wrong_value"))
    }
}

#[derive(Serialize, ToSchema)]
struct Figures {
    #[serde(flatten)]
    as_of: hours::AsOfInfo,
    rows: Vec<Row>,
}

/// How many people have done, begun, not begun a year, by `unit` (unless given), `department`, `category`, `level`,
/// `city`, `county`, `below` (what lies directly below) or `band` (hours in steps of fifteen); by `provider`, `subject`, `topic`,
/// `month` or `hour` who learned there, with credits and hours.
#[utoipa::path(get, path = "/api/v1/stats", params(("unit" = Option<String>, Query), ("year" = Option<u16>, Query,
    description = "the year that desks work on unless given: until 01-31 the one before"), ("by" = Option<String>, Query)), responses((status = 200, body = Figures)))]
async fn stats(State(site): State<Site>, visitor: Visitor, Query(q): Query<StatsQuery>) -> Reply {
    let (year, by) = (q.year(&site)?, q.by()?);
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let rows = figures::rows(&site, &scope, year, by).await?;
    let as_of = as_of::of(&site, &scope, year).await?.info();
    Ok(axum::Json(Figures { as_of, rows }).into_response())
}
