//! GET statements (Communication 2.1.3): one by its id, or a page with a link to the next.
use std::collections::{HashMap, HashSet};

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use site::Site;

use crate::{
    attachments, format,
    json::{self, Json},
    multipart::{self, Sent},
    shape::{self, Form},
    store,
    store_query::{self, Filter, Row},
    terms::{Kind, asked},
};

use super::{
    answer::{self, Refusal, Said},
    call::Call,
};

const SINGLE: &[&str] = &["statementId", "voidedStatementId", "format", "attachments"];
const SEVERAL: &[&str] = &[
    "agent",
    "verb",
    "activity",
    "registration",
    "related_activities",
    "related_agents",
    "since",
    "until",
    "limit",
    "format",
    "attachments",
    "ascending",
    "cursor",
    "statementId",
    "voidedStatementId",
];
/// The most statements on a page, which is what a limit of 0 asks for.
const PAGE: i64 = 500;
/// A page with attachments ends before their data exceed this, so that one answer holds no more memory.
const ATTACHED_BYTES: i64 = 32 * 1024 * 1024;

/// How statements are returned.
struct Wish {
    form: Form,
    with_attachments: bool,
    ranges: Vec<String>,
}

pub(super) async fn read(site: &Site, call: Call) -> Said {
    call.params.only(SEVERAL)?;
    let form = call.params.get("format").unwrap_or("exact");
    let form = Form::of_name(form).ok_or_else(|| Refusal::bad("format: must be ids, exact or canonical"))?;
    let with_attachments = call.params.boolean("attachments")?;
    let ranges = format::ranges(call.header(header::ACCEPT_LANGUAGE).unwrap_or(""));
    let wish = Wish { form, with_attachments, ranges };
    let (id, voided) = (call.params.uuid("statementId")?, call.params.uuid("voidedStatementId")?);
    match (id, voided) {
        (None, None) => several(site, &call, &wish).await,
        (Some(_), Some(_)) => Err(Refusal::bad("statementId and voidedStatementId exclude each other")),
        (Some(id), None) => single(site, &call, &wish, (&id, false)).await,
        (None, Some(id)) => single(site, &call, &wish, (&id, true)).await,
    }
}

async fn single(site: &Site, call: &Call, wish: &Wish, (id, is_voided): (&str, bool)) -> Said {
    call.params.only(SINGLE)?;
    let found = store_query::by_id(&site.db, call.door.tenant, id).await?;
    let found = found.filter(|s| s.is_voided() == is_voided);
    let found = found.ok_or_else(|| Refusal::not_found("there is no such statement"))?;
    let rows = vec![Row { stored: found.stored, body: found.body }];
    let mut shaped = shaped(site, call.door.tenant, wish, &rows).await?;
    let text = shaped.pop().unwrap_or_default();
    let response = if wish.with_attachments {
        let data = data(site, call.door.tenant, &rows).await?;
        mixed(site, text, data)
    } else {
        answer::json(text)
    };
    Ok(answer::modified(response, found.stored))
}

async fn several(site: &Site, call: &Call, wish: &Wish) -> Said {
    let mut filter = filter(call)?;
    let wanted = filter.limit;
    filter.limit += 1;
    let mut rows = store_query::page(&site.db, &filter).await?;
    let mut has_more = rows.len() > usize::try_from(wanted).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    if wish.with_attachments {
        let kept = fitting(site, call.door.tenant, &rows).await?;
        has_more |= kept < rows.len();
        rows.truncate(kept);
    }
    let texts = shaped(site, call.door.tenant, wish, &rows).await?;
    let more = rows.last().filter(|_| has_more).map(|last| more(call, last.stored)).unwrap_or_default();
    let mut body = format!("{{\"statements\":[{}],\"more\":", texts.join(","));
    json::write_text(&more, &mut body);
    body.push('}');
    let response = if wish.with_attachments {
        let data = data(site, call.door.tenant, &rows).await?;
        mixed(site, body, data)
    } else {
        answer::plain_json(body)
    };
    let newest = rows.iter().map(|r| r.stored).max();
    Ok(newest.into_iter().fold(response, answer::modified))
}

/// What the parameters ask for.
fn filter(call: &Call) -> Result<Filter, Refusal> {
    let (params, tenant) = (&call.params, call.door.tenant);
    let related_agents = params.boolean("related_agents")?;
    let related_activities = params.boolean("related_activities")?;
    let mut terms = vec![];
    if let Some(agent) = params.agent("agent", true)? {
        // The authority of every statement of a provider is the provider.
        let authority = json::parse(&call.door.authority).ok().and_then(|a| crate::identity::key(&a));
        if !(related_agents && authority.as_ref() == Some(&agent)) {
            terms.push(asked(tenant, Kind::Agent, &agent, related_agents));
        }
    }
    if let Some(verb) = params.iri("verb")? {
        terms.push(asked(tenant, Kind::Verb, verb, false));
    }
    if let Some(activity) = params.iri("activity")? {
        terms.push(asked(tenant, Kind::Activity, activity, related_activities));
    }
    if let Some(registration) = params.uuid("registration")? {
        terms.push(asked(tenant, Kind::Registration, &registration, false));
    }
    let is_ascending = params.boolean("ascending")?;
    let mut after = params.moment("since", call.version)?;
    let mut until = params.moment("until", call.version)?;
    if let Some(cursor) = params.get("cursor") {
        let cursor: i64 = cursor.parse().map_err(|_| Refusal::bad("cursor: is none that was given"))?;
        if is_ascending {
            after = Some(after.map_or(cursor, |a| a.max(cursor)));
        } else {
            until = Some(until.map_or(cursor - 1, |u| u.min(cursor - 1)));
        }
    }
    Ok(Filter { tenant, terms, after, until, is_ascending, limit: limit(params.get("limit"))? })
}

fn limit(text: Option<&str>) -> Result<i64, Refusal> {
    let Some(text) = text else { return Ok(PAGE) };
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let limit = if is_number { text.parse().unwrap_or(PAGE) } else { -1 };
    match limit {
        0 => Ok(PAGE),
        1.. => Ok(limit.min(PAGE)),
        _ => Err(Refusal::bad("limit: must be a whole number that is not negative")),
    }
}

/// The address of the next page: the same question, and where this page ended.
fn more(call: &Call, last: i64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.params.0.iter().filter(|(name, _)| name != "cursor") {
        query.append_pair(name, value);
    }
    query.append_pair("cursor", &last.to_string());
    format!("/xapi/statements?{}", query.finish())
}

/// The statements' texts in the form that was asked for.
async fn shaped(site: &Site, tenant: i64, wish: &Wish, rows: &[Row]) -> Result<Vec<String>, Refusal> {
    let damaged = |_| base::Error::internal("a stored statement is no JSON");
    if wish.form == Form::Exact {
        return Ok(rows.iter().map(|r| r.body.clone()).collect());
    }
    let statements = rows.iter().map(|r| json::parse(&r.body)).collect::<Result<Vec<Json<'_>>, _>>();
    let statements = statements.map_err(damaged)?;
    if wish.form == Form::Ids {
        return Ok(statements.into_iter().map(|s| shape::ids(s).to_string()).collect());
    }
    let ids: HashSet<String> = statements.iter().flat_map(shape::activities).collect();
    let keys: HashMap<String, String> =
        ids.into_iter().map(|id| (secrets::sha256_hex(id.as_bytes()), id)).collect();
    let list: Vec<String> = keys.keys().cloned().collect();
    let texts =
        if list.is_empty() { HashMap::new() } else { store::definitions(&site.db, &[tenant], &list).await? };
    let mut definitions = HashMap::new();
    for ((_, key), text) in &texts {
        if let (Some(id), Ok(definition)) = (keys.get(key), json::parse(text)) {
            definitions.insert(id.clone(), definition);
        }
    }
    let canonical = |s| shape::canonical(s, &definitions, &wish.ranges).to_string();
    Ok(statements.into_iter().map(canonical).collect())
}

/// The hashes of a statement's attachments.
fn hashes(row: &Row) -> Vec<String> {
    let Ok(statement) = json::parse(&row.body) else { return vec![] };
    let all = attachments::of_statement(&statement);
    all.into_iter().filter_map(|a| a.text_of("sha2")).map(str::to_ascii_lowercase).collect()
}

/// How many of the rows fit with their attachments; at least one.
async fn fitting(site: &Site, tenant: i64, rows: &[Row]) -> Result<usize, Refusal> {
    let all: HashSet<String> = rows.iter().flat_map(hashes).collect();
    let all: Vec<String> = all.into_iter().take(20_000).collect();
    let lengths = store_query::lengths(&site.db, tenant, &all).await?;
    let lengths: HashMap<String, i64> = lengths.into_iter().map(|l| (l.sha2, l.length)).collect();
    let (mut seen, mut total) = (HashSet::new(), 0);
    for (n, row) in rows.iter().enumerate() {
        for hash in hashes(row) {
            if seen.insert(hash.clone()) {
                total += lengths.get(&hash).copied().unwrap_or(0);
            }
        }
        if total > ATTACHED_BYTES && n > 0 {
            return Ok(n);
        }
    }
    Ok(rows.len())
}

async fn data(site: &Site, tenant: i64, rows: &[Row]) -> Result<Vec<store_query::Content>, Refusal> {
    let all: HashSet<String> = rows.iter().flat_map(hashes).collect();
    let all: Vec<String> = all.into_iter().take(20_000).collect();
    Ok(store_query::contents(&site.db, tenant, &all).await?)
}

/// Statements with the data of their attachments (Communication 1.5.2).
fn mixed(site: &Site, statements: String, data: Vec<store_query::Content>) -> Response {
    let boundary = format!("xueshi-{}", secrets::hex(&base::random::bytes::<16>(&*site.random)));
    let first =
        Sent { headers: vec!["Content-Type: application/json".into()], body: statements.into_bytes() };
    let attached = data.into_iter().map(|content| Sent {
        headers: vec![
            format!("Content-Type: {}", content.content_type),
            "Content-Transfer-Encoding: binary".into(),
            format!("X-Experience-API-Hash: {}", content.sha2),
        ],
        body: content.content,
    });
    let parts: Vec<Sent> = std::iter::once(first).chain(attached).collect();
    let kind = format!("multipart/mixed; boundary={boundary}");
    ([(header::CONTENT_TYPE, kind)], multipart::write(&parts, &boundary)).into_response()
}
