//! Signing in and out.
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use base::{Error, PersonId, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Json, Reply, RequiredAction, Site, Via, Visitor};
use utoipa::ToSchema;

use crate::{
    door::sign_in::{self, Typed},
    sessions, store,
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
}

#[derive(Serialize, ToSchema)]
pub(super) struct PersonInfo {
    #[schema(value_type = String)]
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
pub(super) struct Current {
    person: PersonInfo,
    roles: Vec<RoleInfo>,
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
    };
    let (session, account) = sign_in::sign_in(&site, &typed, Via::Bearer).await?;
    Ok((StatusCode::CREATED, axum::Json(opened(&site, session, &account).await?)).into_response())
}

/// What a program is told of the session that it opened.
pub(super) async fn opened(
    site: &Site,
    session: sessions::Opened,
    account: &store::Account,
) -> base::Result<Opened> {
    let found = site.sessions.find(site, &session.token, false).await?;
    let site::Lookup::Found(found) = found else {
        return Err(Error::internal("a session just opened is gone"));
    };
    Ok(Opened {
        token: session.token,
        required_actions: sessions::required_actions(account.password_state, account.phone_sealed.is_some()),
        person: PersonInfo { id: account.person, name: found.name, unit: found.unit },
        roles: role_infos(&found.actor.grants),
    })
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
    let grants = visitor.actor.grants;
    let person = PersonInfo { id: visitor.actor.person, name: visitor.name, unit: visitor.unit };
    let idle_expires_at = day::rfc3339(visitor.idle_expires_at);
    let body = Current {
        person,
        roles: role_infos(&grants),
        required_actions: visitor.required_actions,
        idle_expires_at,
    };
    Ok(axum::Json(body).into_response())
}
