//! Accounts over the JSON API (contract).
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base::{Error, PersonId, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Failure, Json, Reply, RequiredAction, Routes, Site, Via, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{FORCED, password, phone, roles, sessions, sign_in, sms};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/sessions", Access::Public, open_session)
        .verifies_credential()
        .delete("/api/v1/sessions/current", FORCED, close_session)
        .get("/api/v1/sessions/current", FORCED, current_session)
        .passive()
        .post("/api/v1/sms-codes", FORCED, request_code)
        .put("/api/v1/me/password", FORCED, change_password)
        .verifies_credential()
        .put("/api/v1/me/phone", FORCED, bind_phone)
        .verifies_credential()
}

#[derive(OpenApi)]
#[openapi(
    paths(open_session, close_session, current_session, request_code, change_password, bind_phone),
    components(schemas(
        Credentials,
        Opened,
        PersonInfo,
        RoleInfo,
        Current,
        CodeRequest,
        CodeSent,
        NewPassword,
        NewPhone
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// Account name, ID number or bound phone.
    account: String,
    password: String,
    /// Answer to a `captcha_required`.
    #[serde(default, rename = "captcha")]
    _captcha: Option<String>,
    /// Answer to a `code_required`.
    #[serde(default, rename = "code")]
    _code: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PersonInfo {
    #[schema(value_type = String)]
    id: PersonId,
    name: String,
    unit: String,
}

#[derive(Serialize, ToSchema)]
struct RoleInfo {
    role: String,
    unit: String,
}

#[derive(Serialize, ToSchema)]
struct Opened {
    token: String,
    #[schema(value_type = Vec<String>)]
    required_actions: Vec<RequiredAction>,
    person: PersonInfo,
    roles: Vec<RoleInfo>,
}

#[derive(Serialize, ToSchema)]
struct Current {
    person: PersonInfo,
    roles: Vec<RoleInfo>,
    #[schema(value_type = Vec<String>)]
    required_actions: Vec<RequiredAction>,
    idle_expires_at: String,
}

/// Sign in.
#[utoipa::path(post, path = "/api/v1/sessions", request_body = Credentials, responses(
    (status = 201, body = Opened), (status = 401, description = "invalid_credentials"),
    (status = 423, description = "account_locked, with Retry-After")))]
async fn open_session(State(site): State<Site>, Json(c): Json<Credentials>) -> Reply {
    let (opened, account) = sign_in::sign_in(&site, &c.account, &c.password, Via::Bearer).await?;
    let found = site.sessions.find(&site, &opened.token, false).await?;
    let site::Lookup::Found(found) = found else {
        return Err(Error::internal("a session just opened is gone").into());
    };
    let body = Opened {
        token: opened.token,
        required_actions: sessions::required_actions(account.password_state, account.phone_sealed.is_some()),
        person: PersonInfo { id: account.person, name: found.name, unit: found.unit },
        roles: role_infos(&found.actor.grants),
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

fn role_infos(grants: &[base::Grant]) -> Vec<RoleInfo> {
    grants.iter().map(|g| RoleInfo { role: g.role.code(), unit: g.unit_code.clone() }).collect()
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/sessions/current", responses((status = 204)))]
async fn close_session(State(site): State<Site>, visitor: Visitor) -> Reply {
    sessions::end(&site, visitor.actor.session, "signed_out").await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Who am I; does not put off the idle end.
#[utoipa::path(get, path = "/api/v1/sessions/current", responses((status = 200, body = Current)))]
async fn current_session(State(site): State<Site>, visitor: Visitor) -> Reply {
    let grants = roles::held(&site.db, visitor.actor.person).await?;
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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeRequest {
    purpose: String,
    phone: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct CodeSent {
    resend_after: u32,
    expires_in: u32,
}

/// Send a code to the phone that is to be bound.
#[utoipa::path(post, path = "/api/v1/sms-codes", request_body = CodeRequest, responses(
    (status = 202, body = CodeSent), (status = 429, description = "resend_too_soon, with Retry-After")))]
async fn request_code(State(site): State<Site>, visitor: Visitor, Json(r): Json<CodeRequest>) -> Reply {
    if r.purpose != sms::BIND_PHONE {
        return Err(Error::invalid("purpose", "wrong_value").into());
    }
    let Some(typed) = r.phone else { return Err(Error::invalid("phone", "required").into()) };
    phone::request_code(&site, &visitor, &phone::parse(&typed)?).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(CodeSent { resend_after: 60, expires_in: 300 })).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    current_password: Option<String>,
    new_password: String,
}

/// Change the own password.
#[utoipa::path(put, path = "/api/v1/me/password", request_body = NewPassword, responses(
    (status = 204), (status = 422, description = "weak_password, errors[].code as check-password says")))]
async fn change_password(
    State(site): State<Site>,
    visitor: Visitor,
    Json(b): Json<NewPassword>,
) -> Result<Response, Failure> {
    password::change(&site, &visitor, b.current_password.as_deref(), &b.new_password).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPhone {
    phone: String,
    code: String,
}

/// Bind a phone with the code sent to it.
#[utoipa::path(put, path = "/api/v1/me/phone", request_body = NewPhone, responses(
    (status = 204), (status = 422, description = "code_wrong"), (status = 410, description = "code_expired")))]
async fn bind_phone(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewPhone>) -> Reply {
    phone::bind(&site, &visitor, &phone::parse(&b.phone)?, &b.code).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
