//! Exemptions, leaves and make-ups over the JSON API (contract: `POST /exemptions` and its review).
use axum::{
    extract::{Path, Query, State as Given},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId, Role, Year, day, person::Code};
use rules::policy::ExemptionKind;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use super::{
    claims::{DecisionBody, ReasonBody},
    shown::{EventShown, FileShown, events, files},
};
use crate::{
    exempt::{self, NewExemption},
    leave,
    review::CASE_REVIEWERS,
    state::{Level, State},
    store::exemptions,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/exemptions", Access::SignedIn, create)
        .get("/api/v1/exemptions", Access::SignedIn, mine)
        .get("/api/v1/exemptions/eligibility", Access::SignedIn, eligibility)
        .get("/api/v1/exemptions/{id}", Access::SignedIn, one)
        .post("/api/v1/exemptions/{id}/submit", Access::SignedIn, submit)
        .post("/api/v1/exemptions/{id}/withdraw", Access::SignedIn, withdraw)
        .post("/api/v1/exemptions/{id}/appeal", Access::SignedIn, appeal)
        .post("/api/v1/exemptions/{id}/give-back", Access::SignedIn, give_back)
        .post("/api/v1/exemptions/{id}/decision", Access::SignedIn, decide)
        .post("/api/v1/exemptions/{id}/reversal", Access::SignedIn, reverse)
        .get("/api/v1/exemption-reviews", Access::Roles(CASE_REVIEWERS), queue)
        .get("/api/v1/leaves", Access::SignedIn, leaves)
        .post("/api/v1/leaves", Access::SignedIn, enter_leave)
        .delete("/api/v1/leaves/{id}", Access::SignedIn, end_leave)
        .post("/api/v1/make-ups", Access::Roles(&[Role::Authority]), make_up)
}

#[derive(OpenApi)]
#[openapi(
    paths(
        create,
        mine,
        eligibility,
        one,
        submit,
        withdraw,
        appeal,
        give_back,
        decide,
        reverse,
        queue,
        leaves,
        enter_leave,
        end_leave,
        make_up
    ),
    components(schemas(
        ExemptionBody,
        MendBody,
        ExemptionShown,
        EligibilityShown,
        LeaveBody,
        LeaveShown,
        MakeUpBody
    ))
)]
pub(crate) struct Docs;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExemptionBody {
    year: Year,
    /// `near_retirement`, `leave`, `disability` or `other`.
    kind: ExemptionKind,
    reason: String,
    files: Option<Vec<String>>,
    person: Option<PersonId>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MendBody {
    reason: Option<String>,
    files: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
struct EligibilityShown {
    kinds: Vec<String>,
    retires_on: String,
    /// Whether HR set the day in place of the computed one.
    retirement_set: bool,
    leave_days: String,
    /// Days of leave that have to be exceeded.
    leave_limit: String,
}

#[derive(Serialize, ToSchema)]
struct ExemptionShown {
    id: String,
    person: String,
    filed_by: String,
    year: Year,
    kind: String,
    state: State,
    stage: i64,
    level: Level,
    approved: bool,
    reason: String,
    policy: String,
    /// Whether the computed facts bear the ground out; null where they are unknown.
    eligible: Option<bool>,
    facts: Option<EligibilityShown>,
    submitted_at: Option<String>,
    files: Vec<FileShown>,
    events: Vec<EventShown>,
}

fn facts_shown(f: exempt::Eligibility) -> EligibilityShown {
    EligibilityShown {
        kinds: f.kinds.iter().map(Code::code).collect(),
        retires_on: f.retires_on.to_string(),
        retirement_set: f.is_retirement_set,
        leave_days: f.leave_days.to_string(),
        leave_limit: f.leave_limit.to_string(),
    }
}

async fn shown(site: &Site, visitor: &Visitor, id: &str) -> base::Result<ExemptionShown> {
    let view = exempt::view(site, &visitor.actor, id).await?;
    let e = view.exemption;
    Ok(ExemptionShown {
        person: e.person.to_string(),
        filed_by: e.filed_by.to_string(),
        year: e.year,
        kind: e.kind.code(),
        state: e.state,
        stage: e.stage,
        level: e.level,
        approved: e.state == State::Approved,
        reason: view.reason,
        policy: e.policy,
        eligible: view.facts.as_ref().map(|f| f.kinds.contains(&e.kind)),
        facts: view.facts.map(facts_shown),
        submitted_at: e.submitted_at.map(day::rfc3339),
        files: files(view.files),
        events: events(view.events),
        id: e.id,
    })
}

async fn answer(site: &Site, visitor: &Visitor, id: &str) -> Reply {
    Ok(axum::Json(shown(site, visitor, id).await?).into_response())
}

/// Ask for an exemption; handed in at once.
#[utoipa::path(post, path = "/api/v1/exemptions", request_body = ExemptionBody, responses((status = 201, body = ExemptionShown),
    (status = 409, description = "exemption_exists or year_closed")))]
async fn create(Given(site): Given<Site>, visitor: Visitor, Json(b): Json<ExemptionBody>) -> Reply {
    let new = NewExemption {
        year: b.year,
        kind: b.kind,
        reason: &b.reason,
        files: b.files.unwrap_or_default(),
        person: b.person,
    };
    let made = exempt::file(&site, &visitor.actor, &new).await?;
    Ok((StatusCode::CREATED, axum::Json(shown(&site, &visitor, &made.id).await?)).into_response())
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
}

impl YearQuery {
    /// Without a year the one that the own pages open on.
    async fn year(self, site: &Site, visitor: &Visitor) -> base::Result<Year> {
        match self.year {
            Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value")),
            None => hours::opening_year(site, visitor.actor.person, None).await,
        }
    }
}

/// A request in a list.
#[derive(Serialize, ToSchema)]
struct ExemptionBrief {
    id: String,
    year: Year,
    kind: String,
    state: State,
}

/// The own requests of a year, the newest first.
#[utoipa::path(get, path = "/api/v1/exemptions", params(("year" = Option<u16>, Query)),
    responses((status = 200, body = Page<ExemptionBrief>)))]
async fn mine(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let found = exemptions::of_person(&site.db, visitor.actor.person, q.year(&site, &visitor).await?).await?;
    let brief =
        |e: exempt::Exemption| ExemptionBrief { id: e.id, year: e.year, kind: e.kind.code(), state: e.state };
    Ok(axum::Json(Page::whole(found.into_iter().map(brief).collect())).into_response())
}

/// Whether the own facts bear an exemption out: retirement and leave are computed.
#[utoipa::path(get, path = "/api/v1/exemptions/eligibility", params(("year" = Option<u16>, Query)),
    responses((status = 200, body = EligibilityShown), (status = 409, description = "profile_incomplete")))]
async fn eligibility(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let found = exempt::eligibility(&site.db, visitor.actor.person, q.year(&site, &visitor).await?).await?;
    let found = found.ok_or_else(|| Error::conflict("profile_incomplete"))?;
    Ok(axum::Json(facts_shown(found)).into_response())
}

/// A request with reason, evidence, and what the facts say.
#[utoipa::path(get, path = "/api/v1/exemptions/{id}", params(("id" = String, Path)), responses((status = 200, body = ExemptionShown)))]
async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    answer(&site, &visitor, &id).await
}

/// Hand a returned request in again.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/submit", params(("id" = String, Path)), request_body = MendBody,
    responses((status = 200, body = ExemptionShown)))]
async fn submit(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<MendBody>,
) -> Reply {
    exempt::submit(&site, &visitor.actor, &id, (b.reason.as_deref(), b.files.as_deref())).await?;
    answer(&site, &visitor, &id).await
}

/// Take a request back before it is decided.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/withdraw", params(("id" = String, Path)), responses((status = 200, body = ExemptionShown)))]
async fn withdraw(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    exempt::withdraw(&site, &visitor.actor, &id).await?;
    answer(&site, &visitor, &id).await
}

/// Ask the level above to look at a refusal again.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/appeal", params(("id" = String, Path)), request_body = ReasonBody,
    responses((status = 200, body = ExemptionShown)))]
async fn appeal(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReasonBody>,
) -> Reply {
    exempt::appeal(&site, &visitor.actor, &id, &b.reason).await?;
    answer(&site, &visitor, &id).await
}

/// Give an approved exemption back; the ordinary rule applies again.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/give-back", params(("id" = String, Path)), responses((status = 200, body = ExemptionShown)))]
async fn give_back(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    exempt::give_back(&site, &visitor.actor, &id).await?;
    answer(&site, &visitor, &id).await
}

/// Approve, return or reject a request; never one's own.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/decision", params(("id" = String, Path)), request_body = DecisionBody,
    responses((status = 200, body = ExemptionShown), (status = 403, description = "own_decision and others as with claims"),
    (status = 422, description = "evidence_missing at `files`, or comment_required")))]
async fn decide(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<DecisionBody>,
) -> Reply {
    exempt::decide(&site, &visitor.actor, &id, &b.decision()).await?;
    answer(&site, &visitor, &id).await
}

/// Take an approval back; by a second person.
#[utoipa::path(post, path = "/api/v1/exemptions/{id}/reversal", params(("id" = String, Path)), request_body = ReasonBody,
    responses((status = 200, body = ExemptionShown)))]
async fn reverse(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ReasonBody>,
) -> Reply {
    exempt::reverse(&site, &visitor.actor, &id, &b.reason).await?;
    answer(&site, &visitor, &id).await
}

#[derive(Deserialize)]
struct QueueQuery {
    state: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct ExemptionQueued {
    id: String,
    name: String,
    unit: String,
    department: Option<String>,
    year: i64,
    kind: String,
    state: String,
    level: String,
    submitted_at: Option<String>,
}

/// Requests below that wait, or are in another state.
#[utoipa::path(get, path = "/api/v1/exemption-reviews", params(("state" = Option<String>, Query), Paging), responses((status = 200, body = Page<ExemptionQueued>)))]
async fn queue(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<QueueQuery>) -> Reply {
    let paging = Paging { after: q.after, limit: q.limit };
    let who = (&visitor.actor.scope(CASE_REVIEWERS), visitor.actor.person);
    let wanted = (q.state.as_deref().unwrap_or("submitted"), paging.after(), paging.limit() + 1);
    let item = |e: exemptions::Queued| ExemptionQueued {
        id: e.id,
        name: e.name,
        unit: e.unit,
        department: e.department,
        year: e.year,
        kind: e.kind,
        state: e.state,
        level: e.level,
        submitted_at: e.submitted_at.map(|at| day::rfc3339(day::from_millis(at))),
    };
    let items = exemptions::queue(&site.db, who, wanted).await?.into_iter().map(item).collect();
    Ok(axum::Json(Page::of(items, paging.limit(), |i: &ExemptionQueued| i.id.clone())).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LeaveBody {
    /// `sick` or `maternity`.
    kind: String,
    from: String,
    to: String,
    files: Option<Vec<String>>,
    person: Option<PersonId>,
}

#[derive(Serialize, ToSchema)]
struct LeaveShown {
    id: String,
    kind: String,
    from: String,
    to: String,
    /// The person, or who else entered it; what others entered its person does not take away.
    entered_by: String,
}

#[derive(Deserialize)]
struct WhoseQuery {
    person: Option<String>,
}

fn leave_shown(l: leave::Leave) -> LeaveShown {
    LeaveShown {
        id: l.id,
        kind: l.kind.code(),
        from: l.period.from.to_string(),
        to: l.period.to.to_string(),
        entered_by: l.entered_by.to_string(),
    }
}

/// Leaves on record: the own ones, or those of a person below.
#[utoipa::path(get, path = "/api/v1/leaves", params(("person" = Option<String>, Query)),
    responses((status = 200, body = Page<LeaveShown>)))]
async fn leaves(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<WhoseQuery>) -> Reply {
    let person = q.person.map(|p| p.parse()).transpose()?;
    let found = leave::of(&site, &visitor.actor, person).await?;
    Ok(axum::Json(Page::whole(found.into_iter().map(leave_shown).collect())).into_response())
}

/// Enter a leave, by the person or by an administrator.
#[utoipa::path(post, path = "/api/v1/leaves", request_body = LeaveBody, responses((status = 201, body = LeaveShown)))]
async fn enter_leave(Given(site): Given<Site>, visitor: Visitor, Json(b): Json<LeaveBody>) -> Reply {
    let typed = leave::Typed { kind: &b.kind, from: &b.from, to: &b.to };
    let files = b.files.unwrap_or_default();
    let made = leave::enter(&site, &visitor.actor, b.person, (&typed, &files)).await?;
    Ok((StatusCode::CREATED, axum::Json(leave_shown(made))).into_response())
}

/// Take a leave off the record again; what an approved exemption rests on stays until that is given or taken back.
#[utoipa::path(delete, path = "/api/v1/leaves/{id}", params(("id" = String, Path)), responses((status = 204),
    (status = 403, description = "leave_of_unit"), (status = 409, description = "leave_exempts")))]
async fn end_leave(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    leave::end(&site, &visitor.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeUpBody {
    person: PersonId,
    year: Year,
    until: String,
    reason: String,
}

/// A make-up that was approved.
#[derive(Serialize, ToSchema)]
struct MakeUpMade {
    person: PersonId,
    year: Year,
    /// Its last day.
    until: String,
}

/// Approve a make-up for a stated special reason, with its last day; another one takes the place of the first.
#[utoipa::path(post, path = "/api/v1/make-ups", request_body = MakeUpBody, responses((status = 201, body = MakeUpMade)))]
async fn make_up(Given(site): Given<Site>, visitor: Visitor, Json(b): Json<MakeUpBody>) -> Reply {
    let until = leave::make_up(&site, &visitor.actor, (b.person, b.year), (&b.until, &b.reason)).await?;
    let body = MakeUpMade { person: b.person, year: b.year, until: until.to_string() };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}
