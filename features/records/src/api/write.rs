//! PUT and POST statements (Communication 2.1.1, 2.1.2): all of a request or nothing of it.
use std::{collections::HashSet, sync::Arc};

use axum::{
    body::Bytes,
    http::{Method, StatusCode},
    response::Response,
};
use site::Site;

use crate::{
    attachments::{self, Blob},
    check,
    doors::Door,
    group::{Batch, Outcome},
    json::{self, Json},
    multipart,
    prepared::{self, Prepared, Sender},
    problem::Place,
    version::Version,
};

use super::{
    Records,
    answer::{self, Refusal, Said},
    call::Call,
};

/// Larger bodies are read on a thread where they delay no other request.
const LARGE: usize = 64 * 1024;

pub(super) async fn write(site: &Site, records: &Records, call: Call) -> Said {
    let is_put = call.method == Method::PUT;
    call.params.only(if is_put { &["statementId"] } else { &[] })?;
    let id = if is_put { Some(call.params.required("statementId")?.to_owned()) } else { None };
    call.params.uuid("statementId")?;
    let sent = Sent {
        media_type: call.media_type(),
        content_type: call.content_type().to_owned(),
        body: call.body.clone(),
        put_id: id,
        version: call.version,
        door: Arc::clone(&call.door),
        fresh: Fresh::new(site),
    };
    let batch = if sent.body.len() > LARGE {
        let read = tokio::task::spawn_blocking(move || read(&sent)).await;
        read.map_err(|e| Refusal::from(base::Error::internal(e)))??
    } else {
        read(&sent)?
    };
    let ids: Vec<String> = batch.statements.iter().map(|s| s.id.clone()).collect();
    if ids.is_empty() {
        return Ok(answer::plain_json("[]".into()));
    }
    match records.recorder.store(site, batch).await? {
        Outcome::Conflict(n) => {
            let id = ids.get(n).cloned().unwrap_or_default();
            let place = if ids.len() == 1 { "statement".to_owned() } else { format!("statements[{n}]") };
            Err(Refusal::new(StatusCode::CONFLICT, format!("{place}: another statement has the id {id}")))
        }
        Outcome::Known => Ok(answer::no_content()),
        Outcome::Stored if is_put => Ok(answer::no_content()),
        Outcome::Stored => Ok(listed(&ids)),
    }
}

fn listed(ids: &[String]) -> Response {
    let list = Json::List(ids.iter().map(|id| Json::from_text(id.as_str())).collect());
    answer::plain_json(list.to_string())
}

/// What was sent, with all that reading it needs.
struct Sent {
    media_type: String,
    content_type: String,
    body: Bytes,
    put_id: Option<String>,
    version: Version,
    door: Arc<Door>,
    fresh: Fresh,
}

/// Makes ids for statements that have none.
struct Fresh(Site);

impl Fresh {
    fn new(site: &Site) -> Self {
        Self(site.clone())
    }

    fn id(&self) -> String {
        self.0.new_id::<base::id::of::Job>().to_string()
    }
}

fn read(sent: &Sent) -> Result<Batch, Refusal> {
    let boundary = match sent.media_type.as_str() {
        "application/json" => None,
        "multipart/mixed" => Some(
            multipart::boundary(&sent.content_type)
                .ok_or_else(|| Refusal::bad("the content type has no boundary"))?,
        ),
        _ => return Err(Refusal::bad("statements are sent as application/json or multipart/mixed")),
    };
    let Some(boundary) = boundary else { return statements(sent, &sent.body, vec![]) };
    let parts = multipart::parse(&sent.body, &boundary).map_err(Refusal::bad)?;
    let Some((first, others)) = parts.split_first() else { return Err(Refusal::bad("there is no part")) };
    let kind = first.header("content-type").and_then(|k| k.split(';').next()).unwrap_or("").trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::bad("the first part holds the statements as application/json"));
    }
    statements(sent, first.body, attachments::read(others)?)
}

fn statements(sent: &Sent, bytes: &[u8], blobs: Vec<Blob>) -> Result<Batch, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::bad("the statements are not in UTF-8"))?;
    let read = json::parse(text).map_err(|e| Refusal::bad(e.to_string()))?;
    let (statements, is_batch) = match read {
        Json::List(_) if sent.put_id.is_some() => return Err(Refusal::bad("PUT takes one statement")),
        Json::List(items) => (items, true),
        one @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_)) => {
            (vec![one], false)
        }
    };
    let name = |n: usize| if is_batch { format!("statements[{n}]") } else { "statement".to_owned() };
    for (n, statement) in statements.iter().enumerate() {
        let name = name(n);
        check::statement(statement, sent.version, &Place::root(&name))?;
    }
    attachments::match_all(&statements, &blobs, name)?;
    let statements = ready(sent, statements)?;
    let mut seen = HashSet::new();
    if let Some(twice) = statements.iter().position(|s| !seen.insert(s.key())) {
        return Err(Refusal::bad(format!(
            "{}.id: is the id of another statement of this request",
            name(twice)
        )));
    }
    Ok(Batch { tenant: sent.door.tenant, statements, blobs })
}

/// The statements ready to be stored; a PUT names the id.
fn ready(sent: &Sent, statements: Vec<Json<'_>>) -> Result<Vec<Prepared>, Refusal> {
    let sender = Sender { tenant: sent.door.tenant, authority: &sent.door.authority, version: sent.version };
    let mut out = Vec::with_capacity(statements.len());
    for mut statement in statements {
        if let Some(id) = &sent.put_id {
            match statement.text_of("id") {
                Some(said) if !said.eq_ignore_ascii_case(id) => {
                    return Err(Refusal::bad("statement.id: differs from the parameter statementId"));
                }
                Some(_) => {}
                None => statement.put("id", Json::from_text(id.clone())),
            }
        }
        out.push(prepared::prepare(statement, sender, &sent.fresh.id()));
    }
    Ok(out)
}
