//! Exports over the JSON API.
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use base::{Error, Result};
use serde::Deserialize;
use serde_json::json;
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    api_list::{self as list, Address, Checkpoint, Row},
    words, workbook,
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) fn routes(lists: &Router) -> Routes {
    let lists = lists.clone();
    Routes::new().post("/api/v1/exports", Access::SignedIn, move |site, visitor, headers, body| {
        export(lists.clone(), site, visitor, headers, body)
    })
}

#[derive(OpenApi)]
#[openapi(paths(export), components(schemas(ExportBody)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExportBody {
    /// The address of a list of this API with its filter, such as `/api/v1/people?unit=43010001`.
    list: String,
    /// What for; kept in the audit trail.
    purpose: String,
}

/// A list as a workbook: all that the caller sees of it, safe against formulas. Logged with filter, rows and purpose.
#[utoipa::path(post, path = "/api/v1/exports", request_body = ExportBody, responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (status = 403, description = "as the list itself"), (status = 422, description = "export_list, export_most")))]
async fn export(
    lists: Router,
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Json(b): Json<ExportBody>,
) -> Reply {
    Ok(made(&site, &visitor, (&lists, &headers), (&b.list, &b.purpose)).await?)
}

/// Makes the workbook and writes the export into the trail before it leaves.
pub(crate) async fn made(
    site: &Site,
    visitor: &Visitor,
    (lists, headers): (&Router, &HeaderMap),
    (address, purpose): (&str, &str),
) -> Result<Response> {
    let purpose = purpose.trim();
    if !(1..=200).contains(&purpose.chars().count()) || purpose.chars().any(base::name::is_hidden) {
        return Err(Error::invalid("purpose", "required"));
    }
    let address = Address::read(address)?;
    let listed = list::rows(lists, &address, headers).await?;
    let rows = with_checkpoint(site, listed.rows, listed.checkpoint.as_ref());
    let number = rows.len();
    let title = title(site, &address);
    let (worker, sheet, slug) = (site.clone(), title.clone(), words::slug(&address.path));
    let write = move || workbook::write(&worker.texts, (&sheet, &slug), &rows);
    let bytes = tokio::task::spawn_blocking(write).await.map_err(Error::internal)??;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "list.export",
        object: &address.path,
        unit_path: visitor.actor.grants.first().map_or("", |g| g.path.as_str()),
        details: json!({"filter": address.masked(), "rows": number, "purpose": purpose}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    let name: String = url::form_urlencoded::byte_serialize(title.as_bytes()).collect();
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"list.xlsx\"; filename*=UTF-8''{}.xlsx", name.replace('+', "%20")),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Each figure says as of which checkpoint it is: the list's stands in every line, as the pages write it.
fn with_checkpoint(site: &Site, mut rows: Vec<Row>, checkpoint: Option<&Checkpoint>) -> Vec<Row> {
    let Some(c) = checkpoint else { return rows };
    let at = c.at.chars().take(16).collect::<String>().replace('T', " ");
    let as_of = site.texts.with("past-as-of", &[("no", &c.no.to_string()), ("at", &at)]);
    for row in &mut rows {
        row.0.push(("checkpoint".to_owned(), as_of.as_str().into()));
    }
    rows
}

/// What the list is called.
pub(crate) fn title(site: &Site, address: &Address) -> String {
    let key = format!("export-list{}", address.path.trim_start_matches("/api/v1").replace('/', "-"));
    if site.texts.has(&key) { site.texts.get(&key) } else { site.texts.get("export-list") }
}
