//! Notices over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Result, day};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    EDITORS,
    notice::{NewNotice, NewRow, Notice},
    reading::{self, Headline},
    write,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/notices", Access::SignedIn, list)
        .post("/api/v1/notices", Access::Roles(EDITORS), create)
        .get("/api/v1/notices/{id}", Access::SignedIn, one)
        .put("/api/v1/notices/{id}", Access::Roles(EDITORS), change)
        .post("/api/v1/notices/{id}/read", Access::SignedIn, read)
        .post("/api/v1/notices/{id}/withdraw", Access::Roles(EDITORS), withdraw)
        .get("/api/v1/notices/{id}/receipts", Access::Roles(EDITORS), receipts)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, create, one, change, read, withdraw, receipts),
    components(schemas(NewNotice, NewRow, HeadlineInfo, NoticeInfo, Withdrawal, ReceiptsInfo, Missing))
)]
struct Docs;

/// The part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct HeadlineInfo {
    id: String,
    title: String,
    document_no: String,
    /// The issuing unit's name.
    unit: String,
    published_at: String,
    valid_until: Option<String>,
    read: bool,
}

impl From<Headline> for HeadlineInfo {
    fn from(h: Headline) -> Self {
        Self {
            id: h.id,
            title: h.title,
            document_no: h.document_no,
            unit: h.unit,
            published_at: day::rfc3339(day::from_millis(h.published_at)),
            valid_until: h.valid_until,
            read: h.is_read,
        }
    }
}

/// A search and a place in the list.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Search {
    pub q: Option<String>,
    pub after: Option<String>,
    pub limit: Option<u32>,
}

impl Search {
    pub(crate) fn paging(&self) -> Paging {
        Paging { after: self.after.clone(), limit: self.limit }
    }

    pub(crate) fn words(&self) -> &str {
        self.q.as_deref().unwrap_or("")
    }
}

/// The notices that concern me, newest first; with `q` those that hold all of its words in title, number or text.
#[utoipa::path(get, path = "/api/v1/notices", params(("q" = Option<String>, Query), Paging), responses((status = 200, body = Page<HeadlineInfo>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<Search>) -> Reply {
    let page = reading::concerning(&site, &visitor.actor, q.words(), &q.paging()).await?;
    let items: Vec<HeadlineInfo> = page.items.into_iter().map(HeadlineInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// Write a notice, published at once with `publish`; a draft otherwise.
#[utoipa::path(post, path = "/api/v1/notices", request_body = NewNotice, responses((status = 201, body = NoticeInfo),
    (status = 404, description = "a unit outside of the own places"), (status = 422)))]
async fn create(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewNotice>) -> Reply {
    let id = write::create(&site, &visitor.actor, &new).await?;
    let notice = info(&site, &visitor, &id).await?;
    Ok((StatusCode::CREATED, axum::Json(notice)).into_response())
}

#[derive(Serialize, ToSchema)]
struct NoticeInfo {
    id: String,
    /// `draft`, `published` or `withdrawn`.
    state: String,
    version: i64,
    unit: String,
    document_no: String,
    title: String,
    /// Harmless HTML.
    body: String,
    valid_from: String,
    valid_until: Option<String>,
    forwards: Option<String>,
    /// The topics of the public subject that it cites.
    topics: Vec<String>,
    /// The id of the tender that it cites.
    tender: Option<String>,
    by_sms: bool,
    by_mail: bool,
    #[schema(value_type = Vec<NewRow>)]
    trainings: Vec<NewRow>,
    /// `[{"id","name"}]`.
    #[schema(value_type = Vec<Object>)]
    files: Vec<Value>,
    contact_name: String,
    contact_phone: String,
    published_at: Option<String>,
    reason: Option<String>,
}

/// The table of trainings as it is written.
pub(crate) fn rows(notice: &Notice) -> Vec<NewRow> {
    let row = |t: &crate::notice::Training| NewRow {
        title: t.title.clone(),
        from: t.from.map(|d| d.to_string()),
        to: t.to.map(|d| d.to_string()),
        hours: t.hours.map(|h| h.to_string()),
        offset_hours: t.offset.map(|h| h.to_string()),
        fee: t.fee.clone(),
        remark: t.remark.clone(),
    };
    notice.content.trainings.iter().map(row).collect()
}

/// The topics of the public subject that a notice cites.
pub(crate) async fn topics(site: &Site, notice: &Notice) -> Result<Vec<String>> {
    let Some(year) = notice.content.topics_of else { return Ok(vec![]) };
    Ok(hours::in_force(&site.db, year).await?.policy.topics.clone())
}

async fn info(site: &Site, visitor: &Visitor, id: &str) -> Result<NoticeInfo> {
    let n = reading::visible(site, &visitor.actor, id, None).await?;
    let cited = files::cited(&site.db, &[&write::attachments(&n.id, n.shown_version)]).await?;
    Ok(NoticeInfo {
        state: base::person::Code::code(&n.state),
        version: n.version,
        topics: topics(site, &n).await?,
        tender: n.content.tender.clone(),
        by_sms: n.content.ways.by_sms,
        by_mail: n.content.ways.by_mail,
        trainings: rows(&n),
        files: cited.into_iter().map(|f| json!({"id": f.id, "name": f.name})).collect(),
        published_at: n.published_at.map(day::rfc3339),
        valid_from: n.content.valid_from.to_string(),
        valid_until: n.content.valid_until.map(|d| d.to_string()),
        body: n.content.body.html().to_owned(),
        id: n.id,
        unit: n.unit_name,
        document_no: n.content.document_no,
        title: n.content.title,
        forwards: n.forwards,
        contact_name: n.content.contact_name,
        contact_phone: n.content.contact_phone,
        reason: n.reason,
    })
}

/// A notice that concerns me or is issued below me.
#[utoipa::path(get, path = "/api/v1/notices/{id}", params(("id" = String, Path)), responses((status = 200, body = NoticeInfo),
    (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    Ok(axum::Json(info(&site, &visitor, &id).await?).into_response())
}

/// Change a notice: a new version that everyone it is for is told of; the older ones stay.
#[utoipa::path(put, path = "/api/v1/notices/{id}", params(("id" = String, Path)), request_body = NewNotice,
    responses((status = 200, body = NoticeInfo), (status = 404), (status = 409, description = "notice_withdrawn"), (status = 422)))]
async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(new): Json<NewNotice>,
) -> Reply {
    write::change(&site, &visitor.actor, &id, &new).await?;
    Ok(axum::Json(info(&site, &visitor, &id).await?).into_response())
}

/// I have read it.
#[utoipa::path(post, path = "/api/v1/notices/{id}/read", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
async fn read(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let notice = reading::visible(&site, &visitor.actor, &id, None).await?;
    reading::read(&site, &visitor.actor, &notice).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    /// What the readers see.
    reason: String,
}

/// Take a published notice back.
#[utoipa::path(post, path = "/api/v1/notices/{id}/withdraw", params(("id" = String, Path)), request_body = Withdrawal,
    responses((status = 204), (status = 404), (status = 409, description = "notice_not_published")))]
async fn withdraw(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(w): Json<Withdrawal>,
) -> Reply {
    write::withdraw(&site, &visitor.actor, &id, &w.reason).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct Missing {
    id: String,
    name: String,
    unit: String,
    department: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ReceiptsInfo {
    /// Whom it is for.
    targets: i64,
    /// Who has read the newest version.
    read: i64,
    /// Who has not.
    items: Vec<Missing>,
    next: Option<String>,
}

/// How many of how many have read it, and who has not.
#[utoipa::path(get, path = "/api/v1/notices/{id}/receipts", params(("id" = String, Path), Paging), responses((status = 200, body = ReceiptsInfo), (status = 404)))]
async fn receipts(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Reply {
    let (_, r) = reading::receipts(&site, &visitor.actor, &id, &paging).await?;
    let missing = r.missing.items.into_iter();
    let items =
        missing.map(|u| Missing { id: u.id, name: u.name, unit: u.unit, department: u.department }).collect();
    let body = ReceiptsInfo { targets: r.targets, read: r.read, items, next: r.missing.next };
    Ok(axum::Json(body).into_response())
}
