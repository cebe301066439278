//! Failures as HTTP: RFC 9457 problems for programs, readable pages for people. Rendered once, outermost.
use std::sync::Arc;

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use base::{Error, Kind, Problems};
use serde_json::{Map, Value, json};

use crate::{Frame, Site};

/// What handlers answer.
pub type Reply = Result<Response, Failure>;

/// An error on its way out.
#[derive(Debug)]
pub struct Failure(pub Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[derive(Clone)]
struct Failed(Arc<Error>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        if let Error::Internal(cause) = &self.0 {
            tracing::error!(error = %cause, "request failed");
        }
        response.extensions_mut().insert(Failed(Arc::new(self.0)));
        response
    }
}

/// The one place where kinds of refusal become statuses.
fn status(error: &Error) -> StatusCode {
    let Error::Refused(problems) = error else { return StatusCode::INTERNAL_SERVER_ERROR };
    match problems.kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Unpaid => StatusCode::PAYMENT_REQUIRED,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Gone => StatusCode::GONE,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Locked => StatusCode::LOCKED,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// For whom a failure is told: a program, or a person with the page to come back to after signing in.
pub(crate) enum Reader {
    Program,
    Person { back: String },
}

impl Reader {
    /// Programs call `/api/` and `/xapi/` (a learning package calls its own), or ask for JSON.
    pub(crate) fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let accept = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let wants_json = accept.contains("json") && !accept.contains("text/html");
        if wants_json || path.starts_with("/api/") || path.contains("/xapi/") {
            return Self::Program;
        }
        let is_get = request.method() == axum::http::Method::GET;
        let own = || request.uri().path_and_query().map_or_else(String::new, |p| p.as_str().to_owned());
        Self::Person { back: if is_get { own() } else { page_before(request.headers()) } }
    }
}

/// What an extractor answers in words of its own, as the failure that it is: a query that could not be read, a body over
/// the limit of those that are taken as they come.
pub(crate) fn of_extractor(response: Response) -> Response {
    let is_text =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|k| k.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::BAD_REQUEST if is_text => Failure(Error::invalid("query", "wrong_value")).into_response(),
        StatusCode::PAYLOAD_TOO_LARGE if is_text => {
            Failure(Error::refused(Kind::TooLarge, "too_large")).into_response()
        }
        _ => response,
    }
}

/// Gives a failure its form: problem documents for programs, pages and redirects for people.
pub(crate) fn render(site: &Site, reader: &Reader, mut response: Response) -> Response {
    let Some(Failed(error)) = response.extensions_mut().remove::<Failed>() else { return response };
    let Reader::Person { back } = reader else { return problem(site, &error) };
    match error.code() {
        "unauthenticated" | "session_expired" | "session_ended" => to_sign_in(back, error.code()),
        "action_required" => Redirect::to("/first-sign-in").into_response(),
        "second_factor_required" => Redirect::to("/me/account/totp").into_response(),
        _ => page(site, &error),
    }
}

/// The page that a form was sent from, to come back to after signing in; the first page where the browser does not say.
fn page_before(headers: &axum::http::HeaderMap) -> String {
    let from =
        headers.get(header::REFERER).and_then(|v| v.to_str().ok()).and_then(|v| url::Url::parse(v).ok());
    let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let own = from.filter(|url| url.authority() == host);
    own.map_or_else(|| "/".to_owned(), |url| url.path().to_owned())
}

fn to_sign_in(next: &str, reason: &str) -> Response {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", next)
        .append_pair("reason", reason)
        .finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

fn problem(site: &Site, error: &Error) -> Response {
    let status = status(error);
    let mut body = Map::new();
    body.insert("type".into(), json!("about:blank"));
    body.insert("status".into(), json!(status.as_u16()));
    body.insert("code".into(), json!(error.code()));
    body.insert("title".into(), json!(title(site, error)));
    let mut response = status.into_response();
    if let Error::Refused(problems) = error {
        if !problems.fields.is_empty() {
            body.insert("errors".into(), Value::Array(fields(site, problems)));
        }
        body.extend(problems.extra.clone());
        if let Some(seconds) = problems.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    *response.body_mut() = Value::Object(body).to_string().into();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

fn fields(site: &Site, problems: &Problems) -> Vec<Value> {
    let one = |f: &base::FieldProblem| json!({"field": f.field, "code": f.code, "message": site.texts.get(&format!("field-{}", f.code))});
    problems.fields.iter().map(one).collect()
}

/// What happened, in a sentence.
pub(crate) fn title(site: &Site, error: &Error) -> String {
    let minutes = match error {
        Error::Refused(p) => p.retry_after.map_or(0, |s| s.div_ceil(60)),
        Error::Internal(_) => 0,
    };
    site.texts.with(&format!("error-{}", error.code()), &[("minutes", &minutes.to_string())])
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    title: String,
    detail: String,
    steps: Vec<String>,
    back: &'static str,
    back_label: String,
    reference: String,
}

fn page(site: &Site, error: &Error) -> Response {
    let status = status(error);
    let key = format!("todo-{}", error.code());
    let todo = site.texts.get(if site.texts.has(&key) { &key } else { "todo-other" });
    let page = ProblemPage {
        frame: Frame::plain(site, &site.texts.get("page-problem")),
        title: title(site, error),
        detail: todo,
        steps: vec![],
        back: "/",
        back_label: site.texts.get("back-home"),
        reference: String::new(),
    };
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => status.into_response(),
    }
}
