//! Orders over the JSON API, and the gateway's notices.
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    invoice, notices,
    order::{self, summary},
    pages_group,
    store::{self, Buyer},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/orders", Access::SignedIn, list)
        .get("/api/v1/orders/{id}", Access::SignedIn, one)
        .delete("/api/v1/orders/{id}/items/{course}", Access::SignedIn, remove)
        .post("/api/v1/orders/{id}/payment", Access::SignedIn, pay)
        .post("/api/v1/orders/{id}/refund", Access::SignedIn, refund)
        .get("/orders/{id}/receipt.pdf", Access::SignedIn, pdf)
        .get("/orders/{id}/receipt.xml", Access::SignedIn, xml)
        .post("/api/v1/payments/notices", Access::Machine, notice)
}

#[derive(OpenApi)]
#[openapi(paths(list, one, remove, pay, refund, notice), components(schemas(Payer, Begun)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = Docs::openapi();
    docs.merge(pages_group::docs());
    docs
}

/// The learner's orders.
#[utoipa::path(get, path = "/api/v1/orders", responses((status = 200)))]
async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let orders = store::orders(&site.db, visitor.actor.person).await?;
    Ok(axum::Json(Page::whole(orders.iter().map(summary).collect())).into_response())
}

/// One order.
#[utoipa::path(get, path = "/api/v1/orders/{id}", responses((status = 200), (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let order = store::order(&site.db, &id, visitor.actor.person).await?;
    Ok(axum::Json(summary(&order)).into_response())
}

/// Take a course out of the open order.
#[utoipa::path(delete, path = "/api/v1/orders/{id}/items/{course}", responses(
    (status = 204), (status = 409, description = "order_not_open")))]
async fn remove(
    State(site): State<Site>,
    visitor: Visitor,
    Path((id, course)): Path<(String, String)>,
) -> Reply {
    order::remove(&site, visitor.actor.person, &id, &course).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Payer {
    /// The invoice's title; the learner in person without one.
    #[serde(default)]
    title: String,
    #[serde(default)]
    tax_number: String,
}

#[derive(Serialize, ToSchema)]
struct Begun {
    payment: String,
    /// Where to pay.
    url: String,
}

/// Begin a payment.
#[utoipa::path(post, path = "/api/v1/orders/{id}/payment", request_body = Payer, responses(
    (status = 201, body = Begun), (status = 409, description = "order_not_open")))]
async fn pay(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(p): Json<Payer>,
) -> Reply {
    let buyer = Buyer { title: p.title, tax_number: p.tax_number };
    let (payment, url) = order::pay(&site, visitor.actor.person, &id, buyer).await?;
    Ok((StatusCode::CREATED, axum::Json(Begun { payment, url })).into_response())
}

/// Give a paid order back: within seven days, before learning has begun; or after its courses were withdrawn, while none of
/// them was completed.
#[utoipa::path(post, path = "/api/v1/orders/{id}/refund", responses(
    (status = 200), (status = 409, description = "order_not_paid, refund_too_late")))]
async fn refund(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    order::refund(&site, visitor.actor.person, &id).await?;
    let order = store::order(&site.db, &id, visitor.actor.person).await?;
    Ok(axum::Json(summary(&order)).into_response())
}

/// Take a signed notice of the payment gateway; the same one again changes nothing.
#[utoipa::path(post, path = "/api/v1/payments/notices", request_body = String, responses(
    (status = 200), (status = 401, description = "signature_invalid")))]
async fn notice(State(site): State<Site>, headers: HeaderMap, body: Bytes) -> Reply {
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
    let headers: Vec<(String, String)> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect();
    notices::take(&site, &headers, &body).await?;
    Ok(axum::Json(json!({"taken": true})).into_response())
}

async fn pdf(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let receipt = invoice::receipt(&site, visitor.actor.person, &id).await?;
    let headers = [(header::CONTENT_TYPE, "application/pdf"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, invoice::pdf(&receipt).await?).into_response())
}

async fn xml(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let receipt = invoice::receipt(&site, visitor.actor.person, &id).await?;
    let headers = [(header::CONTENT_TYPE, "application/xml"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, invoice::xml(&receipt)?).into_response())
}
