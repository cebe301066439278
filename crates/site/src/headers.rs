//! What is around every route.
use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    handler::Handler,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base::Error;
use futures::FutureExt;
use tracing::Instrument;

use crate::{Failure, Routes, Site, assets, failure, guard, origins, rest, routes::Gate};

/// The Content-Security-Policy of every page; a route that needs more appends to it.
pub const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
                      form-action 'self'; img-src 'self' data:";

impl Routes {
    /// The whole service: routes behind their guards, assets, failures in their form, headers on every answer.
    pub fn into_service(self, site: &Site) -> Router {
        self.into_router(site)
            .route("/assets/{file}", get(asset))
            .fallback(nothing)
            .method_not_allowed_fallback(nothing)
            .with_state(site.clone())
    }
}

/// Lets a request through to a route's handler as its rule says.
pub(crate) async fn pass(gate: Arc<Gate>, request: Request) -> Response {
    let gate = &*gate;
    let guarded = async |request| guard::enforce(gate, request).await.into_response();
    around(&gate.site, request, guarded).await
}

async fn asset(State(site): State<Site>, request: Request) -> Response {
    around(&site, request, |request| assets::serve.call(request, site.clone())).await
}

async fn nothing(State(site): State<Site>, request: Request) -> Response {
    around(&site, request, |_| async { Failure(Error::not_found()).into_response() }).await
}

/// A request in the log: the route's pattern, since addresses may hold an ID number that was searched for, or a secret.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}

/// Each host its own paths; failures in their form, a panic being one of them; headers on every answer. Who sent too much
/// is let finish before it is told.
async fn around<F: Future<Output = Response>>(
    site: &Site,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let (span, reader) = (span(&request), failure::Reader::of(&request));
    let is_statements = request.uri().path().contains("/xapi/");
    let (request, rest) = rest::lend(request);
    let mut response = if origins::answers(site, &request) {
        let answered = AssertUnwindSafe(async { next(request).await }).catch_unwind().instrument(span).await;
        answered.unwrap_or_else(|_| Failure(Error::internal("a handler panicked")).into_response())
    } else {
        Failure(Error::not_found()).into_response()
    };
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        rest.discard().await;
    }
    if !is_statements {
        response = failure::of_extractor(response);
    }
    response = failure::render(site, &reader, response);
    tracing::debug!(status = response.status().as_u16(), "answered");
    add_headers(site, &mut response);
    response
}

/// The headers of security item 7, where the handler did not set its own.
fn add_headers(site: &Site, response: &mut Response) {
    let headers = response.headers_mut();
    headers.reserve(8);
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    put(header::CACHE_CONTROL, "no-store");
    if site.settings.secure {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
}
