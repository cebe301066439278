//! cmi5: the token of a launch, and as much of an xAPI store as an assignable unit needs of its learning system (cmi5 §8–§10):
//! its launch data, its own documents, its statements. Everything belongs to the learner of the ticket; whatever a unit says
//! of another agent is kept as the learner's.
use axum::{
    extract::{Path as Parts, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use base::{Error, Kind, Result, day};
use serde_json::{Value, json};
use site::{Access, Reply, Routes, Site};
use std::collections::HashMap;

use crate::{
    Ticket, api_documents,
    launch::{self, Fetched, Launch},
    pages_content::part,
    result, store, store_sessions,
    unit_session::Session,
};

/// A unit's own documents, and its statements, are at most so many.
const MOST_DOCUMENTS: i64 = 200;
const MOST_STATEMENTS: i64 = 5_000;
const LAUNCH_DATA: &str = "LMS.LaunchData";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/content/{ticket}/fetch", Access::Public, fetch)
        .get("/content/{ticket}/xapi/{*resource}", Access::Public, read)
        .put("/content/{ticket}/xapi/{*resource}", Access::Public, write)
        .post("/content/{ticket}/xapi/{*resource}", Access::Public, write)
        .delete("/content/{ticket}/xapi/{*resource}", Access::Public, remove)
}

type Answer = HashMap<&'static str, String>;

/// The session's token: the first time only (cmi5 8.2). Every answer is an answer to a valid request, errors included.
async fn fetch(
    State(site): State<Site>,
    Parts(sealed): Parts<String>,
    Query(launch): Query<Launch>,
) -> Reply {
    let ticket = Ticket::open(&site, &sealed);
    let fetched = match &ticket {
        Some(ticket) => launch::fetch(&site, (ticket, &sealed), &launch).await?,
        None => Fetched::Forged,
    };
    let error = |code: &str, text: &str| {
        Answer::from([("error-code", code.to_owned()), ("error-text", text.to_owned())])
    };
    let answer = match fetched {
        Fetched::Token(token) => Answer::from([("auth-token", token)]),
        Fetched::Used => error("1", "The authorization token has already been returned."),
        Fetched::Forged => error("2", "The launch is unknown here, or it is over."),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(answer)).into_response())
}

/// The ticket and the session of a request that carries the token.
async fn admitted(site: &Site, sealed: &str, headers: &HeaderMap) -> Result<(Ticket, Session)> {
    let ticket = Ticket::open(site, sealed).ok_or_else(Error::not_found)?;
    let said = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let token = said.strip_prefix("Basic ").unwrap_or_default().trim();
    let session = Session::of_token(site, (&ticket, sealed), token).await?;
    Ok((ticket, session))
}

type Asked = Query<HashMap<String, String>>;

fn parameter<'a>(query: &'a HashMap<String, String>, name: &str) -> Result<&'a str> {
    query.get(name).map(String::as_str).ok_or_else(|| Error::invalid(name, "required"))
}

/// The part and the name under which a document is kept: state of an activity, or a profile.
async fn place(
    site: &Site,
    ticket: &Ticket,
    resource: &str,
    query: &HashMap<String, String>,
) -> Result<(String, String)> {
    let (name, id) = match resource {
        "activities/state" => ("state", "stateId"),
        "activities/profile" => ("profile", "profileId"),
        "agents/profile" => {
            return Ok((String::new(), format!("agent:{}", parameter(query, "profileId")?)));
        }
        _ => return Err(Error::not_found()),
    };
    let item = item(site, ticket, parameter(query, "activityId")?).await?;
    Ok((item, format!("{name}:{}", parameter(query, id)?)))
}

/// What an activity's documents are kept under: its unit, where it is one.
async fn item(site: &Site, ticket: &Ticket, activity: &str) -> Result<String> {
    let package = ticket.package(site).await?;
    let unit = launch::unit(site, ticket, &package, activity);
    Ok(unit.map_or_else(|| activity.to_owned(), |u| u.id.clone()))
}

/// Units put a slash between the endpoint and a resource, or none: both name the same.
fn plain(resource: &str) -> &str {
    resource.trim_start_matches('/')
}

async fn read(
    State(site): State<Site>,
    Parts((sealed, resource)): Parts<(String, String)>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Reply {
    let resource = plain(&resource);
    if resource == "about" {
        return Ok(versioned(axum::Json(json!({"version": ["1.0.3"]})).into_response()));
    }
    let (ticket, session) = admitted(&site, &sealed, &headers).await?;
    if resource == "statements" {
        let limit = query.get("limit").and_then(|l| l.parse().ok()).filter(|l| *l > 0).unwrap_or(100_i64);
        let stated = store::stated(&site.db, &ticket, limit.min(200)).await?;
        let list: Vec<Value> = stated.iter().filter_map(|s| serde_json::from_str(s).ok()).collect();
        return Ok(versioned(axum::Json(json!({"statements": list, "more": ""})).into_response()));
    }
    if resource == "activities/state" && !query.contains_key("stateId") {
        let item = item(&site, &ticket, parameter(&query, "activityId")?).await?;
        let all = store::names(&site.db, &ticket, &item).await?;
        let ids: Vec<&str> = all.iter().filter_map(|n| n.strip_prefix("state:")).collect();
        return Ok(versioned(axum::Json(ids).into_response()));
    }
    let (item, name) = place(&site, &ticket, resource, &query).await?;
    if name == format!("state:{LAUNCH_DATA}") {
        // A session is one unit's.
        let (_, own) = part(&site, &ticket, &item).await?;
        let own = Some(own).filter(|own| own.id == session.item).ok_or_else(Error::not_found)?;
        return Ok(versioned(axum::Json(launch::data(&ticket, &own, &session.id)).into_response()));
    }
    document(&site, &ticket, (&item, &name)).await
}

/// A document that was kept; a learner's preferences are there without.
async fn document(site: &Site, ticket: &Ticket, (item, name): (&str, &str)) -> Reply {
    match store::kept(&site.db, ticket, (item, name)).await? {
        Some(kept) => {
            let tag = format!("\"{}\"", secrets::sha256_hex(kept.body.as_bytes()));
            let at = day::rfc3339(day::from_millis(kept.at));
            let headers =
                [(header::CONTENT_TYPE, kept.content_type), (header::ETAG, tag), (header::LAST_MODIFIED, at)];
            Ok(versioned((headers, kept.body).into_response()))
        }
        None if name == "agent:cmi5LearnerPreferences" => {
            let preferences = json!({"languagePreference": "zh-CN", "audioPreference": "on"});
            Ok(versioned(axum::Json(preferences).into_response()))
        }
        None => Err(Error::not_found().into()),
    }
}

async fn write(
    State(site): State<Site>,
    Parts((sealed, resource)): Parts<(String, String)>,
    Query(query): Asked,
    request: Request,
) -> Reply {
    let resource = plain(&resource);
    let (ticket, session) = admitted(&site, &sealed, request.headers()).await?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").chars().take(100).collect::<String>();
    let body = api_documents::read(request, api_documents::MOST_BYTES).await?;
    if resource == "statements" {
        return stated(&site, (&ticket, &session), &query, &body).await;
    }
    let (item, name) = place(&site, &ticket, resource, &query).await?;
    if name.ends_with(LAUNCH_DATA) {
        return Err(Error::denied().into());
    }
    if store::count(&site.db, &ticket).await? >= MOST_DOCUMENTS {
        return Err(Error::refused(Kind::TooLarge, "too_large").into());
    }
    store::keep(&site.db, &ticket, (&item, &name), (&kind, &body), site.now()).await?;
    Ok(versioned(StatusCode::NO_CONTENT.into_response()))
}

fn malformed() -> Error {
    Error::refused(Kind::Malformed, "malformed_json")
}

/// The statements of a body, each with an id.
fn listed(site: &Site, query: &HashMap<String, String>, body: &str) -> Result<Vec<(String, Value)>> {
    let read: Value = serde_json::from_str(body).map_err(|_| malformed())?;
    let list = match read {
        Value::Array(list) => list,
        one => vec![one],
    };
    let one = |mut statement: Value| {
        let map = statement.as_object_mut().ok_or_else(malformed)?;
        let own = map.get("id").and_then(Value::as_str).map(str::to_owned);
        let id = query.get("statementId").cloned().or(own).unwrap_or_else(|| store::fresh(site));
        map.insert("id".into(), json!(id));
        map.insert("stored".into(), json!(day::rfc3339(site.now())));
        Ok((id, statement))
    };
    list.into_iter().map(one).collect()
}

/// Takes one statement or several, all or none; what decides a part's result is noted. Nothing is taken after the session's
/// end, but what was taken before may be sent again.
async fn stated(
    site: &Site,
    (ticket, session): (&Ticket, &Session),
    query: &HashMap<String, String>,
    body: &str,
) -> Reply {
    let list = listed(site, query, body)?;
    let package = ticket.package(site).await?;
    let tx = site.db.begin().await?;
    let mut session = store_sessions::hold(&tx, ticket, &session.id).await?;
    let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
    if store::stated_count(&tx, ticket).await?.saturating_add(count) > MOST_STATEMENTS {
        return Err(Error::refused(Kind::TooLarge, "too_large").into());
    }
    let ids: Vec<&str> = list.iter().map(|(id, _)| id.as_str()).collect();
    let known = store::known(&tx, ticket, &ids).await?;
    let was_open = session.end.is_none();
    for (id, statement) in list.iter().filter(|(id, _)| !known.contains(id)) {
        session.hear(statement, day::millis(site.now()))?;
        let about = statement.pointer("/object/id").and_then(Value::as_str).unwrap_or_default();
        let item = launch::unit(site, ticket, &package, about).map(|i| i.id.as_str());
        let is_new = store::state(&tx, ticket, (id, &statement.to_string()), site.now()).await?;
        if let (true, Some(item), Some((status, score))) = (is_new, item, result::of_statement(statement)) {
            store::say(&tx, ticket, item, (status, score.as_deref()), site.now()).await?;
        }
    }
    if let Some(end) = session.end.filter(|_| was_open) {
        store_sessions::end(&tx, &session.id, end).await?;
    }
    tx.commit().await?;
    if query.contains_key("statementId") {
        return Ok(versioned(StatusCode::NO_CONTENT.into_response()));
    }
    Ok(versioned(axum::Json(ids).into_response()))
}

async fn remove(
    State(site): State<Site>,
    Parts((sealed, resource)): Parts<(String, String)>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Reply {
    let (ticket, _) = admitted(&site, &sealed, &headers).await?;
    let (item, name) = place(&site, &ticket, plain(&resource), &query).await?;
    store::drop_document(&site.db, &ticket, (&item, &name)).await?;
    Ok(versioned(StatusCode::NO_CONTENT.into_response()))
}

fn versioned(mut response: axum::response::Response) -> axum::response::Response {
    let version = axum::http::HeaderValue::from_static("1.0.3");
    response.headers_mut().insert("x-experience-api-version", version);
    response
}
