//! The defence against requests that another site makes with a visitor's cookie: the origin for all, a token for forms.
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, header},
};
use base::{Error, Kind, Result, SessionId};

use crate::{Site, Via, Visitor};

/// Forms carry text; files come as multipart and are limited by their own extractor.
const MAX_FORM: usize = 256 * 1024;

/// The token that forms of the session carry.
pub(crate) fn token(site: &Site, session: SessionId) -> String {
    site.keys.mac("csrf", &[session.to_string().as_bytes()]).chars().take(32).collect()
}

/// Refuses a change that the visitor's own page did not ask for. JSON under `/api/`: the origin is the defence
/// (contract); forms: origin and token. Multipart forms are checked by [`crate::Upload`], which reads their parts.
pub(crate) async fn defend(site: &Site, visitor: Option<&Visitor>, request: Request) -> Result<Request> {
    let by_cookie = visitor.is_some_and(|v| v.via == Via::Cookie);
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(request);
    }
    let is_api = request.uri().path().starts_with("/api/");
    if (by_cookie || !is_api) && !is_same_origin(site, request.headers(), by_cookie && is_api) {
        return Err(Error::refused(Kind::Denied, "cross_origin"));
    }
    let Some(visitor) = visitor.filter(|_| by_cookie && !is_api) else { return Ok(request) };
    let csrf = visitor.csrf(site);
    if request.headers().get("x-csrf-token").is_some_and(|t| t.as_bytes() == csrf.as_bytes()) {
        return Ok(request);
    }
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    if kind.starts_with("multipart/form-data") {
        return Ok(request);
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Error::refused(Kind::Unsupported, "unsupported_media_type"));
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_FORM).await.map_err(|_| Error::refused(Kind::TooLarge, "too_large"))?;
    let sent = url::form_urlencoded::parse(&bytes).find(|(name, _)| name == "_csrf");
    if sent.is_none_or(|(_, value)| value != csrf.as_str()) {
        return Err(Error::refused(Kind::Denied, "form_expired"));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Whether the browser says that our own page asked. Programs send neither header; `strict` refuses them too.
fn is_same_origin(site: &Site, headers: &HeaderMap, strict: bool) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(place) = text("sec-fetch-site") {
        return matches!(place, "same-origin" | "none");
    }
    match text("origin") {
        Some(origin) => origin == site.settings.public_url || is_own_host(headers, origin),
        None => !strict,
    }
}

/// Reached under another name than the public address (a loopback tunnel): the origin's host is the request's host.
fn is_own_host(headers: &HeaderMap, origin: &str) -> bool {
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok());
    origin.split_once("://").map(|(_, host)| host) == host && host.is_some()
}
