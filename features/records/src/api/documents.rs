//! State, Activity profile and Agent profile (Communication 2.2, 2.3, 2.6, 2.7, 3.1): documents under an id, with entity
//! tags against writing over what another wrote.
use axum::http::{Method, StatusCode, header};
use site::Site;

use crate::{
    format,
    json::{self, Json},
    store_documents::{self as store, Document, Shelf},
};

use super::{
    Resource,
    answer::{self, Refusal, Said},
    call::Call,
    is_strict_on_state,
};

/// Which documents a request is about.
struct Question {
    shelf: Shelf,
    /// The document's id; none asks for all.
    id: Option<String>,
    since: Option<i64>,
}

pub(super) async fn serve(site: &Site, resource: Resource, call: Call) -> Said {
    let question = question(resource, &call)?;
    let key = question.id.as_ref().map(|id| secrets::sha256_hex(id.as_bytes()));
    match (&call.method, &question.id, &key) {
        (&Method::GET, Some(_), Some(key)) => get(site, &question, key).await,
        (&Method::GET, _, _) => list(site, &question).await,
        (&Method::DELETE, None, _) if resource == Resource::State => {
            store::delete_all(&site.db, &question.shelf).await?;
            Ok(answer::no_content())
        }
        (_, Some(id), Some(key)) => change(site, resource, &call, (&question.shelf, key, id)).await,
        _ => Err(Refusal::bad(format!("the parameter {} is missing", id_name(resource)))),
    }
}

fn id_name(resource: Resource) -> &'static str {
    if resource == Resource::State { "stateId" } else { "profileId" }
}

fn question(resource: Resource, call: &Call) -> Result<Question, Refusal> {
    let known: &[&str] = match resource {
        Resource::State => &["activityId", "agent", "registration", "stateId", "since"],
        Resource::AgentProfile => &["agent", "profileId", "since"],
        _ => &["activityId", "profileId", "since"],
    };
    let params = &call.params;
    params.only(known)?;
    if call.method != Method::GET && params.get("since").is_some() {
        return Err(Refusal::bad("since: is only known to GET"));
    }
    let mut context = vec![id_name(resource).to_owned()];
    if resource != Resource::AgentProfile {
        params.required("activityId")?;
        context.push(params.iri("activityId")?.unwrap_or_default().to_owned());
    }
    if resource != Resource::ActivityProfile {
        params.required("agent")?;
        // 1.0.3 takes Agents only (Communication 2.6, note); 2.0.0 identified Groups too.
        context.push(params.agent("agent", is_strict_on_state(call.version))?.unwrap_or_default());
    }
    let shelf = Shelf {
        tenant: call.door.tenant,
        context: secrets::sha256_hex(context.join("\n").as_bytes()),
        registration: params.uuid("registration")?,
    };
    let id = params.get(id_name(resource)).map(str::to_owned);
    if id.as_ref().is_some_and(|id| id.contains('\0')) {
        return Err(Refusal::bad(format!("{}: must not hold NUL", id_name(resource))));
    }
    Ok(Question { shelf, id, since: params.moment("since", call.version)? })
}

async fn get(site: &Site, question: &Question, key: &str) -> Said {
    let found = store::read(&site.db, &question.shelf, key).await?;
    let found = found.ok_or_else(|| Refusal::not_found("there is no such document"))?;
    let response = answer::document(&found.content_type, &found.etag, found.content);
    Ok(answer::modified(response, found.updated))
}

async fn list(site: &Site, question: &Question) -> Said {
    let listed = store::list(&site.db, &question.shelf, question.since.unwrap_or(i64::MIN)).await?;
    let newest = listed.iter().map(|l| l.updated).max();
    let ids = Json::List(listed.iter().map(|l| Json::from_text(l.document_id.as_str())).collect());
    let response = answer::json(ids.to_string());
    Ok(newest.into_iter().fold(response, answer::modified))
}

/// PUT, POST and DELETE of one document, if what its sender knows of it still holds.
async fn change(
    site: &Site,
    resource: Resource,
    call: &Call,
    (shelf, key, id): (&Shelf, &str, &str),
) -> Said {
    let tx = site.db.begin().await?;
    store::lock(&tx, shelf.tenant).await?;
    let held = store::read(&tx, shelf, key).await?;
    precondition(call, held.as_ref())?;
    if call.method == Method::PUT {
        knows(resource, call, held.as_ref())?;
    }
    if call.method == Method::DELETE {
        store::delete(&tx, shelf, key).await?;
    } else {
        let (content_type, content) = content(call, held.as_ref())?;
        let now = site.now().as_microsecond();
        let updated = held.map_or(now, |h| now.max(h.updated + 1));
        let etag = answer::etag(&content);
        store::write(&tx, shelf, (key, id), Document { content_type, etag, updated, content }).await?;
    }
    tx.commit().await?;
    Ok(answer::no_content())
}

/// `If-Match` and `If-None-Match` (RFC 2616 14.24, 14.26).
fn precondition(call: &Call, held: Option<&Document>) -> Result<(), Refusal> {
    let matches = |list: &str| {
        held.is_some_and(|held| {
            let is_tag = |tag: &str| tag.trim().trim_start_matches("W/") == held.etag;
            list.trim() == "*" || list.split(',').any(is_tag)
        })
    };
    let wanted = call.header(header::IF_MATCH);
    let unwanted = call.header(header::IF_NONE_MATCH);
    if wanted.is_some_and(|list| !matches(list)) || unwanted.is_some_and(matches) {
        return Err(Refusal::new(
            StatusCode::PRECONDITION_FAILED,
            "the document is not the one that the sender knows",
        ));
    }
    Ok(())
}

/// A PUT over a document says that it knows it (Communication 3.1.s4.b13); State asks so in 2.0.0 only.
fn knows(resource: Resource, call: &Call, held: Option<&Document>) -> Result<(), Refusal> {
    let has_condition =
        [header::IF_MATCH, header::IF_NONE_MATCH].into_iter().any(|h| call.header(h).is_some());
    let is_state = resource == Resource::State;
    if has_condition || (is_state && !is_strict_on_state(call.version)) {
        return Ok(());
    }
    match held {
        Some(_) => Err(Refusal::new(
            StatusCode::CONFLICT,
            "the document exists: check its current state and set If-Match to its ETag to put another in its place",
        )),
        None if is_state => Ok(()),
        None => Err(Refusal::bad("PUT of a profile needs If-Match or If-None-Match")),
    }
}

/// What is stored: PUT takes anything, POST adds the members of a JSON object to those of another.
fn content(call: &Call, held: Option<&Document>) -> Result<(String, Vec<u8>), Refusal> {
    let sent = if call.content_type().is_empty() { "application/octet-stream" } else { call.content_type() };
    if !sent.is_ascii() || !format::is_media_type(sent) {
        return Err(Refusal::bad("Content-Type must be a media type"));
    }
    let is_json = call.media_type() == "application/json";
    if call.method == Method::PUT || (held.is_none() && !is_json) {
        return Ok((sent.to_owned(), call.body.to_vec()));
    }
    let no_object = || Refusal::bad("POST merges JSON objects of application/json only");
    if !is_json {
        return Err(no_object());
    }
    let newer = object(&call.body).ok_or_else(no_object)?;
    let Some(held) = held else { return Ok((sent.to_owned(), call.body.to_vec())) };
    let is_held_json =
        held.content_type.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json");
    let mut merged = object(&held.content).filter(|_| is_held_json).ok_or_else(no_object)?;
    if let (Json::Object(members), Json::Object(newer)) = (&mut merged, newer) {
        for (key, value) in newer {
            match members.iter_mut().find(|(k, _)| *k == key) {
                Some((_, held)) => *held = value,
                None => members.push((key, value)),
            }
        }
    }
    Ok(("application/json".to_owned(), merged.to_string().into_bytes()))
}

fn object(bytes: &[u8]) -> Option<Json<'_>> {
    let read = json::parse(std::str::from_utf8(bytes).ok()?).ok()?;
    matches!(read, Json::Object(_)).then_some(read)
}
