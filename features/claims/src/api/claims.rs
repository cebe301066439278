//! Activity claims over the JSON API (contract: `POST /claims` and its review).
use std::collections::{BTreeMap, BTreeSet};

use axum::{
    extract::{Path, Query, State as Given},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Hours, PersonId, Year, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use super::shown::{EventShown, FileShown, events, files};
use crate::{
    activity::{self, Claim, Decision, NewClaim, Typed},
    review::{self, REVIEWERS},
    state::{Level, State, Verdict},
    store::claims::{self, Wanted},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/claims", Access::SignedIn, create)
        .get("/api/v1/claims", Access::SignedIn, mine)
        .get("/api/v1/claims/preview", Access::SignedIn, preview)
        .get("/api/v1/claims/{id}", Access::SignedIn, one)
        .patch("/api/v1/claims/{id}", Access::SignedIn, change)
        .post("/api/v1/claims/{id}/submit", Access::SignedIn, submit)
        .post("/api/v1/claims/{id}/withdraw", Access::SignedIn, withdraw)
        .post("/api/v1/claims/{id}/appeal", Access::SignedIn, appeal)
        .post("/api/v1/claims/{id}/decision", Access::SignedIn, decide)
        .post("/api/v1/claims/{id}/reversal", Access::SignedIn, reverse)
        .get("/api/v1/reviews", Access::Roles(REVIEWERS), queue)
}

#[derive(OpenApi)]
#[openapi(
    paths(create, mine, preview, one, change, submit, withdraw, appeal, decide, reverse, queue),
    components(schemas(
        ClaimBody,
        ChangeBody,
        DecisionBody,
        ReasonBody,
        ClaimShown,
        PreviewShown,
        QueueItem
    ))
)]
pub(crate) struct Docs;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimBody {
    year: Year,
    item: String,
    title: String,
    on: String,
    /// A decimal string; `"1"` when left out.
    quantity: Option<String>,
    rank: Option<u64>,
    /// Ids of `POST /files`.
    files: Option<Vec<String>>,
    submit: Option<bool>,
    /// For whom an administrator files.
    person: Option<PersonId>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    item: String,
    title: String,
    on: String,
    quantity: Option<String>,
    rank: Option<u64>,
    files: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    decision: Verdict,
    /// Lower than the claim's, as a decimal string.
    hours: Option<Hours>,
    comment: Option<String>,
}

impl DecisionBody {
    pub(super) fn decision(&self) -> Decision<'_> {
        let comment = self.comment.as_deref().unwrap_or("");
        Decision { verdict: self.decision, hours: self.hours, comment }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    pub reason: String,
}

/// A claim as programs see it.
#[derive(Serialize, ToSchema)]
struct ClaimShown {
    id: String,
    person: String,
    filed_by: String,
    year: Year,
    item: String,
    /// What the year's standard calls the item; none where it has no such item any more.
    item_name: Option<String>,
    title: String,
    on: String,
    quantity: String,
    rank: u64,
    subject: String,
    state: State,
    /// 1 first decision, 2 second review, 3 appeal.
    stage: i64,
    level: Level,
    /// What it stands for now.
    hours: String,
    /// By the standard.
    standard_hours: String,
    approved_hours: Option<String>,
    policy: String,
    submitted_at: Option<String>,
    entry: Option<String>,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileShown>>,
    /// Left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<EventShown>>,
}

/// The rules of the years in which claims lie.
type Standards = BTreeMap<Year, hours::InForce>;

async fn standards(site: &Site, years: BTreeSet<Year>) -> base::Result<Standards> {
    let mut found = Standards::new();
    for year in years {
        found.insert(year, hours::in_force(&site.db, year).await?);
    }
    Ok(found)
}

fn brief(c: Claim, standards: &Standards) -> ClaimShown {
    let item = standards.get(&c.facts.year).and_then(|s| s.policy.item(&c.facts.item));
    ClaimShown {
        item_name: item.map(|i| i.name.clone()),
        person: c.person.to_string(),
        filed_by: c.filed_by.to_string(),
        year: c.facts.year,
        hours: c.effective_hours().to_string(),
        standard_hours: c.facts.hours.to_string(),
        approved_hours: c.approved_hours.map(|h| h.to_string()),
        on: c.facts.on.to_string(),
        quantity: Hours::from_hundredths(c.facts.quantity).to_string(),
        rank: c.facts.rank,
        subject: base::person::Code::code(&c.facts.subject),
        item: c.facts.item,
        title: c.facts.title,
        state: c.state,
        stage: c.stage,
        level: c.level,
        policy: c.policy,
        submitted_at: c.submitted_at.map(day::rfc3339),
        entry: c.entry.map(|e| e.to_string()),
        files: None,
        events: None,
        id: c.id,
    }
}

async fn shown(site: &Site, visitor: &Visitor, id: &str) -> base::Result<ClaimShown> {
    let view = activity::view(site, &visitor.actor, id).await?;
    let standards = standards(site, BTreeSet::from([view.claim.facts.year])).await?;
    let mut shown = brief(view.claim, &standards);
    shown.files = Some(files(view.files));
    shown.events = Some(events(view.events));
    Ok(shown)
}

/// Ask to have an activity or achievement recognised; a draft unless `submit`.
#[utoipa::path(post, path = "/api/v1/claims", request_body = ClaimBody, responses((status = 201, body = ClaimShown),
    (status = 409, description = "year_closed"), (status = 422, description = "wrong fields")))]
async fn create(Given(site): Given<Site>, visitor: Visitor, Json(b): Json<ClaimBody>) -> Reply {
    let typed = Typed {
        item: &b.item,
        title: &b.title,
        on: &b.on,
        quantity: b.quantity.as_deref().unwrap_or(""),
        rank: b.rank,
    };
    let new = NewClaim {
        year: Some(b.year),
        typed,
        files: b.files.unwrap_or_default(),
        submit: b.submit.unwrap_or(false),
        person: b.person,
    };
    let claim = activity::create(&site, &visitor.actor, &new).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&site, &visitor, &claim.id).await?)).into_response())
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
}

/// The own claims of a year, the newest first; without a year those of the one that the own pages open on.
#[utoipa::path(get, path = "/api/v1/claims", params(("year" = Option<u16>, Query)),
    responses((status = 200, body = Page<ClaimShown>)))]
async fn mine(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let year = match q.year {
        Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value"))?,
        None => hours::opening_year(&site, visitor.actor.person, None).await?,
    };
    let found = claims::of_person(&site.db, visitor.actor.person, year).await?;
    let standards = standards(&site, found.iter().map(|c| c.facts.year).collect()).await?;
    let items = found.into_iter().map(|c| brief(c, &standards)).collect();
    Ok(axum::Json(Page::<ClaimShown>::whole(items)).into_response())
}

#[derive(Deserialize)]
struct PreviewQuery {
    year: String,
    item: String,
    title: Option<String>,
    on: Option<String>,
    quantity: Option<String>,
    rank: Option<u64>,
    files: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PreviewShown {
    hours: String,
    counted: String,
    gain: String,
    reason: Option<String>,
    sentence: String,
    cap: String,
    cap_used: String,
    offset_cap: Option<String>,
    offset_used: Option<String>,
    waiting: String,
    evidence: String,
    second_review: bool,
}

/// What a claim would give, with the caps that are used already; nothing is written. With `files` (ids of own files, with
/// commas between) it also says whether one of them was counted before.
#[utoipa::path(get, path = "/api/v1/claims/preview", params(("year" = u16, Query), ("item" = String, Query), ("title" = Option<String>, Query),
    ("on" = Option<String>, Query), ("quantity" = Option<String>, Query), ("rank" = Option<u64>, Query),
    ("files" = Option<String>, Query)), responses((status = 200, body = PreviewShown),
    (status = 409, description = "year_closed")))]
async fn preview(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<PreviewQuery>) -> Reply {
    let year: Year = q.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let on = q.on.unwrap_or_else(|| activity::likely_day(&site, year).to_string());
    let typed = Typed {
        item: &q.item,
        title: q.title.as_deref().unwrap_or("-"),
        on: &on,
        quantity: q.quantity.as_deref().unwrap_or(""),
        rank: q.rank,
    };
    let ids = q.files.as_deref().unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let ids: Vec<String> = ids.take(files::MOST_FILES + 1).map(str::to_owned).collect();
    let evidence = files::own(&site.db, visitor.actor.person, &ids).await?;
    let p = activity::preview(&site, visitor.actor.person, year, (&typed, &evidence)).await?;
    let (offset_cap, offset_used) = p.offset.unzip();
    let body = PreviewShown {
        hours: p.hours.to_string(),
        counted: p.counted.to_string(),
        gain: p.gain.to_string(),
        reason: p.reason.map(str::to_owned),
        sentence: p.sentence,
        cap: p.cap.to_string(),
        cap_used: p.cap_used.to_string(),
        offset_cap: offset_cap.map(|h| h.to_string()),
        offset_used: offset_used.map(|h| h.to_string()),
        waiting: p.waiting.to_string(),
        evidence: p.evidence,
        second_review: p.second_review,
    };
    Ok(axum::Json(body).into_response())
}

/// A claim with its evidence and what happened to it.
#[utoipa::path(get, path = "/api/v1/claims/{id}", params(("id" = String, Path)), responses((status = 200, body = ClaimShown)))]
async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

/// Change a draft or a returned claim.
#[utoipa::path(patch, path = "/api/v1/claims/{id}", params(("id" = String, Path)), request_body = ChangeBody,
    responses((status = 200, body = ClaimShown)))]
async fn change(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ChangeBody>,
) -> Reply {
    let typed = Typed {
        item: &b.item,
        title: &b.title,
        on: &b.on,
        quantity: b.quantity.as_deref().unwrap_or(""),
        rank: b.rank,
    };
    activity::change(&site, &visitor.actor, &id, &typed, b.files.as_deref()).await?;
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

/// Hand a claim in.
#[utoipa::path(post, path = "/api/v1/claims/{id}/submit", params(("id" = String, Path)), responses((status = 200, body = ClaimShown)))]
async fn submit(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    activity::submit(&site, &visitor.actor, &id).await?;
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

/// Take a claim back before it is decided.
#[utoipa::path(post, path = "/api/v1/claims/{id}/withdraw", params(("id" = String, Path)), responses((status = 200, body = ClaimShown)))]
async fn withdraw(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    activity::withdraw(&site, &visitor.actor, &id).await?;
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

/// Ask the level above to look at a refused claim again.
#[utoipa::path(post, path = "/api/v1/claims/{id}/appeal", params(("id" = String, Path)), request_body = ReasonBody,
    responses((status = 200, body = ClaimShown), (status = 409, description = "claim_not_rejected or no_level_above")))]
async fn appeal(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReasonBody>,
) -> Reply {
    activity::appeal(&site, &visitor.actor, &id, &b.reason).await?;
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

/// Approve, return or reject; hours may only be lowered; never on one's own.
#[utoipa::path(post, path = "/api/v1/claims/{id}/decision", params(("id" = String, Path)), request_body = DecisionBody,
    responses((status = 200, body = ClaimShown), (status = 403, description = "own_decision, filed_decision, \
    decided_before or level_above_decides"), (status = 409, description = "claim_decided or year_closed")))]
async fn decide(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<DecisionBody>,
) -> Reply {
    activity::decide(&site, &visitor.actor, &id, &b.decision()).await?;
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

/// Take an approved claim back by a reversal; by a second person.
#[utoipa::path(post, path = "/api/v1/claims/{id}/reversal", params(("id" = String, Path)), request_body = ReasonBody,
    responses((status = 200, body = ClaimShown), (status = 403, description = "own_decision or second_person")))]
async fn reverse(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReasonBody>,
) -> Reply {
    activity::reverse(&site, &visitor.actor, &id, &b.reason).await?;
    Ok(axum::Json(shown(&site, &visitor, &id).await?).into_response())
}

#[derive(Deserialize)]
struct QueueQuery {
    state: Option<String>,
    level: Option<String>,
    item: Option<String>,
    year: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct QueueItem {
    name: String,
    unit: String,
    department: Option<String>,
    #[serde(flatten)]
    claim: ClaimShown,
}

/// Claims below that wait, or are in another state.
#[utoipa::path(get, path = "/api/v1/reviews", params(("state" = Option<String>, Query), ("level" = Option<String>, Query),
    ("item" = Option<String>, Query), ("year" = Option<u16>, Query), Paging), responses((status = 200, body = Page<QueueItem>)))]
async fn queue(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<QueueQuery>) -> Reply {
    let paging = Paging { after: q.after, limit: q.limit };
    let wanted = Wanted {
        state: q.state.as_deref().unwrap_or("submitted"),
        level: q.level.as_deref(),
        item: q.item.as_deref(),
        year: q.year.and_then(|y| y.parse().ok()),
        name: None,
        late_before: Some(review::late_before(site.now())),
        after: paging.after(),
        limit: paging.limit() + 1,
    };
    let who = (&visitor.actor.scope(REVIEWERS), visitor.actor.person);
    let found = claims::queue(&site.db, who, &wanted).await?;
    let standards = standards(&site, found.iter().map(|q| q.claim.facts.year).collect()).await?;
    let item = |q: claims::Queued| QueueItem {
        name: q.name,
        unit: q.unit,
        department: q.department,
        claim: brief(q.claim, &standards),
    };
    let items = found.into_iter().map(item).collect();
    Ok(axum::Json(Page::of(items, paging.limit(), |i: &QueueItem| i.claim.id.clone())).into_response())
}
