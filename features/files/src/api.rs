//! Uploading and reading files over HTTP (contract: `POST /files`).
use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Actor, Error, PersonId, Result, Role, person::Code};
use serde::Serialize;
use serde_json::json;
use site::{Access, Reply, Routes, Site, Upload, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{Kind, accept, scan, store};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/files", Access::SignedIn, upload)
        .get("/api/v1/files/{id}", Access::SignedIn, download)
        .get("/files/{id}", Access::SignedIn, download)
}

#[derive(OpenApi)]
#[openapi(paths(upload, download), components(schemas(Uploaded)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct Uploaded {
    id: String,
    sha256: String,
}

/// Hand in evidence: PDF, JPEG or PNG up to 10 MiB in the field `file`. Images are drawn anew without EXIF.
#[utoipa::path(post, path = "/api/v1/files",
    request_body(content = site::OneFile, content_type = "multipart/form-data"),
    responses((status = 201, body = Uploaded),
    (status = 413, description = "too_large or file_quota"), (status = 422, description = "what is wrong with the file")))]
async fn upload(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let Some(file) = upload.file else { return Err(Error::invalid("file", "required").into()) };
    if !upload.more.is_empty() {
        return Err(Error::invalid("file", "file_one").into());
    }
    let stored = accept(&site, visitor.actor.person, file).await?;
    Ok((StatusCode::CREATED, axum::Json(Uploaded { id: stored.id, sha256: stored.sha256 })).into_response())
}

/// Who reads the evidence of claims below.
const CLAIM_READERS: &[Role] =
    &[Role::UnitAdmin, Role::Reviewer, Role::Authority, Role::Auditor, Role::DepartmentHead];

/// Who reads the invoices of a reimbursement.
const FEE_READERS: &[Role] = &[Role::DepartmentHead, Role::UnitAdmin, Role::Hr, Role::Finance];
/// Who reads that of exemptions, which may be medical: whoever decides them (security §6).
const CASE_READERS: &[Role] = &[Role::UnitAdmin, Role::Reviewer, Role::Authority];
/// Who reads that of leaves and of corrections of who someone is.
const RECORD_READERS: &[Role] = &[Role::UnitAdmin, Role::Authority];
/// Who reads the source documents of years before the ledger: who keeps those people's records, and who audits.
const SOURCE_READERS: &[Role] = &[Role::UnitAdmin, Role::Hr, Role::Authority, Role::Auditor];

async fn may_read(site: &Site, actor: &Actor, id: &str, owner: PersonId) -> Result<bool> {
    if owner == actor.person {
        return Ok(true);
    }
    if store::is_cited_for(&site.db, id, actor.person).await? {
        return Ok(true);
    }
    let (claims, cases) = (actor.scope(CLAIM_READERS), actor.scope(CASE_READERS));
    Ok(store::is_cited_in(&site.db, id, &["claim", "scan"], &claims).await?
        || store::is_cited_in(&site.db, id, &["exemption", "case_scan"], &cases).await?
        || store::is_cited_in(&site.db, id, &["leave", "correction"], &actor.scope(RECORD_READERS)).await?
        || store::is_cited_in(&site.db, id, &["legacy"], &actor.scope(SOURCE_READERS)).await?
        || store::is_cited_in(&site.db, id, &["ticket"], &actor.scope(&[Role::Support])).await?
        || store::is_cited_in(&site.db, id, &["reimbursement"], &actor.scope(FEE_READERS)).await?)
}

/// A file, for its owner and for those who review what cites it; the right is looked at each time.
#[utoipa::path(get, path = "/api/v1/files/{id}", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", description = "in its own type")))]
async fn download(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = store::by_id(&site.db, &id).await?.ok_or_else(Error::not_found)?;
    let owner: PersonId = found.owner_id.parse()?;
    if !may_read(&site, &visitor.actor, &id, owner).await? {
        return Err(Error::not_found().into());
    }
    scan::refuse_doubtful(&found, owner == visitor.actor.person)?;
    if owner != visitor.actor.person {
        note(&site, &visitor.actor, &id, owner).await?;
    }
    Ok(handed_out(&site, found).await?)
}

/// A file whose reader the caller has looked at, such as one that a notice carries.
pub async fn given(site: &Site, id: &str) -> Result<Response> {
    let found = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    scan::refuse_doubtful(&found, false)?;
    handed_out(site, found).await
}

async fn handed_out(site: &Site, found: store::Found) -> Result<Response> {
    let kind = Kind::from_code(&found.kind).ok_or_else(|| Error::internal("unknown kind of file"))?;
    let bytes = found.bytes(site).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type())),
        (header::CONTENT_DISPOSITION, disposition(kind, &found.name)?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, bytes).into_response())
}

/// Others than the owner leave a trace when they read.
async fn note(site: &Site, actor: &Actor, id: &str, owner: PersonId) -> Result<()> {
    let person = org::person(&site.db, owner).await?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "file.read",
        object: id,
        unit_path: &person.path,
        details: json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// The name as RFC 6266 has it: plain for old readers, and whole.
fn disposition(kind: Kind, name: &str) -> Result<HeaderValue> {
    let whole: String = name
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-._".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    let text = format!("attachment; filename=\"evidence.{}\"; filename*=UTF-8''{whole}", kind.code());
    HeaderValue::from_str(&text).map_err(Error::internal)
}
