//! The report after a breach over the JSON API, as JSON or as a workbook.
use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use base::{Error, Result};
use serde::Deserialize;
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::OpenApi;

use crate::{
    breach::{self, Deed, Kind, Person, Question, REPORTERS, Reach, Report},
    breach_book,
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) fn routes() -> Routes {
    Routes::new().post("/api/v1/breach-reports", Access::Roles(REPORTERS), make).costly()
}

#[derive(OpenApi)]
#[openapi(paths(make), components(schemas(Question, Report, Person, Kind, Reach, Deed)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    format: String,
}

/// Who and which data may be affected by a breach, masked; for auditors and operators, logged with its purpose. At least
/// one of `units`, `people` and `accounts` is named.
#[utoipa::path(post, path = "/api/v1/breach-reports", params(("format" = Option<String>, Query, description = "`json` (default) or `xlsx`")),
    request_body = Question, responses((status = 200, content((Report = "application/json"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = 422, description = "unknown_here, required")))]
async fn make(
    State(site): State<Site>,
    visitor: Visitor,
    Query(shape): Query<Shape>,
    Json(asked): Json<Question>,
) -> Reply {
    let is_book = match shape.format.as_str() {
        "" | "json" => false,
        "xlsx" => true,
        _ => return Err(Error::invalid("format", "wrong_value").into()),
    };
    let report = breach::report(&site, &visitor, &asked).await?;
    if is_book {
        return Ok(workbook(&site, report).await?);
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(report)).into_response())
}

/// The report as a file.
pub(crate) async fn workbook(site: &Site, report: Report) -> Result<Response> {
    let name = format!("attachment; filename=\"breach-{}-{}.xlsx\"", report.from, report.to);
    let worker = site.clone();
    let bytes = tokio::task::spawn_blocking(move || breach_book::write(&worker.texts, &report))
        .await
        .map_err(Error::internal)??;
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}
