//! The address for mail over the JSON API.
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::address;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/mail", Access::SignedIn, own)
        .put("/api/v1/me/mail", Access::SignedIn, ask)
        .delete("/api/v1/me/mail", Access::SignedIn, remove)
        .post("/api/v1/me/mail/confirmation", Access::SignedIn, confirm)
}

#[derive(OpenApi)]
#[openapi(paths(own, ask, remove, confirm), components(schemas(MailAddress, NewAddress, MailCode)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct MailAddress {
    /// None where none was given.
    address: Option<String>,
    /// Letters go to a confirmed one only.
    confirmed: bool,
}

/// The address that my mail goes to.
#[utoipa::path(get, path = "/api/v1/me/mail", responses((status = 200, body = MailAddress)))]
async fn own(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = address::own(&site, visitor.actor.person).await?;
    let confirmed = found.as_ref().is_some_and(|a| a.is_confirmed);
    Ok(axum::Json(MailAddress { address: found.map(|a| a.address), confirmed }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAddress {
    address: String,
}

/// Give another address; a code is sent to it.
#[utoipa::path(put, path = "/api/v1/me/mail", request_body = NewAddress, responses((status = 202),
    (status = 422), (status = 429, description = "resend_too_soon")))]
async fn ask(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewAddress>) -> Reply {
    address::ask(&site, &visitor, &new.address).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MailCode {
    code: String,
}

/// Confirm the address by the code that was sent to it.
#[utoipa::path(post, path = "/api/v1/me/mail/confirmation", request_body = MailCode, responses((status = 204),
    (status = 410, description = "code_expired"), (status = 422, description = "code_wrong")))]
async fn confirm(State(site): State<Site>, visitor: Visitor, Json(c): Json<MailCode>) -> Reply {
    address::confirm(&site, &visitor, &c.code).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// No more mail.
#[utoipa::path(delete, path = "/api/v1/me/mail", responses((status = 204)))]
async fn remove(State(site): State<Site>, visitor: Visitor) -> Reply {
    address::remove(&site, &visitor).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
