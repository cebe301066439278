//! Certificates over the JSON API (contract).
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use base::{Error, Role, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{Number, Press, issue, store, verify};

pub(crate) fn routes(press: &Press) -> Routes {
    let (for_api, for_pages) = (press.clone(), press.clone());
    Routes::new()
        .post("/api/v1/certificates", Access::SignedIn, ask)
        .get("/api/v1/certificates/{file}", Access::SignedIn, move |site, visitor, path| {
            pdf(for_api.clone(), site, visitor, path)
        })
        .get("/certificates/{file}", Access::SignedIn, move |site, visitor, path| {
            pdf(for_pages.clone(), site, visitor, path)
        })
        .get("/api/v1/verify/{no}", Access::Public, check)
}

#[derive(OpenApi)]
#[openapi(paths(ask, pdf, check), components(schemas(YearBody, Issued, verify::Verdict)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct YearBody {
    #[schema(value_type = u16)]
    year: Year,
}

#[derive(Serialize, ToSchema)]
struct Issued {
    no: String,
    pdf: String,
    verify_url: String,
}

/// Ask for the certificate of a year; the same one when asked again.
#[utoipa::path(post, path = "/api/v1/certificates", request_body = YearBody, responses((status = 201, body = Issued),
    (status = 409, description = "not_satisfied with the shortfall, exempt, or profile_incomplete")))]
async fn ask(State(site): State<Site>, visitor: Visitor, Json(b): Json<YearBody>) -> Reply {
    let certificate = issue(&site, visitor.actor.person, b.year).await?;
    let pdf = format!("{}/api/v1/certificates/{}.pdf", site.settings.public_url, certificate.no);
    let body = Issued { no: certificate.no.to_string(), pdf, verify_url: certificate.verify_url(&site) };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// Who besides the holder may see a certificate: those who see the person.
const READERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Hr, Role::Auditor];

/// The certificate as PDF.
#[utoipa::path(get, path = "/api/v1/certificates/{no}.pdf", params(("no" = String, Path)), responses((status = 200)))]
async fn pdf(press: Press, State(site): State<Site>, visitor: Visitor, Path(file): Path<String>) -> Reply {
    let no = file.strip_suffix(".pdf").and_then(Number::parse).ok_or_else(Error::not_found)?;
    let certificate = store::by_number(&site.db, &no).await?.ok_or_else(Error::not_found)?;
    if certificate.person != visitor.actor.person {
        let holder = org::person(&site.db, certificate.person).await?;
        if !visitor.actor.scope(READERS).holds(&holder.path) {
            return Err(Error::not_found().into());
        }
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

#[derive(Deserialize)]
struct Signed {
    s: Option<String>,
}

/// Check a certificate; public.
#[utoipa::path(get, path = "/api/v1/verify/{no}", params(("no" = String, Path)), responses((status = 200, body = verify::Verdict)))]
async fn check(State(site): State<Site>, Path(no): Path<String>, Query(q): Query<Signed>) -> Reply {
    Ok(axum::Json(verify::verify(&site, &no, q.s.as_deref()).await?).into_response())
}
