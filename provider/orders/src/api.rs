//! Orders over the JSON API, and the gateway's notices.
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    cashier::{Cashier, Question, SIGNATURE, Signed},
    gateway::{Gateway, Notice},
    invoice::{self, Receipt},
    notices,
    order::{self, Summary, summary},
    pages_group, questions,
    refunds::{self, EndLearning},
    store::{self, Buyer},
    till,
};

pub(crate) fn routes(end: EndLearning) -> Routes {
    let refund = move |State(site): State<Site>,
                       visitor: Visitor,
                       Path(id): Path<String>,
                       returning: Option<Json<Returning>>| async move {
        refund(&site, &visitor, &id, (returning, end)).await
    };
    Routes::new()
        .get("/api/v1/orders", Access::SignedIn, list)
        .get("/api/v1/orders/{id}", Access::SignedIn, one)
        .delete("/api/v1/orders/{id}/items/{course}", Access::SignedIn, remove)
        .post("/api/v1/orders/{id}/payment", Access::SignedIn, pay)
        .post("/api/v1/orders/{id}/refund", Access::SignedIn, refund)
        .post("/api/v1/orders/{id}/inquiry", Access::SignedIn, inquire)
        .get("/orders/{id}/receipt.pdf", Access::SignedIn, pdf)
        .get("/orders/{id}/receipt.xml", Access::SignedIn, xml)
        .get("/orders/{id}/receipts/{number}/red.pdf", Access::SignedIn, red_pdf)
        .get("/orders/{id}/receipts/{number}/red.xml", Access::SignedIn, red_xml)
        .post("/api/v1/payments/notices", Access::Machine, notice)
        .post("/api/v1/cashier/questions", Access::Machine, question)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, one, remove, pay, refund, inquire, notice, question),
    components(schemas(Payer, Begun, Returning))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = Docs::openapi();
    docs.merge(pages_group::docs());
    docs
}

/// The learner's orders.
#[utoipa::path(get, path = "/api/v1/orders", responses((status = 200, body = Page<Summary>)))]
async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let orders = store::orders(&site.db, visitor.actor.person).await?;
    Ok(axum::Json(Page::whole(orders.iter().map(summary).collect())).into_response())
}

/// One order.
#[utoipa::path(get, path = "/api/v1/orders/{id}", responses((status = 200, body = Summary), (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    order_of(&site, &visitor, &id).await
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
    (status = 201, body = Begun), (status = 409, description = "order_not_open"),
    (status = 410, description = "course_withdrawn, with the `courses` that are no longer sold")))]
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

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Returning {
    /// Courses of the order; all that is left of it without anything named.
    #[serde(default)]
    courses: Option<Vec<String>>,
    /// Of a group order, instead of courses: the people whose seats go back, in each course that they have not begun.
    #[serde(default)]
    people: Option<Vec<String>>,
}

/// Give courses of a paid order back, people's seats of a group order, or all of it: each within seven days, before learning of
/// it has begun; or after it was withdrawn, while nobody completed it. All of what is asked or nothing. What is being learned
/// of it ends; what was learned stays visible. Where something is left, an invoice over the rest takes the place of the first.
#[utoipa::path(post, path = "/api/v1/orders/{id}/refund", params(("id" = String, Path)),
    request_body = Returning, responses((status = 200, body = Summary),
    (status = 409, description = "order_not_paid, refund_too_late, refund_asked"), (status = 422)))]
async fn refund(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (returning, end): (Option<Json<Returning>>, EndLearning),
) -> Reply {
    let Returning { courses, people } = returning.map(|Json(r)| r).unwrap_or_default();
    let buyer = visitor.actor.person;
    match (courses, people) {
        (Some(_), Some(_)) => return Err(base::Error::invalid("people", "wrong_value").into()),
        (None, Some(people)) => refunds::ask_for(site, buyer, id, &people, end).await?,
        (courses, None) => refunds::ask(site, buyer, id, courses.as_deref(), end).await?,
    }
    order_of(site, visitor, id).await
}

async fn order_of(site: &Site, visitor: &Visitor, id: &str) -> Reply {
    let order = store::order(&site.db, id, visitor.actor.person).await?;
    Ok(axum::Json(summary(&order)).into_response())
}

/// Ask the gateway now what became of the order's payments and refunds, as is done by itself after a while.
#[utoipa::path(post, path = "/api/v1/orders/{id}/inquiry", responses((status = 200, body = Summary), (status = 404), (status = 503)))]
async fn inquire(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    questions::now(&site, visitor.actor.person, &id).await?;
    order_of(&site, &visitor, &id).await
}

/// Take a signed notice of the payment gateway; the same one again changes nothing. The answer is what the gateway expects to
/// hear.
#[utoipa::path(post, path = "/api/v1/payments/notices",
    request_body(content = Notice, description = "in the gateway's own form; of the built-in one, this"), responses(
    (status = 200, description = "the gateway's own word for a notice that was taken", body = String, content_type = "text/plain"),
    (status = 401, description = "signature_invalid")))]
async fn notice(State(site): State<Site>, headers: HeaderMap, body: Bytes) -> Reply {
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
    let headers: Vec<(String, String)> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect();
    notices::take(&site, &headers, &body).await?;
    let heard = Cashier.heard();
    Ok(([(header::CONTENT_TYPE, heard.content_type)], heard.body).into_response())
}

/// The sandbox's cashier answers what became of a payment; question and answer are signed.
#[utoipa::path(post, path = "/api/v1/cashier/questions", request_body = Question, responses(
    (status = 200, body = Signed), (status = 401, description = "signature_invalid")))]
async fn question(State(site): State<Site>, headers: HeaderMap, body: Bytes) -> Reply {
    let signature = headers.get(SIGNATURE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    Ok(axum::Json(till::answer(&site, signature, &body).await?).into_response())
}

async fn pdf(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    as_pdf(&invoice::receipt(&site, visitor.actor.person, &id).await?).await
}

async fn xml(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    as_xml(&invoice::receipt(&site, visitor.actor.person, &id).await?)
}

async fn red_pdf(
    State(site): State<Site>,
    visitor: Visitor,
    Path((id, number)): Path<(String, String)>,
) -> Reply {
    as_pdf(&invoice::red(&site, visitor.actor.person, (&id, &number)).await?).await
}

async fn red_xml(
    State(site): State<Site>,
    visitor: Visitor,
    Path((id, number)): Path<(String, String)>,
) -> Reply {
    as_xml(&invoice::red(&site, visitor.actor.person, (&id, &number)).await?)
}

async fn as_pdf(receipt: &Receipt) -> Reply {
    let headers = [(header::CONTENT_TYPE, "application/pdf"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, invoice::pdf(receipt).await?).into_response())
}

fn as_xml(receipt: &Receipt) -> Reply {
    let headers = [(header::CONTENT_TYPE, "application/xml"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, invoice::xml(receipt)?).into_response())
}
