//! Answers: refusals with the standard's codes and a sentence that says why, and the headers of what is returned.
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::{json::Json, problem::Problem};

/// What a resource answers.
pub(crate) type Said = Result<Response, Refusal>;

/// A refusal (Communication 3.2).
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    text: String,
    /// Seconds after which the same request may be made again.
    retry_after: Option<i64>,
}

impl Refusal {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), retry_after: None }
    }

    pub fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    pub fn not_found(text: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the request is larger than the store takes")
    }

    /// The provider's quota of this minute is used up.
    pub fn wait(seconds: i64) -> Self {
        let text = format!("the quota of this minute is used up; try again in {seconds} s");
        Self { status: StatusCode::TOO_MANY_REQUESTS, text, retry_after: Some(seconds) }
    }

    /// As plain text, or as JSON for those who take nothing else.
    pub fn into_response(self, is_json: bool) -> Response {
        let (kind, body) = if is_json {
            let error = Json::object([("error", Json::from_text(self.text))]);
            ("application/json", error.to_string())
        } else {
            ("text/plain; charset=utf-8", self.text)
        };
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"xAPI\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::bad(problem.to_string())
    }
}

impl From<base::Error> for Refusal {
    fn from(error: base::Error) -> Self {
        tracing::error!(error = %error, "the record store failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the store failed; nothing was changed")
    }
}

/// Whether the sender takes JSON and neither plain text nor anything.
pub(crate) fn wants_json(accept: Option<&HeaderValue>) -> bool {
    let accept = accept.and_then(|v| v.to_str().ok()).unwrap_or("");
    accept.contains("json") && !accept.contains("text/plain") && !accept.contains("*/*")
}

/// 204.
pub(crate) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// JSON with its entity tag.
pub(crate) fn json(body: String) -> Response {
    let tag = etag(body.as_bytes());
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::ETAG, tag)];
    (headers, body).into_response()
}

/// JSON of a size that is not hashed for a tag.
pub(crate) fn plain_json(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The entity tag that the standard asks for: the SHA-1 of the content (Communication 3.1.s4.b2).
pub(crate) fn etag(content: &[u8]) -> String {
    format!("\"{}\"", secrets::hex(digest(&SHA1_FOR_LEGACY_USE_ONLY, content).as_ref()))
}

/// Sets when what is returned was last changed, in whole seconds as HTTP has them.
pub(crate) fn modified(mut response: Response, micros: i64) -> Response {
    let at = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let text = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(header::LAST_MODIFIED, value);
    }
    response
}

/// A document of a provider: whatever it is, no browser runs it here.
pub(crate) fn document(content_type: &str, etag: &str, content: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(content));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(content_type);
    headers
        .insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    let policy = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
