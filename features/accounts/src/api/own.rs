//! The visitor's own password, phone and sessions.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::day;
use serde::{Deserialize, Serialize};
use site::{Json, Page, Reply, Site, Visitor};
use utoipa::ToSchema;

use crate::{devices, password, phone, totp};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    current_password: Option<String>,
    new_password: String,
}

/// Change the own password.
#[utoipa::path(put, path = "/api/v1/me/password", request_body = NewPassword, responses(
    (status = 204), (status = 422, description = "weak_password, errors[].code as check-password says")))]
pub(super) async fn change_password(
    State(site): State<Site>,
    visitor: Visitor,
    Json(b): Json<NewPassword>,
) -> Reply {
    password::change(&site, &visitor, b.current_password.as_deref(), &b.new_password).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPhone {
    phone: String,
    code: String,
}

/// Bind a phone with the code sent to it, or change to it once the old one's code was verified.
#[utoipa::path(put, path = "/api/v1/me/phone", request_body = NewPhone, responses((status = 204),
    (status = 409, description = "old_phone_not_verified"), (status = 410, description = "code_expired"),
    (status = 422, description = "code_wrong")))]
pub(super) async fn put_phone(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewPhone>) -> Reply {
    phone::bind(&site, &visitor, &phone::parse(&b.phone)?, &b.code).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
pub(super) struct SessionInfo {
    id: String,
    current: bool,
    via: String,
    network: String,
    agent: String,
    created_at: String,
    last_operation_at: String,
    ended_at: Option<String>,
    end_reason: Option<String>,
}

/// The own sessions, newest first: living ones and the sign-in history.
#[utoipa::path(get, path = "/api/v1/me/sessions", responses((status = 200, body = Page<SessionInfo>)))]
pub(super) async fn sessions(State(site): State<Site>, visitor: Visitor) -> Reply {
    let seen = devices::own(&site, &visitor).await?;
    let info = |s: devices::Seen| SessionInfo {
        current: s.id == visitor.actor.session.to_string(),
        id: s.id,
        via: s.via,
        network: s.network,
        agent: s.agent,
        created_at: day::rfc3339(day::from_millis(s.created_at)),
        last_operation_at: day::rfc3339(day::from_millis(s.last_operation_at)),
        ended_at: s.ended_at.map(|at| day::rfc3339(day::from_millis(at))),
        end_reason: s.end_reason,
    };
    let items: Vec<SessionInfo> = seen.into_iter().map(info).collect();
    Ok(axum::Json(Page { items, next: None }).into_response())
}

/// Sign one own session out.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn end_session(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    devices::end(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Sign out everywhere else.
#[utoipa::path(delete, path = "/api/v1/me/sessions", responses((status = 204)))]
pub(super) async fn end_other_sessions(State(site): State<Site>, visitor: Visitor) -> Reply {
    devices::end_others(&site, &visitor).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
pub(super) struct TotpOffer {
    secret: String,
    /// The address that an authenticator reads from a QR code.
    otpauth: String,
    /// The secret as it comes back with its first code.
    sealed: String,
}

/// Offer a second factor; nothing is on before its first code.
#[utoipa::path(post, path = "/api/v1/me/totp", responses((status = 200, body = TotpOffer)))]
pub(super) async fn offer_totp(State(site): State<Site>, visitor: Visitor) -> Reply {
    let (offered, sealed) = totp::offer(&site, &visitor).await?;
    let body = TotpOffer { secret: offered.secret, otpauth: offered.address, sealed };
    Ok(axum::Json(body).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TotpFirst {
    sealed: String,
    code: String,
}

/// Turn the second factor on with its first code.
#[utoipa::path(put, path = "/api/v1/me/totp", request_body = TotpFirst, responses((status = 204),
    (status = 422, description = "code_wrong")))]
pub(super) async fn put_totp(State(site): State<Site>, visitor: Visitor, Json(b): Json<TotpFirst>) -> Reply {
    totp::turn_on(&site, &visitor, (&b.sealed, &b.code)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TotpEnd {
    current_password: String,
}

/// Turn the second factor off, with the password.
#[utoipa::path(delete, path = "/api/v1/me/totp", request_body = TotpEnd, responses((status = 204)))]
pub(super) async fn end_totp(State(site): State<Site>, visitor: Visitor, Json(b): Json<TotpEnd>) -> Reply {
    totp::turn_off(&site, &visitor, &b.current_password).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
