//! Tenders over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Result};
use serde::Serialize;
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    KEEPERS, store_tenders as store,
    tender::{self, NewTender, Tender, Winner},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/tenders", Access::SignedIn, list)
        .post("/api/v1/tenders", Access::Roles(KEEPERS), record)
        .get("/api/v1/tenders/{id}", Access::SignedIn, one)
}

#[derive(OpenApi)]
#[openapi(paths(list, record, one), components(schemas(NewTender, Winner, TenderInfo)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct TenderInfo {
    id: String,
    /// The authority that called for it.
    unit: String,
    year: i64,
    title: String,
    document_no: String,
    decided_on: Option<String>,
    serves_from: Option<String>,
    serves_until: Option<String>,
    note: String,
    /// The chosen platforms; with one tender only.
    winners: Vec<Winner>,
}

impl From<Tender> for TenderInfo {
    fn from(t: Tender) -> Self {
        let Tender {
            id,
            unit_name,
            year,
            title,
            document_no,
            decided_on,
            serves_from,
            serves_until,
            note,
            winners,
        } = t;
        Self {
            id,
            unit: unit_name,
            year,
            title,
            document_no,
            decided_on,
            serves_from,
            serves_until,
            note,
            winners,
        }
    }
}

/// Tenders of course platforms, newest first.
#[utoipa::path(get, path = "/api/v1/tenders", params(Paging),
    responses((status = 200, body = Page<TenderInfo>)))]
async fn list(State(site): State<Site>, Query(paging): Query<Paging>) -> Reply {
    let found = store::listed(&site.db, (paging.after(), paging.limit() + 1)).await?;
    let page = Page::of(found, paging.limit(), |t| t.id.clone());
    let items: Vec<TenderInfo> = page.items.into_iter().map(TenderInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

async fn found(site: &Site, id: &str) -> Result<TenderInfo> {
    store::by_id(&site.db, id).await?.map(TenderInfo::from).ok_or_else(Error::not_found)
}

/// Record which platforms a tender chose for a year.
#[utoipa::path(post, path = "/api/v1/tenders", request_body = NewTender, responses((status = 201, body = TenderInfo),
    (status = 404, description = "a unit outside of the own places"), (status = 422)))]
async fn record(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewTender>) -> Reply {
    let id = tender::record(&site, &visitor.actor, &new).await?;
    Ok((StatusCode::CREATED, axum::Json(found(&site, &id).await?)).into_response())
}

/// One tender.
#[utoipa::path(get, path = "/api/v1/tenders/{id}", params(("id" = String, Path)), responses((status = 200, body = TenderInfo),
    (status = 404)))]
async fn one(State(site): State<Site>, Path(id): Path<String>) -> Reply {
    Ok(axum::Json(found(&site, &id).await?).into_response())
}
