//! A client of the JSON API, as another program would be.
use std::sync::OnceLock;

use reqwest::Method;
use serde_json::Value;

/// An answer: status, headers, body as JSON where it is JSON.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body's bytes.
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

/// A call as it was made and answered.
pub struct Exchange<'a> {
    /// The method.
    pub method: &'a str,
    /// The path without its query.
    pub path: &'a str,
    /// The body that was sent.
    pub request: &'a [u8],
    /// What came back.
    pub answer: &'a Answer,
}

static WATCHER: OnceLock<fn(&Exchange<'_>)> = OnceLock::new();

/// Shows every call of this process to a check, which panics where one is not as it should be.
pub fn watch(check: fn(&Exchange<'_>)) {
    let _ = WATCHER.set(check);
}

/// A client, with the bearer token of someone or of nobody.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    /// A client that has not signed in.
    pub fn new(url: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        Self { http: http.expect("a client"), url: url.to_owned(), token: None }
    }

    /// The same client as someone.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Calls with a JSON body; null sends none.
    pub async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let bytes = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        self.send(method, path, ("application/json", bytes), &[]).await
    }

    /// Calls with any body and headers.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        (kind, body): (&str, Vec<u8>),
        headers: &[(&str, &str)],
    ) -> Answer {
        let verb = Method::from_bytes(method.as_bytes()).expect("a method");
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.url) };
        let mut request = self.http.request(verb, address);
        if !body.is_empty() {
            request = request.header("content-type", kind).body(body.clone());
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body").to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status, headers, bytes, json };
        if let Some(check) = WATCHER.get() {
            let path = path.split('?').next().unwrap_or(path);
            check(&Exchange { method, path, request: &body, answer: &answer });
        }
        answer
    }
}

impl Answer {
    /// The problem's stable code; empty for an answer that is none.
    pub fn code(&self) -> &str {
        self.json.get("code").and_then(Value::as_str).unwrap_or("")
    }

    /// The code of what is wrong with a field; empty when nothing is.
    pub fn field_code(&self, field: &str) -> &str {
        let errors = self.json.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let of_field = errors.iter().find(|e| e.get("field").is_some_and(|f| f == field));
        of_field.and_then(|e| e.get("code").and_then(Value::as_str)).unwrap_or("")
    }
}
