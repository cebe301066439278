//! First sign-in with an activation code.
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use site::{Json, Reply, Site, Via};
use utoipa::ToSchema;

use super::sessions::{Opened, opened};
use crate::activation::{self, Typed};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActivationBody {
    /// The code of the slip or the message; case, spaces and the dash do not matter.
    code: String,
    /// The last six characters of the ID number.
    id_number_last6: String,
    /// Answer to a `captcha_required`.
    captcha: Option<String>,
}

/// First sign-in with an activation code: good once, for fourteen days. The session may only set password and phone.
#[utoipa::path(post, path = "/api/v1/activations", request_body = ActivationBody, responses(
    (status = 201, body = Opened), (status = 401, description = "invalid_activation: wrong, used or over"),
    (status = 403, description = "captcha_required with a challenge"),
    (status = 423, description = "account_locked, with Retry-After")))]
pub(super) async fn redeem(State(site): State<Site>, Json(b): Json<ActivationBody>) -> Reply {
    let typed = Typed { code: &b.code, last6: &b.id_number_last6, captcha: b.captcha.as_deref() };
    let (session, _) = activation::redeem(&site, &typed, Via::Bearer).await?;
    Ok((StatusCode::CREATED, axum::Json(opened(&site, session).await?)).into_response())
}
