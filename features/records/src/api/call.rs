//! A request as the resources read it: method, version, sender, parameters, body; the alternate syntax of 1.0.3
//! (Communication 1.3) is undone here.
use std::sync::Arc;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
};
use futures::StreamExt;
use site::Site;

use crate::{
    check,
    doors::Door,
    format, identity,
    json::{self, Json},
    problem::Place,
    version::Version,
};

use super::{Records, Refusal, Resource, VERSION};

/// The most that a request may hold, in bytes: statements with attachments, or a document.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// What is read and thrown away of a request that is too large, so that its sender gets to read the refusal.
const DRAINED: usize = 64 * 1024 * 1024;

/// A request of a provider.
pub(crate) struct Call {
    pub method: Method,
    pub version: Version,
    pub params: Params,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub door: Arc<Door>,
}

/// A request that can be served, or the refusal in the version that its sender speaks.
pub(crate) enum Opened {
    Call(Box<Call>),
    Refused(Version, Refusal),
}

/// Form parameters that stand for headers in the alternate syntax (Communication 1.3.s3.b6).
const AS_HEADERS: &[&str] = &[
    "authorization",
    "x-experience-api-version",
    "content-type",
    "content-length",
    "if-match",
    "if-none-match",
];

pub(crate) async fn open(site: &Site, records: &Records, resource: Resource, request: Request) -> Opened {
    let (mut parts, body) = request.into_parts();
    let mut spoken = Version::V2;
    match read(site, records, resource, (&mut parts, body), &mut spoken).await {
        Ok(call) => Opened::Call(Box::new(call)),
        Err(refusal) => Opened::Refused(spoken, refusal),
    }
}

async fn read(
    site: &Site,
    records: &Records,
    resource: Resource,
    (parts, body): (&mut Parts, Body),
    spoken: &mut Version,
) -> Result<Call, Refusal> {
    let mut params = Params::read(parts.uri.query().unwrap_or(""));
    let mut method = if parts.method == Method::HEAD { Method::GET } else { parts.method.clone() };
    let is_alternate =
        method == Method::POST && params.get("method").is_some() && may_be_alternate(&parts.headers);
    let mut content = None;
    let mut body = Some(body);
    if is_alternate {
        let form = take(&mut body, &parts.headers).await?;
        (method, content) = alternate(&mut parts.headers, &mut params, &form)?;
    }
    if resource != Resource::Unknown && !resource.methods().contains(&method) {
        *spoken = version(&parts.headers).unwrap_or(Version::V2);
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the resource does not take this method"));
    }
    let said = version(&parts.headers);
    *spoken = said.unwrap_or(Version::V2);
    let door = door(site, records, &parts.headers).await?;
    if resource == Resource::About {
        let nobody = Arc::new(Door::nobody());
        return Ok(Call {
            method,
            version: *spoken,
            params,
            headers: parts.headers.clone(),
            body: Bytes::new(),
            door: door.unwrap_or(nobody),
        });
    }
    let Some(version) = said else {
        if let Some(door) = &door {
            *spoken = door.last_spoken();
        }
        return Err(Refusal::bad(
            "X-Experience-API-Version must name a version that is spoken here: 1.0.x or 2.0.x",
        ));
    };
    let door =
        door.ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "the credentials are missing or wrong"))?;
    if let Some(seconds) = door.use_up(base::day::millis(site.now())) {
        return Err(Refusal::wait(seconds));
    }
    door.spoke(version);
    let body = match content {
        Some(content) => content,
        None if matches!(method, Method::PUT | Method::POST) => take(&mut body, &parts.headers).await?,
        None => Bytes::new(),
    };
    Ok(Call { method, version, params, headers: parts.headers.clone(), body, door })
}

fn version(headers: &HeaderMap) -> Option<Version> {
    headers.get(VERSION).and_then(|v| v.to_str().ok()).and_then(|v| Version::of_header(v.trim()))
}

async fn door(site: &Site, records: &Records, headers: &HeaderMap) -> Result<Option<Arc<Door>>, Refusal> {
    let header = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    Ok(records.doors.open(site, header).await?)
}

/// 2.0.0 knows no alternate syntax; its requests keep `method` as a parameter, which nothing knows.
fn may_be_alternate(headers: &HeaderMap) -> bool {
    version(headers) != Some(Version::V2)
}

/// Undoes the alternate syntax: the form's parameters become headers, parameters and content.
fn alternate(
    headers: &mut HeaderMap,
    params: &mut Params,
    form: &[u8],
) -> Result<(Method, Option<Bytes>), Refusal> {
    let named = params.get("method").unwrap_or_default().to_owned();
    if params.0.len() != 1 {
        return Err(Refusal::bad("in the alternate syntax `method` is the only parameter of the address"));
    }
    let method = match named.as_str() {
        "GET" | "HEAD" => Method::GET,
        "PUT" => Method::PUT,
        "POST" => Method::POST,
        "DELETE" => Method::DELETE,
        _ => return Err(Refusal::bad("`method` names no method")),
    };
    let mut content = None;
    *params = Params(vec![]);
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in url::form_urlencoded::parse(form) {
        let lower = name.to_ascii_lowercase();
        if name == "content" {
            content = Some(Bytes::from(value.into_owned()));
        } else if AS_HEADERS.contains(&lower.as_str()) {
            let value = HeaderValue::from_str(&value)
                .map_err(|_| Refusal::bad(format!("{name} is no header value")))?;
            let name =
                HeaderName::from_bytes(lower.as_bytes()).map_err(|_| Refusal::bad("no header name"))?;
            headers.insert(name, value);
        } else {
            params.0.push((name.into_owned(), value.into_owned()));
        }
    }
    if version(headers) == Some(Version::V2) {
        return Err(Refusal::bad("2.0.0 has no alternate syntax"));
    }
    if matches!(method, Method::PUT | Method::POST) {
        if content.is_none() {
            return Err(Refusal::bad("the form parameter `content` is missing"));
        }
        headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    }
    Ok((method, content.or(Some(Bytes::new()))))
}

/// The whole body, if it is not too large.
async fn take(body: &mut Option<Body>, headers: &HeaderMap) -> Result<Bytes, Refusal> {
    let Some(body) = body.take() else { return Ok(Bytes::new()) };
    let said = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    let expected = said.or(body.size_hint().upper().and_then(|n| usize::try_from(n).ok())).unwrap_or(0);
    let mut bytes = Vec::with_capacity(expected.min(MOST_BYTES));
    let mut total = 0_usize;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::bad("the request ended too early"))?;
        total += chunk.len();
        if total > DRAINED {
            break;
        }
        if total <= MOST_BYTES {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = vec![];
        }
    }
    if total > MOST_BYTES { Err(Refusal::too_large()) } else { Ok(Bytes::from(bytes)) }
}

impl Call {
    /// The media type of the body without parameters, in lower case.
    pub fn media_type(&self) -> String {
        self.content_type().split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// The content type as it was sent.
    pub fn content_type(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// A header's text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
}

/// The parameters of a request in their order.
#[derive(Clone, Debug)]
pub(crate) struct Params(pub Vec<(String, String)>);

impl Params {
    fn read(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Refuses what is not known here, in this case (Communication 3.2.s3.b7), and what is given twice.
    pub fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        for (n, (name, _)) in self.0.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(Refusal::bad(format!("the parameter {name:?} is not known here")));
            }
            if self.0.iter().take(n).any(|(other, _)| other == name) {
                return Err(Refusal::bad(format!("the parameter {name} is given twice")));
            }
        }
        Ok(())
    }

    /// The value of a parameter that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::bad(format!("the parameter {name} is missing")))
    }

    fn formatted(
        &self,
        name: &str,
        fits: impl Fn(&str) -> bool,
        what: &str,
    ) -> Result<Option<&str>, Refusal> {
        match self.get(name) {
            Some(value) if !fits(value) => Err(Refusal::bad(format!("{name}: must be {what}"))),
            found => Ok(found),
        }
    }

    /// A UUID, in lower case.
    pub fn uuid(&self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.formatted(name, format::is_uuid, "a UUID")?.map(str::to_ascii_lowercase))
    }

    /// An absolute IRI.
    pub fn iri(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.formatted(name, format::is_iri, "an IRI with a scheme")
    }

    /// `true` or `false`.
    pub fn boolean(&self, name: &str) -> Result<bool, Refusal> {
        Ok(self.formatted(name, |v| matches!(v, "true" | "false"), "true or false")? == Some("true"))
    }

    /// A timestamp, in microseconds.
    pub fn moment(&self, name: &str, version: Version) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let moment = format::moment(value, version);
        moment.map(|m| Some(m.micros)).ok_or_else(|| Refusal::bad(format!("{name}: must be a timestamp")))
    }

    /// The key of an Agent, and of an identified Group where `groups` allows it.
    pub fn agent(&self, name: &str, groups: bool) -> Result<Option<String>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let agent = agent(text, name, groups)?;
        let key = identity::key(&agent);
        key.map(Some).ok_or_else(|| Refusal::bad(format!("{name}: an anonymous Group cannot be asked for")))
    }
}

/// Reads an Agent or Group from a parameter.
pub(crate) fn agent<'t>(text: &'t str, name: &str, groups: bool) -> Result<Json<'t>, Refusal> {
    let agent = json::parse(text).map_err(|e| Refusal::bad(format!("{name}: {e}")))?;
    let place = Place::root(name);
    if groups {
        check::agent_or_group(&agent, &place)?;
    } else {
        check::agent(&agent, &place)?;
    }
    Ok(agent)
}
