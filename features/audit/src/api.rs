//! The audit trail over the JSON API, for auditors and administrators in their subtrees.
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::{Error, Result, Role, day};
use serde::{Deserialize, Serialize};
use site::{Access, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::store_reading::{self, Line, Wanted};

/// Who reads the trail.
pub(crate) const READERS: &[Role] = &[Role::Auditor, Role::UnitAdmin, Role::Authority];

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/audit", Access::Roles(READERS), search)
}

#[derive(OpenApi)]
#[openapi(paths(search), components(schemas(Entry)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct AuditQuery {
    pub actor: Option<String>,
    pub object: Option<String>,
    pub action: Option<String>,
    /// Days, `YYYY-MM-DD`, both included.
    pub from: Option<String>,
    pub to: Option<String>,
    pub after: Option<String>,
    pub limit: Option<u32>,
}

impl AuditQuery {
    pub(crate) fn wanted(&self) -> Result<Wanted> {
        let text =
            |t: &Option<String>| t.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let day_at = |t: &Option<String>, field: &str, end: bool| match text(t) {
            None => Ok(None),
            Some(typed) => {
                let date: base::Day = typed.parse().map_err(|_| Error::invalid(field, "wrong_value"))?;
                let start = day::millis(day::start_of(date));
                Ok(Some(if end { start + 24 * 3_600_000 - 1 } else { start }))
            }
        };
        Ok(Wanted {
            actor: text(&self.actor),
            object: text(&self.object),
            action: text(&self.action),
            from: day_at(&self.from, "from", false)?,
            to: day_at(&self.to, "to", true)?,
        })
    }

    pub(crate) fn paging(&self) -> Paging {
        Paging { after: self.after.clone(), limit: self.limit }
    }
}

#[derive(Serialize, ToSchema)]
struct Entry {
    seq: i64,
    at: String,
    actor: Option<String>,
    actor_name: Option<String>,
    /// The role that opened the way.
    role: Option<String>,
    /// The unit where the role is held.
    place: Option<String>,
    /// On behalf of whom the role was used.
    on_behalf_of: Option<String>,
    action: String,
    object: String,
    unit_path: String,
    address: String,
    /// What changed, personal data masked.
    #[schema(value_type = Object)]
    details: serde_json::Value,
    hash: String,
}

impl From<Line> for Entry {
    fn from(l: Line) -> Self {
        Self {
            at: l.time(),
            seq: l.seq,
            actor: l.actor,
            actor_name: l.actor_name,
            role: l.role,
            place: l.place_name,
            on_behalf_of: l.behalf_name,
            action: l.action,
            object: l.object,
            unit_path: l.unit_path,
            address: l.address,
            details: serde_json::from_str(&l.details).unwrap_or_default(),
            hash: l.hash,
        }
    }
}

/// Who did what to whom, newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(("actor" = Option<String>, Query), ("object" = Option<String>, Query),
    ("action" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query),
    Paging), responses((status = 200, body = Page<Entry>)))]
async fn search(State(site): State<Site>, visitor: Visitor, Query(q): Query<AuditQuery>) -> Reply {
    let (wanted, paging) = (q.wanted()?, q.paging());
    let scope = visitor.actor.scope(READERS);
    let lines = store_reading::lines(&site.db, &scope, &wanted, &paging).await?;
    let page = Page::of(lines, paging.limit(), |l| l.seq.to_string());
    let items: Vec<Entry> = page.items.into_iter().map(Entry::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}
