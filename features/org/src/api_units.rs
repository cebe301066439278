//! Units over the JSON API: their changes and history, contact cards, and those without an administrator.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Role};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    MANAGERS, READERS, Unit,
    api::UnitInfo,
    contact::{self, Card, CardOf},
    store_units::{self, Listing, Told},
    unit,
    unit_change::{self, Grounds, PLANNERS},
};

/// Who sees which units lack an administrator, and acts for them meanwhile.
const LEADERS: &[Role] = &[Role::Authority, Role::SystemAdmin];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/units/without-administrator", Access::Roles(LEADERS), without_administrator)
        .patch("/api/v1/units/{code}", Access::Roles(PLANNERS), rename)
        .post("/api/v1/units/{code}/move", Access::Roles(PLANNERS), relocate)
        .post("/api/v1/units/{code}/merge", Access::Roles(PLANNERS), merge)
        .get("/api/v1/units/{code}/history", Access::Roles(READERS), history)
        .put("/api/v1/units/{code}/contact", Access::Roles(MANAGERS), write_contact)
        .get("/api/v1/contacts", Access::Public, contacts)
        .get("/api/v1/me/contact", Access::SignedIn, my_contact)
}

#[derive(OpenApi)]
#[openapi(
    paths(without_administrator, rename, relocate, merge, history, write_contact, contacts, my_contact),
    components(schemas(Unled, Renaming, Moving, Merging, MergedInfo, UnitWas, Card, CardOf))
)]
pub(crate) struct Docs;

#[derive(Deserialize)]
struct Below {
    unit: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Unled {
    code: String,
    name: String,
    /// The unit above, whose administrators act meanwhile.
    parent: Option<String>,
    /// People on post.
    people: i64,
}

impl From<Told> for Unled {
    fn from(t: Told) -> Self {
        Self { code: t.code, name: t.name, parent: t.parent_code, people: t.people }
    }
}

/// Units below that have no active administrator; the level above acts for them meanwhile.
#[utoipa::path(get, path = "/api/v1/units/without-administrator", params(("unit" = Option<String>, Query),
    Paging), responses((status = 200, body = Page<Unled>)))]
async fn without_administrator(State(site): State<Site>, visitor: Visitor, Query(q): Query<Below>) -> Reply {
    let mut scope = visitor.actor.scope(LEADERS);
    if let Some(code) = &q.unit {
        let place = unit::by_code(&site.db, code).await?;
        if !scope.holds(&place.path) {
            return Err(Error::not_found().into());
        }
        scope = base::Scope { paths: vec![place.path] };
    }
    let paging = Paging { after: q.after, limit: q.limit };
    let found = store_units::units(&site.db, &scope, Listing { text: "", unled: true }, &paging).await?;
    let page = Page::of(found, paging.limit(), |t| t.code.clone());
    let items: Vec<Unled> = page.items.into_iter().map(Unled::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Renaming {
    name: String,
    from: Option<String>,
    reason: String,
}

/// Give a unit another name from a day on; documents of earlier years keep the earlier one.
#[utoipa::path(patch, path = "/api/v1/units/{code}", params(("code" = String, Path)), request_body = Renaming,
    responses((status = 200, body = UnitInfo), (status = 409, description = "unit_ended")))]
async fn rename(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<Renaming>,
) -> Reply {
    let why = Grounds { from: b.from, reason: b.reason };
    let unit = unit_change::rename(&site, &visitor.actor, &code, (&b.name, &why)).await?;
    Ok(axum::Json(UnitInfo::from(unit)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Moving {
    /// The code of the unit above from now on.
    parent: String,
    from: Option<String>,
    reason: String,
}

/// Put a unit, with all below it, under another one. Who was where on which day stays known.
#[utoipa::path(post, path = "/api/v1/units/{code}/move", params(("code" = String, Path)), request_body = Moving,
    responses((status = 200, body = UnitInfo), (status = 409, description = "unit_ended, unit_there_already")))]
async fn relocate(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<Moving>,
) -> Reply {
    let why = Grounds { from: b.from, reason: b.reason };
    let unit = unit_change::relocate(&site, &visitor.actor, &code, (&b.parent, &why)).await?;
    Ok(axum::Json(UnitInfo::from(unit)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Merging {
    /// The code of the unit into which this one goes.
    into: String,
    from: Option<String>,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct MergedInfo {
    into: String,
    people: usize,
    /// Roles other than 职工 that ended; the other unit's administrators are in charge.
    roles_ended: u64,
}

/// Let a unit go into another: people, departments and open matters go along, its history stays.
#[utoipa::path(post, path = "/api/v1/units/{code}/merge", params(("code" = String, Path)), request_body = Merging,
    responses((status = 200, body = MergedInfo), (status = 409, description = "unit_ended")))]
async fn merge(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<Merging>,
) -> Reply {
    let why = Grounds { from: b.from, reason: b.reason };
    let done = unit_change::merge(&site, &visitor.actor, &code, (&b.into, &why)).await?;
    let info = MergedInfo { into: done.into.code, people: done.people, roles_ended: done.roles_ended };
    Ok(axum::Json(info).into_response())
}

#[derive(Serialize, ToSchema)]
struct UnitWas {
    /// None is the beginning.
    from: Option<String>,
    name: String,
    /// Codes from the root.
    path: String,
    ended: bool,
    /// `entered`, `renamed`, `moved`, `merged`.
    reason: String,
    note: String,
    recorded_by: Option<String>,
}

/// How a unit was called and where it stood from which day.
#[utoipa::path(get, path = "/api/v1/units/{code}/history", params(("code" = String, Path)), responses((status = 200, body = Page<UnitWas>)))]
async fn history(State(site): State<Site>, visitor: Visitor, Path(code): Path<String>) -> Reply {
    let unit = seen(&site, &visitor, &code).await?;
    let was = |h: store_units::Was| UnitWas {
        from: Some(h.from_day).filter(|d| !d.is_empty()),
        name: h.name,
        path: h.path,
        ended: h.is_ended,
        reason: h.reason,
        note: h.note,
        recorded_by: h.recorded_by,
    };
    let items: Vec<UnitWas> = store_units::history(&site.db, unit.id).await?.into_iter().map(was).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// A unit that the visitor may see; any other is not found.
pub(crate) async fn seen(site: &Site, visitor: &Visitor, code: &str) -> base::Result<Unit> {
    let unit = unit::by_code(&site.db, code).await?;
    if visitor.actor.scope(READERS).holds(&unit.path) { Ok(unit) } else { Err(Error::not_found()) }
}

/// Write a unit's contact card: an office, shown to anyone.
#[utoipa::path(put, path = "/api/v1/units/{code}/contact", params(("code" = String, Path)), request_body = Card,
    responses((status = 204), (status = 404), (status = 422)))]
async fn write_contact(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<Card>,
) -> Reply {
    contact::write(&site, &visitor, &code, &b).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
struct Sought {
    #[serde(default)]
    q: String,
}

/// Contact cards of units by a part of their name or by code; for whoever cannot sign in.
#[utoipa::path(get, path = "/api/v1/contacts", params(("q" = String, Query)), responses((status = 200, body = Page<CardOf>)))]
async fn contacts(State(site): State<Site>, Query(s): Query<Sought>) -> Reply {
    let items = contact::find(&site, &s.q).await?;
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// The card of the own unit, else of the nearest unit above that has one.
#[utoipa::path(get, path = "/api/v1/me/contact", responses((status = 200, body = CardOf), (status = 404)))]
async fn my_contact(State(site): State<Site>, visitor: Visitor) -> Reply {
    let person = crate::store::person(&site.db, visitor.actor.person).await?;
    let unit = crate::store::unit_by_id(&site.db, person.unit).await?;
    let card = store_units::card(&site.db, &unit).await?.ok_or_else(Error::not_found)?;
    Ok(axum::Json(card).into_response())
}
