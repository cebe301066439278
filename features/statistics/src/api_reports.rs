//! Reports and open data over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Result, Year, day};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    READERS,
    api::StatsQuery,
    monthly, open_data,
    report::{self, Kind, Order},
    store_reports::{self as store, Line, Report},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/reports", Access::Roles(READERS), listed)
        .post("/api/v1/reports", Access::Roles(READERS), make)
        .get("/api/v1/reports/{id}", Access::Roles(READERS), one)
        .put("/api/v1/report-subscriptions/{unit}", Access::Roles(READERS), subscribe)
        .delete("/api/v1/report-subscriptions/{unit}", Access::Roles(READERS), unsubscribe)
        .get("/api/v1/open-data", Access::Public, open)
}

#[derive(OpenApi)]
#[openapi(
    paths(listed, make, one, subscribe, unsubscribe, open),
    components(schemas(NewReport, ReportInfo, open_data::OpenData, open_data::Cell, open_data::Field))
)]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReport {
    /// A unit's code; the highest own place unless given.
    #[serde(default)]
    unit: Option<String>,
    /// This year unless given.
    #[serde(default)]
    year: Option<i64>,
    /// Whether it is the yearly report.
    #[serde(default)]
    yearly: bool,
}

#[derive(Serialize, ToSchema)]
struct ReportInfo {
    /// The snapshot's id, from which the same document is printed again.
    id: String,
    /// `asked`, `month` or `year`.
    kind: String,
    unit: String,
    year: i64,
    /// Of a monthly report, such as `2026-10`; empty for others.
    period: String,
    at: String,
    /// Over the snapshot.
    sha256: String,
    /// Where the PDF is.
    pdf: String,
    /// What the figures said; with one report only.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Value>,
}

fn info(r: Report, content: Option<Value>) -> ReportInfo {
    let (at, pdf) = (day::rfc3339(day::from_millis(r.at)), format!("/statistics/reports/{}", r.id));
    ReportInfo {
        id: r.id,
        kind: r.kind,
        unit: r.unit,
        year: r.year,
        period: r.period,
        at,
        sha256: r.sha256,
        pdf,
        content,
    }
}

impl From<Line> for ReportInfo {
    fn from(l: Line) -> Self {
        let (at, pdf) = (day::rfc3339(day::from_millis(l.at)), format!("/statistics/reports/{}", l.id));
        let Line { id, kind, unit, year, period, sha256, .. } = l;
        Self { id, kind, unit, year, period, at, sha256, pdf, content: None }
    }
}

/// Reports of the own places, newest first.
#[utoipa::path(get, path = "/api/v1/reports", params(Paging),
    responses((status = 200, body = Page<ReportInfo>)))]
async fn listed(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::listed(&site.db, &visitor.actor.scope(READERS), &paging).await?;
    let page = Page::of(found, paging.limit(), |l| l.id.clone());
    let items: Vec<ReportInfo> = page.items.into_iter().map(ReportInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// Keep what the figures say now as a report.
#[utoipa::path(post, path = "/api/v1/reports", request_body = NewReport, responses((status = 201, body = ReportInfo),
    (status = 404, description = "a unit outside of the own places")))]
async fn make(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewReport>) -> Reply {
    let year = match new.year {
        None => site.desk_year(),
        Some(year) => Year::new(year).ok_or_else(|| base::Error::invalid("year", "wrong_value"))?,
    };
    let unit = report::unit(&site, &visitor.actor, new.unit.as_deref()).await?;
    let kind = if new.yearly { Kind::Year } else { Kind::Asked };
    let order = Order { kind, unit: &unit, year, period: "", by: Some(visitor.actor.person) };
    let made = report::make(&site, &order).await?;
    Ok((StatusCode::CREATED, axum::Json(info(made, None))).into_response())
}

/// One report with what it says.
#[utoipa::path(get, path = "/api/v1/reports/{id}", params(("id" = String, Path)), responses((status = 200, body = ReportInfo),
    (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (found, content) = report::seen(&site, &visitor.actor, &id).await?;
    let content = serde_json::to_value(content).map_err(base::Error::internal)?;
    Ok(axum::Json(info(found, Some(content))).into_response())
}

async fn set(site: &Site, visitor: &Visitor, unit: &str, wants: bool) -> Result<()> {
    monthly::subscribe(site, &visitor.actor, Some(unit), wants).await
}

/// Get a unit's monthly report in the inbox, and by mail at a confirmed address.
#[utoipa::path(put, path = "/api/v1/report-subscriptions/{unit}", params(("unit" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn subscribe(State(site): State<Site>, visitor: Visitor, Path(unit): Path<String>) -> Reply {
    set(&site, &visitor, &unit, true).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// No more monthly reports of a unit.
#[utoipa::path(delete, path = "/api/v1/report-subscriptions/{unit}", params(("unit" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn unsubscribe(State(site): State<Site>, visitor: Visitor, Path(unit): Path<String>) -> Reply {
    set(&site, &visitor, &unit, false).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Anonymised figures of everyone, small numbers left out, with what each field means.
#[utoipa::path(get, path = "/api/v1/open-data", params(("year" = Option<u16>, Query, description = "the year that desks work on unless given: until 01-31 the one before")),
    responses((status = 200, body = open_data::OpenData)))]
async fn open(State(site): State<Site>, Query(q): Query<StatsQuery>) -> Reply {
    let year = q.year(&site)?;
    Ok(axum::Json(open_data::of(&site, year).await?).into_response())
}
