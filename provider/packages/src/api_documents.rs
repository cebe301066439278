//! What SCORM parts keep: their data model, committed as JSON by the runtime in the frame.
use axum::{
    body::to_bytes,
    extract::{Path as Parts, Query, Request, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Kind, Result};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use site::{Access, Reply, Routes, Site};

use crate::{
    Ticket,
    pages_content::{DATA_MODEL, ORDER, part},
    result, store,
};

/// SCORM 2004 allows 64,000 characters of suspend data; with interactions a model stays far below this.
pub(crate) const MOST_BYTES: usize = 512 * 1024;
/// An order takes some five kilobytes for each of its parts.
const MOST_ORDER_BYTES: usize = 4 * 1024 * 1024;

pub(crate) fn routes() -> Routes {
    Routes::new().post("/content/{ticket}/model", Access::Public, commit).post(
        "/content/{ticket}/order",
        Access::Public,
        keep_order,
    )
}

/// How far a package's order has come, as its runtime says; only that runtime reads it.
async fn keep_order(State(site): State<Site>, Parts(sealed): Parts<String>, request: Request) -> Reply {
    let ticket = Ticket::open(&site, &sealed).ok_or_else(Error::not_found)?;
    if !ticket.package(&site).await?.sequenced {
        return Err(Error::not_found().into());
    }
    let body = read(request, MOST_ORDER_BYTES).await?;
    serde_json::from_str::<IgnoredAny>(&body).map_err(|_| malformed())?;
    store::keep(&site.db, &ticket, ORDER, ("application/json", &body), site.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
struct Which {
    item: String,
}

/// A commit; the answer is what the runtime expects.
async fn commit(
    State(site): State<Site>,
    Parts(sealed): Parts<String>,
    Query(which): Query<Which>,
    request: Request,
) -> Reply {
    let ticket = Ticket::open(&site, &sealed).ok_or_else(Error::not_found)?;
    let (package, item) = part(&site, &ticket, &which.item).await?;
    let body = read(request, MOST_BYTES).await?;
    let model: Value = serde_json::from_str(&body).map_err(|_| malformed())?;
    let cmi = model.get("cmi").filter(|c| c.is_object()).ok_or_else(malformed)?;
    let now = site.now();
    let said = (item.id.as_str(), DATA_MODEL);
    store::keep(&site.db, &ticket, said, ("application/json", &cmi.to_string()), now).await?;
    if let Some((status, score)) = result::of_model(package.standard, cmi) {
        store::say(&site.db, &ticket, &item.id, (status, score.as_deref()), now).await?;
    }
    Ok((StatusCode::OK, axum::Json(json!({"result": true, "errorCode": 0}))).into_response())
}

fn malformed() -> Error {
    Error::refused(Kind::Malformed, "malformed_json")
}

/// A body as text.
pub(crate) async fn read(request: Request, most: usize) -> Result<String> {
    let too_large = |_| Error::refused(Kind::TooLarge, "too_large");
    let bytes = to_bytes(request.into_body(), most).await.map_err(too_large)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| malformed())
}
