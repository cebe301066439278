//! cmi5: the launch, and as much of an xAPI store as an assignable unit needs of its learning system (cmi5 §8–§10): its
//! launch data, its own documents, its statements. Everything belongs to the learner of the ticket; whatever a unit says
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

use crate::{Item, Ticket, api_documents, pages_content::part, result, store};

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

/// The unit's address with the five parameters of a launch (cmi5 §8.1).
pub(crate) fn launch(site: &Site, ticket: &Ticket, sealed: &str, item: &Item, file: &str) -> String {
    let origin = site.settings.content_url.clone().unwrap_or_default();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("endpoint", &format!("{origin}/content/{sealed}/xapi/"))
        .append_pair("fetch", &format!("{origin}/content/{sealed}/fetch"))
        .append_pair("actor", &actor(site, ticket).to_string())
        .append_pair("registration", &registration(ticket))
        .append_pair("activityId", &item.id);
    let mark = if file.contains('?') { '&' } else { '?' };
    format!("{file}{mark}{}", query.finish())
}

fn actor(site: &Site, ticket: &Ticket) -> Value {
    json!({
        "objectType": "Agent",
        "account": {"homePage": site.settings.public_url, "name": ticket.learner.to_string()},
    })
}

/// The same for a learner's round of a lecture always: a UUID made from them.
fn registration(ticket: &Ticket) -> String {
    uuid(&format!("{} {} {}", ticket.learner, ticket.lecture, ticket.round))
}

/// The UUID that a text has.
fn uuid(text: &str) -> String {
    let hex = secrets::sha256_hex(text.as_bytes());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// What a unit authenticates with; bound to the ticket.
fn token(site: &Site, sealed: &str) -> String {
    site.keys.mac("packages.cmi5", &[sealed.as_bytes()])
}

async fn fetch(State(site): State<Site>, Parts(sealed): Parts<String>) -> Reply {
    Ticket::open(&site, &sealed).ok_or_else(Error::not_found)?;
    Ok(axum::Json(json!({"auth-token": token(&site, &sealed)})).into_response())
}

/// The ticket of a request that carries the token.
fn admitted(site: &Site, sealed: &str, headers: &HeaderMap) -> Result<Ticket> {
    let ticket = Ticket::open(site, sealed).ok_or_else(Error::not_found)?;
    let said = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let given = said.strip_prefix("Basic ").unwrap_or_default().trim();
    if site.keys.mac_holds("packages.cmi5", &[sealed.as_bytes()], given) {
        return Ok(ticket);
    }
    Err(Error::denied())
}

type Asked = Query<HashMap<String, String>>;

fn parameter<'a>(query: &'a HashMap<String, String>, name: &str) -> Result<&'a str> {
    query.get(name).map(String::as_str).ok_or_else(|| Error::invalid(name, "required"))
}

/// The part and the name under which a document is kept: state of an activity, or a profile.
fn place(resource: &str, query: &HashMap<String, String>) -> Result<(String, String)> {
    match resource {
        "activities/state" => Ok((
            parameter(query, "activityId")?.to_owned(),
            format!("state:{}", parameter(query, "stateId")?),
        )),
        "activities/profile" => {
            let id = parameter(query, "activityId")?.to_owned();
            Ok((id, format!("profile:{}", parameter(query, "profileId")?)))
        }
        "agents/profile" => Ok((String::new(), format!("agent:{}", parameter(query, "profileId")?))),
        _ => Err(Error::not_found()),
    }
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
    let ticket = admitted(&site, &sealed, &headers)?;
    if resource == "statements" {
        let limit = query.get("limit").and_then(|l| l.parse().ok()).filter(|l| *l > 0).unwrap_or(100_i64);
        let stated = store::stated(&site.db, &ticket, limit.min(200)).await?;
        let list: Vec<Value> = stated.iter().filter_map(|s| serde_json::from_str(s).ok()).collect();
        return Ok(versioned(axum::Json(json!({"statements": list, "more": ""})).into_response()));
    }
    if resource == "activities/state" && !query.contains_key("stateId") {
        let all = store::names(&site.db, &ticket, parameter(&query, "activityId")?).await?;
        let ids: Vec<&str> = all.iter().filter_map(|n| n.strip_prefix("state:")).collect();
        return Ok(versioned(axum::Json(ids).into_response()));
    }
    let (item, name) = place(resource, &query)?;
    if name == format!("state:{LAUNCH_DATA}") {
        let data = launch_data(&site, (&ticket, &sealed), &item).await?;
        return Ok(versioned(axum::Json(data).into_response()));
    }
    match store::kept(&site.db, &ticket, (&item, &name)).await? {
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

/// What the learning system tells a unit (cmi5 §10).
async fn launch_data(site: &Site, (ticket, sealed): (&Ticket, &str), item: &str) -> Result<Value> {
    let (package, item) = part(site, ticket, item).await?;
    let mut data = json!({
        "contextTemplate": {
            "registration": registration(ticket),
            "contextActivities": {"grouping": [{"objectType": "Activity", "id": item.id}]},
            // Each opening of the lecture's page has a ticket, and so a session, of its own.
            "extensions": {"https://w3id.org/xapi/cmi5/context/extensions/sessionid": uuid(&format!("{sealed} {}", item.id))},
        },
        "launchMode": "Normal", "launchMethod": "AnyWindow", "moveOn": item.move_on,
        "publisherId": package.id,
    });
    if let Some(map) = data.as_object_mut() {
        if !item.data.is_empty() {
            map.insert("launchParameters".into(), json!(item.data));
        }
        if let Ok(mastery) = item.mastery.parse::<f64>() {
            map.insert("masteryScore".into(), json!(mastery));
        }
    }
    Ok(data)
}

async fn write(
    State(site): State<Site>,
    Parts((sealed, resource)): Parts<(String, String)>,
    Query(query): Asked,
    request: Request,
) -> Reply {
    let resource = plain(&resource);
    let ticket = admitted(&site, &sealed, request.headers())?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").chars().take(100).collect::<String>();
    let body = api_documents::read(request).await?;
    if resource == "statements" {
        return stated(&site, &ticket, &query, &body).await;
    }
    let (item, name) = place(resource, &query)?;
    if name.ends_with(LAUNCH_DATA) {
        return Err(Error::denied().into());
    }
    if store::count(&site.db, &ticket).await? >= MOST_DOCUMENTS {
        return Err(Error::refused(Kind::TooLarge, "too_large").into());
    }
    store::keep(&site.db, &ticket, (&item, &name), (&kind, &body), site.now()).await?;
    Ok(versioned(StatusCode::NO_CONTENT.into_response()))
}

/// Takes one statement or several; what decides a part's result is noted.
async fn stated(site: &Site, ticket: &Ticket, query: &HashMap<String, String>, body: &str) -> Reply {
    let malformed = || Error::refused(Kind::Malformed, "malformed_json");
    let read: Value = serde_json::from_str(body).map_err(|_| malformed())?;
    let list = match read {
        Value::Array(list) => list,
        one => vec![one],
    };
    if store::stated_count(&site.db, ticket).await? + i64::try_from(list.len()).unwrap_or(i64::MAX)
        > MOST_STATEMENTS
    {
        return Err(Error::refused(Kind::TooLarge, "too_large").into());
    }
    let package = ticket.package(site).await?;
    let mut ids = vec![];
    for mut statement in list {
        let map = statement.as_object_mut().ok_or_else(malformed)?;
        let given = query.get("statementId").cloned();
        let own = map.get("id").and_then(Value::as_str).map(str::to_owned);
        let id = given.or(own).unwrap_or_else(|| store::fresh(site));
        map.insert("id".into(), json!(id));
        map.insert("stored".into(), json!(day::rfc3339(site.now())));
        let about = statement.pointer("/object/id").and_then(Value::as_str).unwrap_or_default();
        let item = package.item(about).map(|i| i.id.clone());
        let is_new = store::state(&site.db, ticket, (&id, &statement.to_string()), site.now()).await?;
        if let (true, Some(item), Some((status, score))) = (is_new, item, result::of_statement(&statement)) {
            store::say(&site.db, ticket, &item, (status, score.as_deref()), site.now()).await?;
        }
        ids.push(id);
    }
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
    let ticket = admitted(&site, &sealed, &headers)?;
    let (item, name) = place(plain(&resource), &query)?;
    store::drop_document(&site.db, &ticket, (&item, &name)).await?;
    Ok(versioned(StatusCode::NO_CONTENT.into_response()))
}

fn versioned(mut response: axum::response::Response) -> axum::response::Response {
    let version = axum::http::HeaderValue::from_static("1.0.3");
    response.headers_mut().insert("x-experience-api-version", version);
    response
}
