//! Signing in and out.
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use base::{Error, PersonId, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Json, Reply, RequiredAction, Site, Via, Visitor};
use utoipa::ToSchema;

use crate::{
    door::sign_in::{self, Typed},
    passkeys::{self, Assertion},
    sessions,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    /// Account name, ID number or bound phone.
    account: String,
    password: String,
    /// Answer to a `captcha_required`: the challenge's puzzle, a colon, and a number that solves it.
    captcha: Option<String>,
    /// Answer to a `code_required`.
    code: Option<String>,
    /// Another answer to a `code_required` that came with a `passkey` to ask the browser for.
    passkey: Option<Assertion>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct PersonInfo {
    id: PersonId,
    name: String,
    unit: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RoleInfo {
    role: String,
    unit: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Opened {
    token: String,
    #[schema(value_type = Vec<String>)]
    required_actions: Vec<RequiredAction>,
    person: PersonInfo,
    roles: Vec<RoleInfo>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct HeldInfo {
    id: String,
    role: String,
    /// The unit's name.
    unit: String,
    /// Whether the session acts in this role alone.
    acting: bool,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Current {
    person: PersonInfo,
    /// The roles that act.
    roles: Vec<RoleInfo>,
    /// Every role held.
    held: Vec<HeldInfo>,
    #[schema(value_type = Vec<String>)]
    required_actions: Vec<RequiredAction>,
    idle_expires_at: String,
}

/// Sign in.
#[utoipa::path(post, path = "/api/v1/sessions", request_body = Credentials, responses(
    (status = 201, body = Opened), (status = 401, description = "invalid_credentials"),
    (status = 403, description = "captcha_required with a challenge, or code_required"),
    (status = 423, description = "account_locked, with Retry-After")))]
pub(super) async fn open(State(site): State<Site>, Json(c): Json<Credentials>) -> Reply {
    let typed = Typed {
        account: &c.account,
        password: &c.password,
        captcha: c.captcha.as_deref(),
        code: c.code.as_deref(),
        passkey: c.passkey.as_ref(),
    };
    let (session, _) = sign_in::sign_in(&site, &typed, Via::Bearer).await?;
    Ok((StatusCode::CREATED, axum::Json(opened(&site, session).await?)).into_response())
}

/// What a program is told of the session that it opened.
pub(super) async fn opened(site: &Site, session: sessions::Opened) -> base::Result<Opened> {
    let found = site.sessions.find(site, &session.token, false).await?;
    let site::Lookup::Found(found) = found else {
        return Err(Error::internal("a session just opened is gone"));
    };
    Ok(Opened {
        token: session.token,
        required_actions: found.required_actions.clone(),
        person: PersonInfo { id: found.actor.person, name: found.name.clone(), unit: found.unit.clone() },
        roles: role_infos(&found.actor.grants),
    })
}

/// What the browser needs to ask for a passkey at the door.
#[utoipa::path(post, path = "/api/v1/passkey-challenges", responses(
    (status = 200, body = Object, description = "PublicKeyCredentialRequestOptionsJSON of Web Authentication"),
    (status = 409, description = "passkeys_unavailable")))]
pub(super) async fn passkey_challenge(State(site): State<Site>) -> Reply {
    Ok(axum::Json(passkeys::ask(&site, None).await?).into_response())
}

/// Sign in with a passkey instead of a password.
#[utoipa::path(post, path = "/api/v1/passkey-sessions", request_body = Assertion, responses(
    (status = 201, body = Opened), (status = 401, description = "passkey_wrong"),
    (status = 423, description = "account_locked, with Retry-After")))]
pub(super) async fn open_by_passkey(State(site): State<Site>, Json(used): Json<Assertion>) -> Reply {
    let session = passkeys::sign_in(&site, &used, Via::Bearer).await?;
    Ok((StatusCode::CREATED, axum::Json(opened(&site, session).await?)).into_response())
}

fn role_infos(grants: &[base::Grant]) -> Vec<RoleInfo> {
    grants.iter().map(|g| RoleInfo { role: g.role.code(), unit: g.unit_code.clone() }).collect()
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/sessions/current", responses((status = 204)))]
pub(super) async fn close(State(site): State<Site>, visitor: Visitor) -> Reply {
    sessions::end(&site, visitor.actor.session, "signed_out").await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Who am I; does not put off the idle end.
#[utoipa::path(get, path = "/api/v1/sessions/current", responses((status = 200, body = Current)))]
pub(super) async fn current(visitor: Visitor) -> Reply {
    let person =
        PersonInfo { id: visitor.actor.person, name: visitor.name.clone(), unit: visitor.unit.clone() };
    let idle_expires_at = day::rfc3339(visitor.idle_expires_at);
    let held = |r: &site::HeldRole| HeldInfo {
        id: r.id.clone(),
        role: r.role.code(),
        unit: r.unit.clone(),
        acting: r.is_chosen,
    };
    let body = Current {
        person,
        roles: role_infos(&visitor.actor.grants),
        held: visitor.roles.iter().map(held).collect(),
        required_actions: visitor.required_actions.clone(),
        idle_expires_at,
    };
    Ok(axum::Json(body).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Acting {
    /// The id of a role held; null for all of them together.
    role: Option<String>,
}

/// Act in one of the roles held, or in all of them again.
#[utoipa::path(put, path = "/api/v1/sessions/current/role", request_body = Acting, responses((status = 204),
    (status = 404, description = "a role that is not held")))]
pub(super) async fn act_as(State(site): State<Site>, visitor: Visitor, Json(b): Json<Acting>) -> Reply {
    sessions::act_as(&site, &visitor, b.role.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
