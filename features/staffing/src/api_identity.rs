//! Corrections of who someone is, over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, day};
use org::Identity;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    MANAGERS,
    correction::{self, Correction},
    store_identity as store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/corrections", Access::SignedIn, own)
        .post("/api/v1/corrections", Access::SignedIn, ask)
        .get("/api/v1/corrections", Access::Roles(MANAGERS), list)
        .post("/api/v1/corrections/{id}/decision", Access::Roles(MANAGERS), decide)
}

#[derive(OpenApi)]
#[openapi(
    paths(own, ask, list, decide),
    components(schemas(CorrectionInfo, NewCorrection, CorrectionDecision, Identity))
)]
pub(crate) struct Docs;

#[derive(Serialize, ToSchema)]
struct CorrectionInfo {
    id: String,
    person: String,
    name: String,
    unit: String,
    /// `submitted`, `approved` or `rejected`.
    state: String,
    /// Which facts are to be put right; their values only while it waits, to whoever decides.
    fields: Vec<String>,
    wanted: Option<Identity>,
    reason: String,
    asked_by: String,
    asked_at: String,
    decided_by: Option<String>,
    comment: Option<String>,
}

fn info(c: Correction, shows_values: bool) -> CorrectionInfo {
    CorrectionInfo {
        id: c.id,
        person: c.person.to_string(),
        name: c.person_name,
        unit: c.unit_name,
        fields: c.wanted.fields().into_iter().map(str::to_owned).collect(),
        wanted: Some(c.wanted).filter(|_| shows_values && c.state == "submitted"),
        state: c.state,
        reason: c.reason,
        asked_by: c.asked_by_name,
        asked_at: day::rfc3339(day::from_millis(c.asked_at)),
        decided_by: c.decided_by_name,
        comment: c.comment,
    }
}

/// The corrections of the own record.
#[utoipa::path(get, path = "/api/v1/me/corrections", responses((status = 200, body = Page<CorrectionInfo>)))]
async fn own(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = store::own_corrections(&site, visitor.actor.person).await?;
    let items: Vec<CorrectionInfo> = found.into_iter().map(|c| info(c, true)).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCorrection {
    /// Whose record; the own if left out.
    person: Option<String>,
    name: Option<String>,
    id_type: Option<String>,
    id_number: Option<String>,
    gender: Option<String>,
    birth_date: Option<String>,
    reason: String,
    /// Files of `POST /files` that prove it.
    files: Vec<String>,
}

/// Ask for a wrong name, number, gender or birth date to be put right, with evidence.
#[utoipa::path(post, path = "/api/v1/corrections", request_body = NewCorrection, responses((status = 201, body = CorrectionInfo),
    (status = 409, description = "correction_open, person_exists"), (status = 422)))]
async fn ask(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewCorrection>) -> Reply {
    let person = b.person.as_deref().map(str::parse).transpose().map_err(|_| Error::not_found())?;
    let wanted = Identity {
        name: b.name,
        id_type: b.id_type,
        id_number: b.id_number,
        gender: b.gender,
        birth_date: b.birth_date,
    };
    let asked = correction::ask(&site, &visitor, person, (&wanted, &b.reason, &b.files)).await?;
    Ok((StatusCode::CREATED, axum::Json(info(asked, true))).into_response())
}

/// Corrections of people below, the newest first.
#[utoipa::path(get, path = "/api/v1/corrections", params(Paging),
    responses((status = 200, body = Page<CorrectionInfo>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::corrections(&site, &visitor.actor.scope(MANAGERS), &paging).await?;
    let page = Page::of(found, paging.limit(), |c| c.id.clone());
    let items: Vec<CorrectionInfo> = page.items.into_iter().map(|c| info(c, true)).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectionDecision {
    /// `approve` or `reject`.
    decision: String,
    #[serde(default)]
    comment: String,
}

/// Decide on a correction: a second person, who did not ask for it.
#[utoipa::path(post, path = "/api/v1/corrections/{id}/decision", params(("id" = String, Path)), request_body = CorrectionDecision,
    responses((status = 200, body = CorrectionInfo), (status = 403, description = "own_record, correction_second_person"),
    (status = 409, description = "correction_decided, person_exists")))]
async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<CorrectionDecision>,
) -> Reply {
    let approves = match b.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(Error::invalid("decision", "wrong_value").into()),
    };
    let done = correction::decide(&site, &visitor, &id, (approves, &b.comment)).await?;
    Ok(axum::Json(info(done, false)).into_response())
}
