//! Certificates over the JSON API (contract).
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use base::{Error, Role, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Upload, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    Certificate, Kind, Number, Press, credential, issue, issue_exemption, issue_statement, status, store,
    verify::{self, Question},
};

pub(crate) fn routes(press: &Press) -> Routes {
    let (for_api, for_pages) = (press.clone(), press.clone());
    Routes::new()
        .post("/api/v1/certificates", Access::SignedIn, ask)
        .for_former()
        .get("/api/v1/certificates/{file}", Access::SignedIn, move |site, visitor, path| {
            pdf(for_api.clone(), site, visitor, path)
        })
        .get("/certificates/{file}", Access::SignedIn, move |site, visitor, path| {
            pdf(for_pages.clone(), site, visitor, path)
        })
        .get("/api/v1/verify/{no}", Access::Public, check)
        .post("/api/v1/verify", Access::Public, check_file)
        .get("/credentials/status/{list}", Access::Public, status_list)
}

#[derive(OpenApi)]
#[openapi(
    paths(ask, pdf, badge, check, check_file),
    components(schemas(Wanted, Kind, Issued, verify::Verdict))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut all = Docs::openapi();
    all.merge(crate::pages_seal::docs());
    all
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    year: Year,
    /// `training` unless given; `exemption` or `statement`.
    kind: Option<Kind>,
    /// Of a statement: more years than the one.
    years: Option<Vec<Year>>,
}

#[derive(Serialize, ToSchema)]
struct Issued {
    no: String,
    pdf: String,
    verify_url: String,
}

/// Ask for the certificate of a year; the same one when asked again.
#[utoipa::path(post, path = "/api/v1/certificates", request_body = Wanted, responses((status = 201, body = Issued),
    (status = 409, description = "not_satisfied with the shortfall, exempt, or profile_incomplete")))]
async fn ask(State(site): State<Site>, visitor: Visitor, Json(b): Json<Wanted>) -> Reply {
    let person = visitor.actor.person;
    let certificate = match b.kind.unwrap_or_default() {
        Kind::Training | Kind::MakeUp => issue(&site, person, b.year).await?,
        Kind::Exemption => issue_exemption(&site, person, b.year).await?,
        Kind::Statement => {
            let years = b.years.unwrap_or_default().into_iter().chain([b.year]).collect::<Vec<_>>();
            issue_statement(&site, person, &years).await?
        }
    };
    let pdf = format!("{}/api/v1/certificates/{}.pdf", site.settings.public_url, certificate.no);
    let body = Issued { no: certificate.no.to_string(), pdf, verify_url: certificate.online_url(&site) };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// Who besides the holder may see a certificate: those who see the person.
const READERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Hr, Role::Auditor];

/// The certificate as PDF.
#[utoipa::path(get, path = "/api/v1/certificates/{no}.pdf", params(("no" = String, Path)),
    responses((status = 200, content_type = "application/pdf")))]
async fn pdf(press: Press, State(site): State<Site>, visitor: Visitor, Path(file): Path<String>) -> Reply {
    let (stem, is_badge) = match file.strip_suffix(".json") {
        Some(stem) => (stem, true),
        None => (file.strip_suffix(".pdf").ok_or_else(Error::not_found)?, false),
    };
    let no = Number::parse(stem).ok_or_else(Error::not_found)?;
    let certificate = store::by_number(&site.db, &no).await?.ok_or_else(Error::not_found)?;
    if certificate.person != visitor.actor.person {
        let holder = org::person(&site.db, certificate.person).await?;
        if !visitor.actor.scope(READERS).holds(&holder.path) {
            return Err(Error::not_found().into());
        }
    }
    if is_badge {
        return badge(&site, &certificate);
    }
    let bytes = press.print(&site, &certificate).await?;
    let name = format!("inline; filename=\"certificate-{}.pdf\"", certificate.no);
    let disposition = HeaderValue::from_str(&name).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

/// The certificate as an Open Badges 3.0 credential.
#[utoipa::path(get, path = "/api/v1/certificates/{no}.json", params(("no" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/vc+ld+json")))]
fn badge(site: &Site, certificate: &Certificate) -> Reply {
    let body = credential::of(site, certificate)?.to_string();
    let name = format!("attachment; filename=\"certificate-{}.json\"", certificate.no);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/vc+ld+json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, body).into_response())
}

/// A status list of revocation; public.
async fn status_list(State(site): State<Site>, Path(list): Path<String>) -> Reply {
    let list = list.parse().map_err(|_| Error::not_found())?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/vc+ld+json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Ok((headers, status::list(&site, list).await?.to_string()).into_response())
}

#[derive(Deserialize)]
struct Asked {
    s: Option<String>,
    name: Option<String>,
}

/// Check a certificate; public.
#[utoipa::path(get, path = "/api/v1/verify/{no}", params(("no" = String, Path),
    ("s" = Option<String>, Query, description = "the QR code's signature"),
    ("name" = Option<String>, Query, description = "the holder's name: with a wrong one the answer is unknown")), responses((status = 200, body = verify::Verdict),
    (status = 429, description = "too many checks from one network")))]
async fn check(State(site): State<Site>, Path(no): Path<String>, Query(q): Query<Asked>) -> Reply {
    let question = Question { signature: q.s.as_deref(), name: q.name.as_deref() };
    Ok(axum::Json(verify::verify(&site, &no, question).await?).into_response())
}

/// Check a certificate's file (multipart, field `file`); public.
#[utoipa::path(post, path = "/api/v1/verify",
    request_body(content = site::OneFile, content_type = "multipart/form-data"),
    responses((status = 200, body = verify::Verdict)))]
async fn check_file(State(site): State<Site>, upload: Upload) -> Reply {
    let file = upload.file.ok_or_else(|| Error::invalid("file", "verify_file"))?;
    Ok(axum::Json(verify::verify_file(&site, &file.bytes).await?).into_response())
}
