//! What was done on this platform, by whom and when, for those who look after it: the audit trail as a list and a page.
use std::collections::HashMap;

use askama::Template;
use audit::{Noted, Wanted};
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::{Result, day};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use site::{Access, Frame, Page, Paging, Reply, Routes, Site, Visitor, dates, html};
use utoipa::{OpenApi, ToSchema};

use crate::{api::MANAGERS, store};

/// The kinds of deeds, as the beginning of their names.
const KINDS: [&str; 6] = ["course", "draft", "material", "appeal", "order", "manager"];

pub(crate) fn routes() -> Routes {
    let managers = Access::Roles(MANAGERS);
    Routes::new().get("/api/v1/audit", managers, list).get("/studio/trail", managers, page)
}

#[derive(OpenApi)]
#[openapi(paths(list), components(schemas(Entry)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    action: String,
    #[serde(default)]
    object: String,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct Entry {
    seq: i64,
    at: String,
    /// None for the program itself.
    actor: Option<String>,
    actor_name: Option<String>,
    action: String,
    object: String,
    /// What it is called, what changed: `{before, after}` where it was different.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    address: String,
    hash: String,
}

async fn entries(site: &Site, asked: &Asked) -> Result<Page<Entry>> {
    let typed = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let wanted = Wanted { action: typed(&asked.action), object: typed(&asked.object), ..Wanted::default() };
    let paging = Paging { after: asked.after.clone(), limit: asked.limit };
    let found = audit::noted(&site.db, &wanted, &paging).await?;
    let Page { items, next } = Page::of(found, paging.limit(), |n: &Noted| n.seq.to_string());
    let actors: Vec<&str> = items.iter().filter_map(|n| n.actor.as_deref()).collect();
    let names: HashMap<String, String> = store::names(&site.db, &actors).await?;
    let one = |n: Noted| Entry {
        seq: n.seq,
        at: day::rfc3339(day::from_millis(n.at)),
        actor_name: n.actor.as_ref().and_then(|a| names.get(a).cloned()),
        actor: n.actor,
        action: n.action,
        object: n.object,
        details: serde_json::from_str(&n.details).unwrap_or_default(),
        address: n.address,
        hash: n.hash,
    };
    Ok(Page { items: items.into_iter().map(one).collect(), next })
}

/// What was done on this platform, the latest first; `action` is a deed or the beginning of its name.
#[utoipa::path(get, path = "/api/v1/audit", params(("action" = Option<String>, Query), ("object" = Option<String>, Query),
    Paging),
    responses((status = 200, body = Page<Entry>)))]
async fn list(State(site): State<Site>, Query(asked): Query<Asked>) -> Reply {
    Ok(axum::Json(entries(&site, &asked).await?).into_response())
}

#[derive(Template)]
#[template(path = "studio/trail.html")]
struct TrailPage {
    frame: Frame,
    entries: Vec<Entry>,
    action: String,
    object: String,
    /// The address of what is older.
    next: String,
}

impl TrailPage {
    fn minute(entry: &Entry) -> String {
        entry.at.parse().map(dates::minute).unwrap_or_default()
    }

    fn word(&self, value: &Value) -> String {
        match value {
            Value::Null => "—".into(),
            Value::String(text) => {
                text.parse().map_or_else(|_| self.frame.word_or_code("deed-value", text), dates::minute)
            }
            Value::Array(list) => list.iter().map(|v| self.word(v)).collect::<Vec<_>>().join(" "),
            other => self.frame.word_or_code("deed-value", &other.to_string()),
        }
    }

    /// What a deed says, line by line: a name, what it was, what it is.
    fn lines(&self, entry: &Entry) -> Vec<(String, Option<String>, String)> {
        let line = |(name, value): (&String, &Value)| {
            let sides = value.get("before").zip(value.get("after"));
            let (before, after) = sides.map_or((None, value), |(b, a)| (Some(self.word(b)), a));
            (self.frame.word_or_code("deed", name), before, self.word(after))
        };
        let is_said = |v: &Value| !v.is_null() && v.as_array().is_none_or(|list| !list.is_empty());
        entry.details.iter().filter(|(_, v)| is_said(v)).map(line).collect()
    }
}

async fn page(State(site): State<Site>, visitor: Visitor, Query(asked): Query<Asked>) -> Reply {
    let Page { items, next } = entries(&site, &asked).await?;
    let frame = Frame::of(&site, &visitor, "/studio", "page-trail");
    let next = next.map(|after| address(&asked, &after)).unwrap_or_default();
    html(&TrailPage { frame, entries: items, action: asked.action, object: asked.object, next })
}

fn address(asked: &Asked, after: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("action", &asked.action)
        .append_pair("object", &asked.object)
        .append_pair("after", after);
    format!("/studio/trail?{}", query.finish())
}
