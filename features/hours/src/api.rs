//! The record and the ledger over the JSON API (contract).
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Year, day, person::Code};
use serde::Serialize;
use site::{Access, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    checkpoint, noted,
    standing::{Standing, standing},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/years/{year}/record", Access::SignedIn, my_record)
        .get("/api/v1/me/years/{year}/ledger", Access::SignedIn, my_ledger)
        .get("/api/v1/me/years/{year}/ledger/{id}/proof", Access::SignedIn, my_proof)
        .get("/api/v1/checkpoints", Access::Public, checkpoints)
}

#[derive(OpenApi)]
#[openapi(paths(my_record, my_ledger, my_proof, checkpoints))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut all = Docs::openapi();
    all.merge(crate::api_policies::docs());
    all
}

/// The record that `xueshi assess` reads, giving the same numbers.
#[utoipa::path(get, path = "/api/v1/me/years/{year}/record", params(("year" = u16, Path)),
    responses((status = 200, body = rules::record::Record<'static>)))]
async fn my_record(State(site): State<Site>, visitor: Visitor, Path(year): Path<String>) -> Reply {
    let standing = standing(&site.db, visitor.actor.person, read_year(&year)?).await?;
    Ok(axum::Json(standing.record).into_response())
}

/// A year of an address; another text names nothing.
fn read_year(text: &str) -> base::Result<Year> {
    text.parse().map_err(|()| Error::not_found())
}

/// An entry as its owner sees it.
#[derive(Serialize, ToSchema)]
struct LedgerItem {
    id: String,
    at: String,
    kind: String,
    source: String,
    title: String,
    subject: String,
    hours: String,
    counted: String,
    reason: Option<String>,
    evidence: Option<String>,
    decided_by: Option<String>,
    policy: String,
    hash: String,
}

/// The own ledger of a year. A credit that was taken back stays with `counted` 0 and the reason `reversed`, beside its
/// reversal; one that counts less by rules published since has the reason `policy_changed`, and one of which a part was learned
/// at the time of another record `overlap`.
#[utoipa::path(get, path = "/api/v1/me/years/{year}/ledger", params(("year" = u16, Path), Paging),
    responses((status = 200, body = Page<LedgerItem>)))]
async fn my_ledger(
    State(site): State<Site>,
    visitor: Visitor,
    Path(year): Path<String>,
    Query(paging): Query<Paging>,
) -> Reply {
    let standing = standing(&site.db, visitor.actor.person, read_year(&year)?).await?;
    Ok(axum::Json(Page::part(items(&standing), &paging, |item| item.id.clone())).into_response())
}

/// A proof that an own entry is in the ledger, for `xueshi audit verify --proof`.
#[utoipa::path(get, path = "/api/v1/me/years/{year}/ledger/{id}/proof", params(("year" = u16, Path), ("id" = String, Path)),
    responses((status = 200, body = checkpoint::Proof), (status = 409, description = "not_checkpointed_yet, before the next daily checkpoint")))]
async fn my_proof(
    State(site): State<Site>,
    visitor: Visitor,
    Path((year, id)): Path<(String, String)>,
) -> Reply {
    read_year(&year)?;
    let proof = checkpoint::prove(&site, visitor.actor.person, id.parse()?).await?;
    let name = format!("attachment; filename=\"proof-{id}.json\"");
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(proof)).into_response())
}

/// Checkpoints and what they are checked by.
#[derive(Serialize, ToSchema)]
struct Checkpoints {
    /// The newest first.
    items: Vec<checkpoint::Checkpoint>,
    next: Option<String>,
    /// The last nightly look; null before the first.
    wall_clock: Option<Look>,
    /// The Ed25519 public key, URL-safe base64.
    public_key: String,
    /// The public key's SHA-256.
    fingerprint: String,
    /// With those of before, whose signatures hold too.
    public_keys: Vec<String>,
}

/// What a nightly look at the wall-clock law found.
#[derive(Serialize, ToSchema)]
struct Look {
    day: String,
    /// What was found, in the words of the record.
    overlaps: String,
}

/// The newest daily checkpoints and the public key, with those of before, whose signatures hold too: what anyone may keep to
/// check the ledger by; and what the
/// last nightly look at the wall-clock law found over everything.
#[utoipa::path(get, path = "/api/v1/checkpoints", responses((status = 200, body = Checkpoints)))]
async fn checkpoints(State(site): State<Site>) -> Reply {
    let items = checkpoint::recent(&site, 31).await?;
    let key = site.keys.public_key();
    let body = Checkpoints {
        items,
        next: None,
        wall_clock: crate::last_look(&site).await?.map(|(day, overlaps)| Look { day, overlaps }),
        public_key: secrets::base64url(&key),
        fingerprint: secrets::sha256_hex(&key),
        public_keys: site.keys.public_keys().iter().map(|k| secrets::base64url(k)).collect(),
    };
    Ok(axum::Json(body).into_response())
}

/// Why a credit does not count, or not in full: the rule's reason, that it was taken back, or that it is less than its course.
fn why_not(e: &crate::Entry, result: Option<&rules::assess::CreditResult<'_>>) -> Option<String> {
    let reason = match result {
        // What the rules of its day gave and today's do not.
        Some(result) => {
            result.reason.map(rules::Reason::code).or((result.counted < e.hours).then_some("policy_changed"))
        }
        None => (e.kind == crate::EntryKind::Credit).then_some("reversed"),
    };
    noted::why_reduced(&e.facts)
        .filter(|_| reason.is_none_or(|r| r == "below_minimum"))
        .or(reason.map(str::to_owned))
}

fn items(standing: &Standing) -> Vec<LedgerItem> {
    let item = |e: &crate::Entry| {
        let id = e.id.to_string();
        let result = standing.assessment.credits.iter().find(|c| c.id == id);
        LedgerItem {
            at: day::rfc3339(e.at),
            kind: e.kind.code(),
            source: e.source.clone(),
            title: e.title.clone(),
            subject: e.subject.code(),
            hours: e.hours.to_string(),
            counted: result.map_or_else(|| "0".to_owned(), |r| r.counted.to_string()),
            reason: why_not(e, result),
            evidence: e.evidence.clone(),
            decided_by: e.decided_by.map(|p| p.to_string()),
            policy: e.policy.clone(),
            hash: e.hash.clone(),
            id,
        }
    };
    standing.entries.iter().map(item).collect()
}
