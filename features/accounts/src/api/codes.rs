//! SMS codes, and the way back to a forgotten password.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::Error;
use serde::{Deserialize, Serialize};
use site::{Json, Reply, Site, Visitor};
use utoipa::ToSchema;

use crate::{codes::Purpose, phone, recovery};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeRequest {
    purpose: String,
    /// The phone to bind or change to; with `change_phone_old`, the bound one as the person knows it.
    phone: Option<String>,
    /// The answer to a `password_required`, which comes where the password was last entered long ago.
    current_password: Option<String>,
    captcha: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct CodeSent {
    resend_after: u32,
    expires_in: u32,
}

const SENT: CodeSent = CodeSent { resend_after: 60, expires_in: 300 };

fn purpose(code: &str) -> Result<Purpose, Error> {
    Purpose::from_code(code).ok_or_else(|| Error::invalid("purpose", "wrong_value"))
}

/// Send a code to the phone that is to be bound or changed.
#[utoipa::path(post, path = "/api/v1/sms-codes", request_body = CodeRequest, responses(
    (status = 202, body = CodeSent), (status = 403, description = "password_required"),
    (status = 409, description = "old_phone_not_verified, phone_already_bound"),
    (status = 429, description = "resend_too_soon, with Retry-After")))]
pub(super) async fn request(State(site): State<Site>, visitor: Visitor, Json(r): Json<CodeRequest>) -> Reply {
    let wanted = phone::Wanted {
        purpose: purpose(&r.purpose)?,
        phone: r.phone.as_deref(),
        current_password: r.current_password.as_deref(),
        captcha: r.captcha.as_deref(),
    };
    phone::request_code(&site, &visitor, &wanted).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(SENT)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeEntered {
    purpose: String,
    code: String,
}

/// Check a code; the one to the old phone opens the change of phone for ten minutes.
#[utoipa::path(post, path = "/api/v1/sms-codes/verify", request_body = CodeEntered, responses((status = 204),
    (status = 410, description = "code_expired"), (status = 422, description = "code_wrong")))]
pub(super) async fn verify(State(site): State<Site>, visitor: Visitor, Json(b): Json<CodeEntered>) -> Reply {
    phone::verify(&site, &visitor, purpose(&b.purpose)?, &b.code).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetStart {
    /// Account name or ID number.
    account: String,
    /// The phone bound to it.
    phone: String,
    captcha: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ResetStarted {
    id: String,
    resend_after: u32,
    expires_in: u32,
}

/// Forgotten password: send a code to the bound phone. The same answer for unknown accounts.
#[utoipa::path(post, path = "/api/v1/password-resets", request_body = ResetStart, responses(
    (status = 202, body = ResetStarted), (status = 423, description = "account_locked, with Retry-After"),
    (status = 429, description = "resend_too_soon, with Retry-After")))]
pub(super) async fn start_reset(State(site): State<Site>, Json(b): Json<ResetStart>) -> Reply {
    let start = recovery::Start { account: &b.account, phone: &b.phone, captcha: b.captcha.as_deref() };
    let id = recovery::start(&site, &start).await?.to_string();
    let body = ResetStarted { id, resend_after: SENT.resend_after, expires_in: SENT.expires_in };
    Ok((StatusCode::ACCEPTED, axum::Json(body)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetFinish {
    code: String,
    new_password: String,
}

/// Forgotten password: the code and the new password.
#[utoipa::path(put, path = "/api/v1/password-resets/{id}", request_body = ResetFinish, params(("id" = String, Path)),
    responses((status = 204), (status = 410, description = "code_expired"),
    (status = 422, description = "code_wrong, weak_password")))]
pub(super) async fn finish_reset(
    State(site): State<Site>,
    Path(id): Path<String>,
    Json(b): Json<ResetFinish>,
) -> Reply {
    recovery::finish(&site, &id, &b.code, &b.new_password).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
