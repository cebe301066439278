//! Activation of many over the JSON API.
use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use base::day;
use documents::Typesetter;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    MANAGERS,
    invite::{self, Whom},
    slips,
    store::{self, Waiting},
};

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let typesetter = typesetter.clone();
    Routes::new()
        .get("/api/v1/activations", Access::Roles(MANAGERS), list)
        .post("/api/v1/activations/invitations", Access::Roles(MANAGERS), by_message)
        .post("/api/v1/activations/slips", Access::Roles(MANAGERS), move |site, visitor, body| {
            print(typesetter.clone(), site, visitor, body)
        })
}

#[derive(OpenApi)]
#[openapi(
    paths(list, by_message, print),
    components(schemas(WaitingInfo, WhomBody, InvitedInfo, SkippedInfo))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct WaitingInfo {
    person: String,
    name: String,
    unit: String,
    department: Option<String>,
    staff_no: Option<String>,
    has_contact_phone: bool,
    /// `slip` or `sms`, how the last code went out; none if never.
    invited_by: Option<String>,
    invited_at: Option<String>,
    expires_at: Option<String>,
}

impl From<Waiting> for WaitingInfo {
    fn from(w: Waiting) -> Self {
        let time = |at: i64| day::rfc3339(day::from_millis(at));
        Self {
            person: w.person.to_string(),
            name: w.name,
            unit: w.unit,
            department: w.department,
            staff_no: w.staff_no,
            has_contact_phone: w.has_contact_phone,
            invited_by: w.channel,
            invited_at: w.issued_at.map(time),
            expires_at: w.expires_at.map(time),
        }
    }
}

#[derive(Deserialize)]
struct ListQuery {
    unit: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

/// Who has not activated the account yet, below a unit.
#[utoipa::path(get, path = "/api/v1/activations", params(("unit" = Option<String>, Query), Paging), responses((status = 200, body = Page<WaitingInfo>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    let scope = invite::places(&site, &visitor, q.unit.as_deref()).await?;
    let paging = Paging { after: q.after, limit: q.limit };
    let found = store::page(&site.db, &scope, &paging).await?;
    let page = Page::of(found, paging.limit(), |w| w.person.to_string());
    let items: Vec<WaitingInfo> = page.items.into_iter().map(WaitingInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct WhomBody {
    /// The code of a unit, with all below it; all that the caller manages if left out.
    unit: Option<String>,
    /// Only these of them.
    people: Option<Vec<String>>,
}

impl From<WhomBody> for Whom {
    fn from(b: WhomBody) -> Self {
        Self { unit: b.unit, people: b.people }
    }
}

#[derive(Serialize, ToSchema)]
struct SkippedInfo {
    person: String,
    name: String,
    /// `no_contact_phone` or `invited_today`.
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct InvitedInfo {
    invited: usize,
    skipped: Vec<SkippedInfo>,
}

/// Invite by message to the contact phone: a code for each who has not activated yet. Again from the next day on.
#[utoipa::path(post, path = "/api/v1/activations/invitations", request_body = WhomBody, responses((status = 200, body = InvitedInfo)))]
async fn by_message(State(site): State<Site>, visitor: Visitor, Json(b): Json<WhomBody>) -> Reply {
    let done = invite::by_message(&site, &visitor, &b.into()).await?;
    let skipped = |(w, reason): (Waiting, &str)| SkippedInfo {
        person: w.person.to_string(),
        name: w.name,
        reason: reason.to_owned(),
    };
    let info = InvitedInfo { invited: done.sent, skipped: done.skipped.into_iter().map(skipped).collect() };
    Ok(axum::Json(info).into_response())
}

/// Print slips by department: a PDF on A4 with a new code for each who has not activated yet.
#[utoipa::path(post, path = "/api/v1/activations/slips", request_body = WhomBody, responses(
    (status = 200, content_type = "application/pdf"), (status = 409, description = "activation_nobody")))]
async fn print(
    typesetter: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Json(b): Json<WhomBody>,
) -> Reply {
    printed(&site, &visitor, typesetter, &b.into()).await
}

/// The slips as a file to keep.
pub(crate) async fn printed(site: &Site, visitor: &Visitor, typesetter: Typesetter, whom: &Whom) -> Reply {
    let groups = invite::for_print(site, visitor, whom).await?;
    let bytes = slips::print(site, typesetter, &groups).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"activation-slips.pdf\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let response: Response = (headers, bytes).into_response();
    Ok(response)
}
