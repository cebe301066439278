//! The visitor's account beyond password and phone: the privacy notice, a phone shared with another's account, the key of
//! what the browser keeps of unsent forms.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, day};
use serde::{Deserialize, Serialize};
use site::{Json, Page, Reply, Site, Visitor};
use utoipa::ToSchema;

use crate::{
    privacy,
    shares::{self, Share},
};

#[derive(Serialize, ToSchema)]
pub(super) struct NoticeInfo {
    /// Today's version.
    version: &'static str,
    /// The version that was read.
    read_version: Option<String>,
    read_at: Option<String>,
}

/// Which version of the privacy notice was read, and when.
#[utoipa::path(get, path = "/api/v1/me/privacy-notice", responses((status = 200, body = NoticeInfo)))]
pub(super) async fn notice(State(site): State<Site>, visitor: Visitor) -> Reply {
    let read = privacy::read(&site, &visitor).await?;
    let body = NoticeInfo {
        version: privacy::VERSION,
        read_version: read.privacy_version,
        read_at: read.privacy_read_at.map(|at| day::rfc3339(day::from_millis(at))),
    };
    Ok(axum::Json(body).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeRead {
    version: String,
}

/// Say that the privacy notice was read.
#[utoipa::path(put, path = "/api/v1/me/privacy-notice", request_body = NoticeRead, responses((status = 204),
    (status = 409, description = "notice_renewed")))]
pub(super) async fn read_notice(
    State(site): State<Site>,
    visitor: Visitor,
    Json(b): Json<NoticeRead>,
) -> Reply {
    privacy::confirm(&site, &visitor, &b.version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
pub(super) struct ShareInfo {
    id: String,
    /// The other person.
    name: String,
    unit: String,
    asked_at: String,
    /// Whether the phone was the visitor's first, who answers.
    is_mine: bool,
    agreed: bool,
    approved: bool,
}

impl From<Share> for ShareInfo {
    fn from(s: Share) -> Self {
        Self {
            id: s.id,
            name: s.name,
            unit: s.unit,
            asked_at: day::rfc3339(day::from_millis(s.asked_at)),
            is_mine: s.is_first,
            agreed: s.agreed_at.is_some(),
            approved: s.approved_at.is_some(),
        }
    }
}

/// Whether another account is bound to the own phone, and what is still missing for that.
#[utoipa::path(get, path = "/api/v1/me/phone-shares", responses((status = 200, body = Page<ShareInfo>)))]
pub(super) async fn phone_shares(State(site): State<Site>, visitor: Visitor) -> Reply {
    let items: Vec<ShareInfo> =
        shares::own(&site, &visitor).await?.into_iter().map(ShareInfo::from).collect();
    Ok(axum::Json(Page { items, next: None }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareAnswer {
    /// `agree` or `refuse`.
    decision: String,
}

/// Agree that another account is bound to the own phone, or take it off.
#[utoipa::path(post, path = "/api/v1/me/phone-shares/{id}", request_body = ShareAnswer,
    params(("id" = String, Path)), responses((status = 204)))]
pub(super) async fn answer_share(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ShareAnswer>,
) -> Reply {
    let is_agreed = match b.decision.as_str() {
        "agree" => true,
        "refuse" => false,
        _ => return Err(Error::invalid("decision", "wrong_value").into()),
    };
    shares::answer(&site, &visitor, &id, is_agreed).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
pub(super) struct DraftKey {
    key: String,
}

/// The key under which this person's browser seals what was typed and not sent; nobody else can open it.
#[utoipa::path(get, path = "/api/v1/me/draft-key", responses((status = 200, body = DraftKey)))]
pub(super) async fn draft_key(State(site): State<Site>, visitor: Visitor) -> Reply {
    let key = site.keys.mac("draft-key", &[visitor.actor.person.to_string().as_bytes()]);
    Ok(axum::Json(DraftKey { key }).into_response())
}
