//! Roles handed over for a leave, over the JSON API.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Day, Error, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Json, Page, Reply, Site, Visitor};
use utoipa::ToSchema;

use crate::delegation::{self, Delegation, Wish};

#[derive(Serialize, ToSchema)]
pub(super) struct DelegationInfo {
    id: String,
    from_person: String,
    from_name: String,
    to_person: String,
    to_name: String,
    role: String,
    unit: String,
    unit_name: String,
    from: String,
    until: String,
    reason: String,
    /// `coming`, `running`, `over`, or `ended` before its last day.
    state: String,
}

fn info(site: &Site, d: Delegation) -> DelegationInfo {
    let state = d.state(day::day_of(site.now())).to_owned();
    DelegationInfo {
        id: d.id,
        from_person: d.from_person,
        from_name: d.from_name,
        to_person: d.to_person,
        to_name: d.to_name,
        role: d.role,
        unit: d.unit_code,
        unit_name: d.unit_name,
        from: d.from_day,
        until: d.until_day,
        reason: d.reason,
        state,
    }
}

/// What was handed over and taken over, the newest first.
#[utoipa::path(get, path = "/api/v1/me/delegations", responses((status = 200, body = Page<DelegationInfo>)))]
pub(super) async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = delegation::of(&site.db, visitor.actor.person).await?;
    let items: Vec<DelegationInfo> = found.into_iter().map(|d| info(&site, d)).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Serialize, ToSchema)]
pub(super) struct Handable {
    /// What `POST /me/delegations` takes as `grant`.
    id: String,
    role: String,
    unit: String,
}

/// The own roles that can be handed over.
#[utoipa::path(get, path = "/api/v1/me/roles", responses((status = 200, body = Page<Handable>)))]
pub(super) async fn roles(State(site): State<Site>, visitor: Visitor) -> Reply {
    let held = delegation::handed(&site, &visitor).await?;
    let one = |h: crate::Held| Handable { id: h.id, role: h.grant.role.code(), unit: h.grant.unit_code };
    Ok(axum::Json(Page::whole(held.into_iter().map(one).collect())).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDelegation {
    /// One of `GET /me/roles`.
    grant: String,
    /// The person who takes it: on post below the role's unit, with a bound phone.
    to: String,
    from: String,
    until: String,
    reason: String,
}

/// Hand a role over for the days of a leave; whoever takes it acts in the own name, on behalf of the other.
#[utoipa::path(post, path = "/api/v1/me/delegations", request_body = NewDelegation,
    responses((status = 201, body = DelegationInfo), (status = 422, description = "grant_unknown, delegate_unknown, days_order, days_most")))]
pub(super) async fn hand_over(
    State(site): State<Site>,
    visitor: Visitor,
    Json(b): Json<NewDelegation>,
) -> Reply {
    let to = b.to.parse().map_err(|_| Error::invalid("to", "delegate_unknown"))?;
    let read = |field: &str, text: &str| -> base::Result<Day> {
        text.trim().parse().map_err(|_| Error::invalid(field, "date_form"))
    };
    let (from, until) = (read("from", &b.from)?, read("until", &b.until)?);
    let wish = Wish { grant: &b.grant, to, from, until, reason: &b.reason };
    let made = delegation::hand_over(&site, visitor.actor.person, &wish).await?;
    Ok((StatusCode::CREATED, axum::Json(info(&site, made))).into_response())
}

/// End a delegation before its last day.
#[utoipa::path(delete, path = "/api/v1/me/delegations/{id}", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
pub(super) async fn end(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    delegation::end(&site, &visitor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
