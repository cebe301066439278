//! The launch of a cmi5 unit (cmi5 §8–§10): its address, its launch data, the statement that it was launched.
use base::{Error, Result, day};
use serde::Deserialize;
use serde_json::{Value, json};
use site::Site;

use crate::{Item, Package, Ticket, store, store_sessions, unit_session::Session};

const CMI5: &str = "https://w3id.org/xapi/cmi5/context";
const MODE: &str = "Normal";

/// What a launch's fetch address carries: which session it begins, once.
#[derive(Deserialize)]
pub(crate) struct Launch {
    #[serde(default)]
    session: String,
    #[serde(default)]
    item: String,
    #[serde(default)]
    seal: String,
}

/// What a fetch address answers.
pub(crate) enum Fetched {
    Token(String),
    /// It was answered before (cmi5 8.2.3.2, error 1).
    Used,
    /// It was not issued here (error 2).
    Forged,
}

/// The unit's address with the five parameters of a launch (cmi5 §8.1). Each opening is a launch with a session of its own.
pub(crate) fn address(site: &Site, ticket: &Ticket, sealed: &str, item: &Item, file: &str) -> String {
    let origin = site.settings.content_url.clone().unwrap_or_default();
    let id: base::SessionId = site.new_id();
    let id = id.to_string();
    let mut fetch = url::form_urlencoded::Serializer::new(String::new());
    fetch.append_pair("session", &id).append_pair("item", &item.id);
    fetch.append_pair("seal", &site.keys.mac("packages.launch", &parts(sealed, &id, &item.id)));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("endpoint", &format!("{origin}/content/{sealed}/xapi/"))
        .append_pair("fetch", &format!("{origin}/content/{sealed}/fetch?{}", fetch.finish()))
        .append_pair("actor", &actor(site, ticket).to_string())
        .append_pair("registration", &registration(ticket))
        .append_pair("activityId", &activity(site, ticket, &item.id));
    let mark = if file.contains('?') { '&' } else { '?' };
    format!("{file}{mark}{}", query.finish())
}

fn parts<'a>(sealed: &'a str, session: &'a str, item: &'a str) -> [&'a [u8]; 3] {
    [sealed.as_bytes(), session.as_bytes(), item.as_bytes()]
}

/// Begins the session of a fetch address, once, and writes down that the unit was launched.
pub(crate) async fn fetch(
    site: &Site,
    (ticket, sealed): (&Ticket, &str),
    launch: &Launch,
) -> Result<Fetched> {
    let Launch { session, item, seal } = launch;
    if !site.keys.mac_holds("packages.launch", &parts(sealed, session, item), seal) {
        return Ok(Fetched::Forged);
    }
    let package = ticket.package(site).await?;
    let item = package.item(item).ok_or_else(Error::not_found)?;
    let tx = site.db.begin().await?;
    if !store_sessions::begin(&tx, ticket, (session, &item.id), site.now()).await? {
        return Ok(Fetched::Used);
    }
    let id = store::fresh(site);
    let launched = launched(site, (ticket, sealed), item, (session, &id));
    store::state(&tx, ticket, (&id, &launched.to_string()), site.now()).await?;
    tx.commit().await?;
    Ok(Fetched::Token(Session::token(site, sealed, session)))
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

/// What a unit is called here: never as its publisher calls it (cmi5 8.1, activityId).
fn activity(site: &Site, ticket: &Ticket, item: &str) -> String {
    format!("{}/activities/{}", site.settings.public_url, uuid(&format!("{} {item}", ticket.lecture)))
}

/// The unit that an activity's id means: by what it is called here, or by its publisher.
pub(crate) fn unit<'a>(site: &Site, ticket: &Ticket, package: &'a Package, id: &str) -> Option<&'a Item> {
    package.items.iter().find(|i| i.id == id || activity(site, ticket, &i.id) == id)
}

/// The UUID that a text has.
fn uuid(text: &str) -> String {
    let hex = secrets::sha256_hex(text.as_bytes());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// What every statement of a session says of its context (cmi5 §10, contextTemplate).
fn context(ticket: &Ticket, item: &Item, session: &str) -> Value {
    json!({
        "registration": registration(ticket),
        "contextActivities": {"grouping": [{"objectType": "Activity", "id": item.id}]},
        "extensions": {format!("{CMI5}/extensions/sessionid"): session},
    })
}

/// What the learning system tells a unit (cmi5 §10).
pub(crate) fn data(ticket: &Ticket, item: &Item, session: &str) -> Value {
    let mut data = json!({
        "contextTemplate": context(ticket, item, session),
        "launchMode": MODE, "launchMethod": item.launch_method, "moveOn": item.move_on,
    });
    let optional = [
        ("launchParameters", said(&item.data)),
        ("masteryScore", mastery(item)),
        ("entitlementKey", said(&item.entitlement).map(|key| json!({"courseStructure": key}))),
    ];
    add(&mut data, optional);
    data
}

/// The statement of the learning system that a unit was launched (cmi5 9.3.1, 9.6.3).
fn launched(
    site: &Site,
    (ticket, sealed): (&Ticket, &str),
    item: &Item,
    (session, id): (&str, &str),
) -> Value {
    let mut context = context(ticket, item, session);
    if let Some(activities) = context.get_mut("contextActivities") {
        let category = json!([{"objectType": "Activity", "id": format!("{CMI5}/categories/cmi5")}]);
        add(activities, [("category", Some(category))]);
    }
    if let Some(extensions) = context.get_mut("extensions") {
        let origin = site.settings.content_url.as_deref().unwrap_or_default();
        let of = |name: &str| format!("{CMI5}/extensions/{name}");
        let all = [
            (of("launchmode"), Some(json!(MODE))),
            (of("launchurl"), Some(json!(format!("{origin}/content/{sealed}/files/{}", item.href)))),
            (of("moveon"), Some(json!(item.move_on))),
            (of("masteryscore"), mastery(item)),
            (of("launchparameters"), said(&item.data)),
        ];
        add(extensions, all.iter().map(|(name, value)| (name.as_str(), value.clone())));
    }
    let now = day::rfc3339(site.now());
    json!({
        "id": id, "actor": actor(site, ticket),
        "verb": {"id": "http://adlnet.gov/expapi/verbs/launched", "display": {"en": "launched"}},
        "object": {"objectType": "Activity", "id": activity(site, ticket, &item.id)},
        "context": context, "timestamp": now, "stored": now,
    })
}

fn said(text: &str) -> Option<Value> {
    Some(json!(text)).filter(|_| !text.is_empty())
}

fn mastery(item: &Item) -> Option<Value> {
    item.mastery.parse::<f64>().ok().map(|score| json!(score))
}

/// Adds what there is to an object.
fn add<'a>(object: &mut Value, members: impl IntoIterator<Item = (&'a str, Option<Value>)>) {
    if let Some(map) = object.as_object_mut() {
        map.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
}
