//! The visitor's passkeys.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::day;
use serde::{Deserialize, Serialize};
use site::{Json, Page, Reply, Site, Visitor};
use utoipa::ToSchema;

use crate::passkeys::{self, Created, Seen};

#[derive(Serialize, ToSchema)]
pub(super) struct PasskeyInfo {
    id: String,
    label: String,
    created_at: String,
    last_used_at: Option<String>,
}

impl From<Seen> for PasskeyInfo {
    fn from(s: Seen) -> Self {
        let time = |ms| day::rfc3339(day::from_millis(ms));
        Self {
            id: s.id,
            label: s.label,
            created_at: time(s.created_at),
            last_used_at: s.last_used_at.map(time),
        }
    }
}

/// The own passkeys.
#[utoipa::path(get, path = "/api/v1/me/passkeys", responses((status = 200, body = Page<PasskeyInfo>)))]
pub(super) async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let items: Vec<PasskeyInfo> = passkeys::own(&site, &visitor).await?.into_iter().map(Into::into).collect();
    Ok(axum::Json(Page { items, next: None }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    /// The answer to a `password_required`.
    current_password: Option<String>,
}

/// What the browser needs to make a passkey, as `navigator.credentials.create` takes it with its bytes in base64url.
#[utoipa::path(post, path = "/api/v1/me/passkeys/offer", request_body = Proof, responses(
    (status = 200, body = Object, description = "PublicKeyCredentialCreationOptionsJSON of Web Authentication"),
    (status = 403, description = "password_required"), (status = 409, description = "passkeys_unavailable")))]
pub(super) async fn offer(State(site): State<Site>, visitor: Visitor, Json(b): Json<Proof>) -> Reply {
    let offered = passkeys::offer(&site, &visitor, b.current_password.as_deref()).await?;
    Ok(axum::Json(offered).into_response())
}

/// Keep a new passkey.
#[utoipa::path(post, path = "/api/v1/me/passkeys", request_body = Created, responses((status = 201, description = "without a body"),
    (status = 401, description = "passkey_wrong")))]
pub(super) async fn add(State(site): State<Site>, visitor: Visitor, Json(made): Json<Created>) -> Reply {
    passkeys::add(&site, &visitor, &made).await?;
    Ok(StatusCode::CREATED.into_response())
}

/// Take one of the own passkeys away.
#[utoipa::path(delete, path = "/api/v1/me/passkeys/{id}", request_body = Proof, params(("id" = String, Path)),
    responses((status = 204), (status = 403, description = "password_required")))]
pub(super) async fn remove(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: Option<Json<Proof>>,
) -> Reply {
    let password = body.and_then(|Json(b)| b.current_password);
    passkeys::remove(&site, &visitor, &id, password.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
