//! The page and the API of seal images: adding, two consents, ending, and the log of uses.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Result, day};
use serde::Serialize;
use site::{Access, Frame, Page, Reply, Routes, Site, Upload, Visitor, dates, html, see_other};
use utoipa::{OpenApi, ToSchema};

use crate::{
    seal_image::{self as seal, KEEPERS},
    store_seals as store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/certificates/seals", Access::Roles(KEEPERS), page)
        .post("/certificates/seals", Access::Roles(KEEPERS), add)
        .post("/certificates/seals/{id}/consent", Access::Roles(KEEPERS), consent)
        .post("/certificates/seals/{id}/end", Access::Roles(KEEPERS), end)
        .get("/api/v1/seals", Access::Roles(KEEPERS), list)
        .post("/api/v1/seals", Access::Roles(KEEPERS), api_add)
        .post("/api/v1/seals/{id}/consent", Access::Roles(KEEPERS), api_consent)
        .delete("/api/v1/seals/{id}", Access::Roles(KEEPERS), api_end)
}

#[derive(OpenApi)]
#[openapi(paths(list, api_add, api_consent, api_end))]
struct Docs;

/// This part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// An image of a seal.
#[derive(Serialize, ToSchema)]
struct SealShown {
    id: String,
    authority: String,
    sha256: String,
    /// Whether two people consented and nobody ended it.
    in_use: bool,
    /// On how many certificates it was set.
    uses: i64,
}

/// Images of seals, who consented, and how often each was used.
#[utoipa::path(get, path = "/api/v1/seals", responses((status = 200, body = Page<SealShown>)))]
async fn list(State(site): State<Site>) -> Reply {
    let item = |s: store::Listed| {
        let is_used = s.first_name.is_some() && s.second_name.is_some() && s.ended_at.is_none();
        SealShown { id: s.id, authority: s.authority, sha256: s.sha256, in_use: is_used, uses: s.uses }
    };
    let listed = store::listed(&site.db).await?;
    Ok(axum::Json(Page::whole(listed.into_iter().map(item).collect())).into_response())
}

async fn added(site: &Site, visitor: &Visitor, upload: Upload) -> Result<String> {
    let file = upload.file.ok_or_else(|| Error::invalid("file", "required"))?;
    seal::add(site, &visitor.actor, &file.bytes).await
}

/// What an image is known by.
#[derive(Serialize, ToSchema)]
struct SealAdded {
    id: String,
}

/// Add an image (PNG, multipart `file`); it is used once two people have consented.
#[utoipa::path(post, path = "/api/v1/seals",
    request_body(content = site::OneFile, content_type = "multipart/form-data"),
    responses((status = 201, body = SealAdded), (status = 422, description = "seal_image")))]
async fn api_add(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let id = added(&site, &visitor, upload).await?;
    Ok((StatusCode::CREATED, axum::Json(SealAdded { id })).into_response())
}

/// Consent to an image's use.
#[utoipa::path(post, path = "/api/v1/seals/{id}/consent", params(("id" = String, Path)),
    responses((status = 204), (status = 409, description = "seal_consented or seal_ended")))]
async fn api_consent(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    seal::consent(&site, &visitor.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// End an image's use.
#[utoipa::path(delete, path = "/api/v1/seals/{id}", params(("id" = String, Path)), responses((status = 204)))]
async fn api_end(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    seal::end(&site, &visitor.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

struct Line {
    id: String,
    authority: String,
    added: String,
    consents: Vec<String>,
    uses: i64,
    recent: Vec<String>,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "certificates/seals.html")]
struct SealsPage {
    frame: Frame,
    seals: Vec<Line>,
    problem: String,
}

async fn seals_page(site: &Site, visitor: &Visitor, problem: String) -> Result<SealsPage> {
    let mut seals = vec![];
    for s in store::listed(&site.db).await? {
        let consents: Vec<String> = [s.first_name, s.second_name].into_iter().flatten().collect();
        let recent = if s.uses > 0 { store::uses(&site.db, &s.id).await? } else { vec![] };
        let minute = |millis: i64| dates::minute(day::from_millis(millis));
        let recent = recent
            .into_iter()
            .take(20)
            .map(|u| format!("{} \u{b7} {} \u{b7} {}", minute(u.used_at), u.no, u.revision));
        seals.push(Line {
            id: s.id,
            authority: s.authority,
            added: format!("{} \u{b7} {}", s.added_name, minute(s.added_at)),
            state: match (s.ended_at, consents.len()) {
                (Some(_), _) => "ended",
                (None, 2) => "used",
                (None, _) => "waiting",
            },
            consents,
            uses: s.uses,
            recent: recent.collect(),
        });
    }
    Ok(SealsPage { frame: Frame::of(site, visitor, "/certificates/seals", "page-seals"), seals, problem })
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&seals_page(&site, &visitor, String::new()).await?)
}

/// Back to the page, or the page with what was refused.
async fn after(site: &Site, visitor: &Visitor, done: Result<()>) -> Reply {
    match done {
        Ok(()) => Ok(see_other("/certificates/seals")),
        Err(Error::Refused(p)) if matches!(p.kind, base::Kind::Invalid | base::Kind::Conflict) => {
            html(&seals_page(site, visitor, site.texts.refusal(&p)).await?)
        }
        Err(e) => Err(e.into()),
    }
}

async fn add(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let done = added(&site, &visitor, upload).await.map(|_| ());
    after(&site, &visitor, done).await
}

async fn consent(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let done = seal::consent(&site, &visitor.actor, &id).await;
    after(&site, &visitor, done).await
}

async fn end(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let done = seal::end(&site, &visitor.actor, &id).await;
    after(&site, &visitor, done).await
}
