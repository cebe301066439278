//! Calls to providers that failed: customer service sees them with the cause, and lets them run again.
use base::{Error, Result, Role, day};
use serde::Serialize;
use serde_json::{Value, json};
use site::{Frame, Site, Visitor};
use utoipa::ToSchema;

use crate::{catalogue, store, store_relations, trace};

/// Who looks after failed calls.
pub(crate) const TENDERS: &[Role] = &[Role::Support, Role::Authority, Role::SystemAdmin];
/// Kinds of work that call providers; the last one is `openid`'s.
const KINDS: [&str; 3] = [catalogue::SYNC, trace::PULL, "openid.tell_logout"];
/// So many are shown.
const SHOWN: i64 = 200;

/// A call that failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Failed {
    pub id: String,
    pub kind: String,
    /// The provider, where it is known.
    pub provider: String,
    /// Its full name.
    pub title: String,
    pub attempts: i64,
    pub error: String,
    /// When it is tried next; none when it was given up.
    pub next_try: Option<String>,
}

/// How the line to a provider is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LineState {
    pub provider: String,
    pub title: String,
    /// Failures in a row.
    pub failures: i64,
    pub error: String,
    /// Until when no call is made.
    pub rests_until: Option<String>,
    pub answered_at: Option<String>,
}

/// The failed calls and the lines.
pub(crate) async fn state(site: &Site) -> Result<(Vec<Failed>, Vec<LineState>)> {
    let providers = store::all(&site.db).await?;
    let named = |id: &str| providers.iter().find(|p| p.id.to_string() == id || p.name == id);
    let text = |ms: i64| day::rfc3339(day::from_millis(ms));
    let failed = jobs::failures_of(&site.db, &KINDS, SHOWN).await?;
    let failed = failed.into_iter().map(|(f, payload)| Failed {
        title: whom(&payload).and_then(|id| named(&id)).map(|p| p.title.clone()).unwrap_or_default(),
        provider: whom(&payload).map(|id| named(&id).map_or(id, |p| p.name.clone())).unwrap_or_default(),
        id: f.id,
        kind: f.kind,
        attempts: f.attempts,
        error: f.last_error,
        next_try: f.dead_at.is_none().then(|| text(f.run_at)),
    });
    let now = day::millis(site.now());
    let lines = store_relations::lines(&site.db).await?;
    let line = |(id, l): (String, store_relations::Line)| LineState {
        title: named(&id).map(|p| p.title.clone()).unwrap_or_default(),
        provider: named(&id).map_or(id, |p| p.name.clone()),
        failures: l.failures,
        error: l.last_error,
        rests_until: (l.rests_until > now).then(|| text(l.rests_until)),
        answered_at: l.answered_at.map(text),
    };
    Ok((failed.collect(), lines.into_iter().map(line).collect()))
}

/// In words why a call failed: what customer service tells, and what the provider has to mend.
pub(crate) fn cause(frame: &Frame, error: &str) -> String {
    let code = error.trim_start_matches("refused: ").trim_start_matches("internal: ");
    match code.strip_prefix("http_") {
        Some(status) => format!("HTTP {status}"),
        None => frame.word_or_code("call-cause", code),
    }
}

/// The provider that a job's payload names: its name for a catalogue, its id for the rest. People stay unnamed.
pub fn whom(payload: &str) -> Option<String> {
    match serde_json::from_str(payload).ok()? {
        Value::String(name) => Some(name),
        Value::Object(members) => members.get("provider")?.as_str().map(str::to_owned),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Lets a failed call run at once, and the line to its provider be tried again.
pub(crate) async fn replay(site: &Site, visitor: &Visitor, id: &str) -> Result<()> {
    let (failed, _) = state(site).await?;
    let failed = failed.into_iter().find(|f| f.id == id).ok_or_else(Error::not_found)?;
    let tx = site.db.begin().await?;
    jobs::run_again(&tx, id, site.now()).await?.ok_or_else(Error::not_found)?;
    store_relations::wake_line(&tx, &failed.provider).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "provider.replay",
        object: id,
        unit_path: "",
        details: json!({"kind": failed.kind, "provider": failed.provider}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
