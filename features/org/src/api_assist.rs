//! Helping accounts over the JSON API (contract): password reset, unlocking, change of phone, roles.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId, Role, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{MANAGERS, READERS, api::managed_person, assist, assist::IdentityCheck, unit};

/// Who helps accounts.
pub(crate) const HELPERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Support];
/// Who gives roles.
const GIVERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::SystemAdmin];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/people/{id}/password-reset", Access::Roles(HELPERS), reset_password)
        .post("/api/v1/people/{id}/unlock", Access::Roles(HELPERS), unlock)
        .post("/api/v1/people/{id}/phone", Access::Roles(HELPERS), change_phone)
        .verifies_credential()
        .post("/api/v1/people/{id}/phone-waiver", Access::Roles(MANAGERS), waive_phone)
        .post("/api/v1/people/{id}/phone-share", Access::Roles(MANAGERS), decide_share)
        .get("/api/v1/people/{id}/roles", Access::Roles(READERS), list_roles)
        .post("/api/v1/people/{id}/roles", Access::Roles(GIVERS), give_role)
        .delete("/api/v1/people/{id}/roles/{grant}", Access::Roles(GIVERS), end_role)
}

#[derive(OpenApi)]
#[openapi(
    paths(reset_password, unlock, change_phone, waive_phone, decide_share, list_roles, give_role, end_role),
    components(schemas(
        ReasonBody,
        UnlockBody,
        ResetDone,
        PhoneBody,
        PhoneState,
        WaiverBody,
        ShareDecision,
        RoleBody,
        RoleHeld,
        IdentityCheck
    ))
)]
pub(crate) struct Docs;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    reason: String,
    /// Needed from customer service.
    identity_check: Option<IdentityCheck>,
}

#[derive(Serialize, ToSchema)]
struct ResetDone {
    one_time_password: String,
}

/// Reset a person's password: a one-time password, shown once, valid 24 h. Lifts a lock.
#[utoipa::path(post, path = "/api/v1/people/{id}/password-reset", request_body = ReasonBody,
    params(("id" = String, Path)), responses((status = 200, body = ResetDone),
    (status = 403, description = "forbidden, identity_check_required, identity_check_failed")))]
async fn reset_password(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReasonBody>,
) -> Reply {
    let (id, reason) = (id.parse()?, assist::reason(&b.reason)?);
    let person = assist::admit(&site, &visitor, id, b.identity_check.as_ref()).await?;
    let by = Some(visitor.actor.person);
    let secret = accounts::reset_password(&site, id, by, (reason, &person.path)).await?;
    Ok(axum::Json(ResetDone { one_time_password: secret.0 }).into_response())
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct UnlockBody {
    reason: String,
    /// Needed from customer service.
    identity_check: Option<IdentityCheck>,
}

#[derive(Serialize, ToSchema)]
struct Unlocked {
    locked: bool,
}

/// Lift a lock; the password stays.
#[utoipa::path(post, path = "/api/v1/people/{id}/unlock", request_body = UnlockBody,
    params(("id" = String, Path)), responses((status = 200, body = Unlocked)))]
async fn unlock(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    body: Option<Json<UnlockBody>>,
) -> Reply {
    let b = body.map(|Json(b)| b).unwrap_or_default();
    let id = id.parse()?;
    let person = assist::admit(&site, &visitor, id, b.identity_check.as_ref()).await?;
    let grounds = accounts::Grounds { reason: b.reason.trim(), unit_path: &person.path };
    accounts::unlock(&site, &visitor, id, &grounds).await?;
    Ok(axum::Json(Unlocked { locked: false }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PhoneBody {
    phone: String,
    /// Left out, a code is sent to the new phone; with it, the phone is bound.
    code: Option<String>,
    #[serde(default)]
    reason: String,
    identity_check: Option<IdentityCheck>,
}

#[derive(Serialize, ToSchema)]
struct PhoneState {
    phone_bound: bool,
    /// Seconds until another code can be sent, after one was sent.
    resend_after: Option<u32>,
}

/// Change a person's phone on the spot: first a code to the new phone, then the code.
#[utoipa::path(post, path = "/api/v1/people/{id}/phone", request_body = PhoneBody,
    params(("id" = String, Path)), responses((status = 200, body = PhoneState),
    (status = 422, description = "code_wrong"), (status = 410, description = "code_expired")))]
async fn change_phone(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<PhoneBody>,
) -> Reply {
    let id = id.parse()?;
    let person = assist::admit(&site, &visitor, id, b.identity_check.as_ref()).await?;
    let Some(code) = &b.code else {
        accounts::send_phone_code(&site, &visitor, id, &b.phone).await?;
        let state = PhoneState { phone_bound: false, resend_after: Some(60) };
        return Ok(axum::Json(state).into_response());
    };
    let grounds = accounts::Grounds { reason: b.reason.trim(), unit_path: &person.path };
    accounts::change_phone(&site, &visitor, id, (&b.phone, code), &grounds).await?;
    Ok(axum::Json(PhoneState { phone_bound: true, resend_after: None }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WaiverBody {
    /// What was seen in person.
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct PhoneWaived {
    phone_waived: bool,
}

/// Approve in person that someone has no mobile phone: a second factor stands in for it.
#[utoipa::path(post, path = "/api/v1/people/{id}/phone-waiver", request_body = WaiverBody,
    params(("id" = String, Path)), responses((status = 200, body = PhoneWaived)))]
async fn waive_phone(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<WaiverBody>,
) -> Reply {
    let (id, reason) = (id.parse()?, assist::reason(&b.reason)?);
    let person = assist::admit(&site, &visitor, id, None).await?;
    let grounds = accounts::Grounds { reason, unit_path: &person.path };
    accounts::waive_phone(&site, &visitor, id, &grounds).await?;
    Ok(axum::Json(PhoneWaived { phone_waived: true }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShareDecision {
    /// `approve` or `refuse`.
    decision: String,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct ShareDecided {
    approved: bool,
}

/// Decide about a phone that this person shares with an account which had it first.
#[utoipa::path(post, path = "/api/v1/people/{id}/phone-share", request_body = ShareDecision,
    params(("id" = String, Path)), responses((status = 200, body = ShareDecided), (status = 404, description = "no phone is shared")))]
async fn decide_share(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ShareDecision>,
) -> Reply {
    let (id, reason) = (id.parse()?, assist::reason(&b.reason)?);
    let is_approved = match b.decision.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => return Err(Error::invalid("decision", "wrong_value").into()),
    };
    let person = assist::admit(&site, &visitor, id, None).await?;
    let grounds = accounts::Grounds { reason, unit_path: &person.path };
    accounts::decide_share(&site, &visitor, id, (is_approved, &grounds)).await?;
    Ok(axum::Json(ShareDecided { approved: is_approved }).into_response())
}

#[derive(Serialize, ToSchema)]
struct RoleHeld {
    id: String,
    role: String,
    unit: String,
    unit_name: String,
}

impl From<accounts::Held> for RoleHeld {
    fn from(h: accounts::Held) -> Self {
        let (role, unit) = (h.grant.role.code(), h.grant.unit_code);
        Self { id: h.id, role, unit, unit_name: h.unit_name }
    }
}

/// The roles that a person holds.
#[utoipa::path(get, path = "/api/v1/people/{id}/roles", params(("id" = String, Path)), responses((status = 200, body = Page<RoleHeld>)))]
async fn list_roles(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let id = id.parse()?;
    managed_person(&site, &visitor, id).await?;
    let items = accounts::held_at(&site.db, id).await?.into_iter().map(RoleHeld::from).collect::<Vec<_>>();
    Ok(axum::Json(Page { items, next: None }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoleBody {
    role: String,
    /// The code of the unit where it is held.
    unit: String,
}

/// Give a person a role at a unit.
#[utoipa::path(post, path = "/api/v1/people/{id}/roles", request_body = RoleBody, params(("id" = String, Path)),
    responses((status = 201, body = Page<RoleHeld>), (status = 403, description = "beyond the giver's subtree or rank")))]
async fn give_role(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<RoleBody>,
) -> Reply {
    let role = Role::from_code(&b.role).ok_or_else(|| Error::invalid("role", "wrong_value"))?;
    let person = reachable(&site, &visitor, id.parse()?).await?;
    let unit = unit::by_code(&site.db, &b.unit).await?;
    accounts::give(&site, &visitor.actor, person, (role, unit.id, &unit.path)).await?;
    let items: Vec<RoleHeld> =
        accounts::held_at(&site.db, person).await?.into_iter().map(RoleHeld::from).collect();
    Ok((StatusCode::CREATED, axum::Json(Page { items, next: None })).into_response())
}

/// Take a role away.
#[utoipa::path(delete, path = "/api/v1/people/{id}/roles/{grant}", params(("id" = String, Path), ("grant" = String, Path)),
    responses((status = 204), (status = 409, description = "last_administrator")))]
async fn end_role(
    State(site): State<Site>,
    visitor: Visitor,
    Path((id, grant)): Path<(String, String)>,
) -> Reply {
    let person = reachable(&site, &visitor, id.parse()?).await?;
    accounts::end_role(&site, &visitor.actor, person, &grant).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A person to whom the visitor may give roles: one in a subtree that the visitor manages or administers.
async fn reachable(site: &Site, visitor: &Visitor, id: PersonId) -> base::Result<PersonId> {
    let person = crate::store::person(&site.db, id).await?;
    let scope = visitor.actor.scope(GIVERS);
    if scope.holds(&person.path) { Ok(person.id) } else { Err(Error::not_found()) }
}
