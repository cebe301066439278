//! Settlement over the JSON API: for the authority at the top, auditors, and a platform's operators.
use axum::{
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Fen, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    DOUBTERS, KEEPERS, VIEWERS, draw, settle,
    sight::Side,
    statement::{LineState, State, Sums, Terms},
    store::{self, Statement},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/settlements", Access::Roles(VIEWERS), list)
        .post("/api/v1/settlements", Access::Roles(KEEPERS), draw_up)
        .get("/api/v1/settlements/{id}", Access::Roles(VIEWERS), one)
        .post("/api/v1/settlements/{id}/disputes", Access::Roles(DOUBTERS), dispute)
        .post("/api/v1/settlements/{id}/line-decisions", Access::Roles(KEEPERS), decide)
        .post("/api/v1/settlements/{id}/confirmation", Access::Roles(KEEPERS), confirm)
        .post("/api/v1/settlements/{id}/release", Access::Roles(KEEPERS), release)
        .post("/api/v1/settlements/{id}/payment", Access::Roles(KEEPERS), pay)
        .put("/api/v1/settlement-terms", Access::Roles(KEEPERS), set_terms)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, draw_up, one, dispute, decide, confirm, release, pay, set_terms),
    components(schemas(
        Shown,
        LineShown,
        Whole,
        Wanted,
        Disputed,
        LineDecision,
        Verdict,
        Reason,
        Payment,
        TermsBody,
        State,
        LineState
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// A statement with its sums.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    pub id: String,
    pub provider: String,
    pub month: String,
    pub state: State,
    pub lines: i64,
    pub disputed: i64,
    /// Hours that are paid: credited, less taken back, less struck.
    pub hours: String,
    pub amount: String,
    pub suspended_because: Option<String>,
    /// Who confirmed it, by name.
    pub confirmed_by: Option<String>,
    pub paid_on: Option<String>,
    pub payment_reference: Option<String>,
}

impl Shown {
    pub(crate) fn of(s: &Statement, sums: &Sums) -> Self {
        Self {
            id: s.id.clone(),
            provider: s.provider.clone(),
            month: s.month.clone(),
            state: s.state,
            lines: sums.lines,
            disputed: sums.disputed,
            hours: sums.hours().to_string(),
            amount: sums.amount.to_string(),
            suspended_because: s.suspended_because.clone(),
            confirmed_by: s.confirmed_by.clone(),
            paid_on: s.paid_on.clone(),
            payment_reference: s.payment_reference.clone(),
        }
    }
}

/// A line of a statement.
#[derive(Serialize, ToSchema)]
struct LineShown {
    place: i64,
    /// The entry of the ledger.
    entry: String,
    kind: String,
    at: String,
    /// The platform's own number of the record.
    record: String,
    title: String,
    subject: String,
    hours: String,
    rate: String,
    amount: String,
    state: String,
}

impl From<store::Shown> for LineShown {
    fn from(l: store::Shown) -> Self {
        Self {
            place: l.place,
            record: l.record().to_owned(),
            entry: l.entry_id,
            kind: l.kind,
            at: day::rfc3339(day::from_millis(l.at)),
            title: l.title,
            subject: l.subject,
            hours: signed(l.hours),
            rate: Fen::new(l.rate).to_string(),
            amount: Fen::new(l.amount).to_string(),
            state: l.state,
        }
    }
}

/// Hundredths of hours as a decimal, negative ones too.
pub(crate) fn signed(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}", base::Hours::from_hundredths(hundredths.abs()))
}

/// The statements that the visitor sees: all at the top, an operator's platform's, else none.
pub(crate) async fn seen(site: &Site, visitor: &Visitor) -> base::Result<Vec<Statement>> {
    match Side::of(&site.db, &visitor.actor).await? {
        Some(side) => store::listed(&site.db, side.only()).await,
        None => Ok(vec![]),
    }
}

/// A statement in the list.
#[derive(Serialize, ToSchema)]
struct StatementBrief {
    id: String,
    provider: String,
    month: String,
    state: State,
    paid_on: Option<String>,
    payment_reference: Option<String>,
}

/// Statements, the newest first.
#[utoipa::path(get, path = "/api/v1/settlements", responses((status = 200, body = Page<StatementBrief>)))]
async fn list(Shared(site): Shared<Site>, visitor: Visitor) -> Reply {
    let listed = seen(&site, &visitor).await?;
    let item = |s: Statement| StatementBrief {
        id: s.id,
        provider: s.provider,
        month: s.month,
        state: s.state,
        paid_on: s.paid_on,
        payment_reference: s.payment_reference,
    };
    Ok(axum::Json(Page::whole(listed.into_iter().map(item).collect())).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    provider: String,
    /// `YYYY-MM`, a month that is over.
    month: String,
}

/// Draw a month's statement up from the ledger.
#[utoipa::path(post, path = "/api/v1/settlements", request_body = Wanted, responses((status = 201, body = Shown),
    (status = 409, description = "settlement_exists or settlement_no_terms"), (status = 422, description = "settlement_month")))]
async fn draw_up(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<Wanted>) -> Reply {
    let id = draw::draw_up(&site, &visitor.actor, (&b.provider, &b.month)).await?;
    let (statement, sums) = (store::one(&site.db, &id).await?, store::sums(&site.db, &id).await?);
    Ok((StatusCode::CREATED, axum::Json(Shown::of(&statement, &sums))).into_response())
}

#[derive(Deserialize)]
struct Reading {
    after: Option<i64>,
    limit: Option<i64>,
}

/// A statement and a page of its lines.
#[derive(Serialize, ToSchema)]
struct Whole {
    #[serde(flatten)]
    statement: Shown,
    items: Vec<LineShown>,
    next: Option<i64>,
}

/// A statement with its lines, 200 at a time.
#[utoipa::path(get, path = "/api/v1/settlements/{id}", params(("id" = String, Path), ("after" = Option<i64>, Query),
    ("limit" = Option<i64>, Query)), responses((status = 200, body = Whole)))]
async fn one(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Reading>,
) -> Reply {
    let (statement, _) = settle::see(&site, &visitor.actor, &id).await?;
    let sums = store::sums(&site.db, &id).await?;
    let limit = q.limit.unwrap_or(200).clamp(1, 200);
    let mut items = store::lines(&site.db, &id, (q.after.unwrap_or(0), limit + 1), None).await?;
    let is_more = i64::try_from(items.len()).unwrap_or(0) > limit;
    if is_more {
        items.pop();
    }
    let next = items.last().filter(|_| is_more).map(|l| l.place);
    let items = items.into_iter().map(LineShown::from).collect();
    Ok(axum::Json(Whole { statement: Shown::of(&statement, &sums), items, next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Disputed {
    line: i64,
    reason: String,
}

/// Doubt a line, with the reason; a platform's operators object to a line of their own statement once.
#[utoipa::path(post, path = "/api/v1/settlements/{id}/disputes", params(("id" = String, Path)), request_body = Disputed,
    responses((status = 204), (status = 409, description = "line_decided, line_objected or settlement_confirmed")))]
async fn dispute(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<Disputed>,
) -> Reply {
    settle::dispute(&site, &visitor.actor, (&id, b.line), &b.reason).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What becomes of a disputed line.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Keep,
    Strike,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LineDecision {
    line: i64,
    decision: Verdict,
    comment: String,
}

/// Decide on a disputed line: it is kept, or struck and not paid.
#[utoipa::path(post, path = "/api/v1/settlements/{id}/line-decisions", params(("id" = String, Path)), request_body = LineDecision,
    responses((status = 200, body = Shown), (status = 409, description = "line_decided")))]
async fn decide(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<LineDecision>,
) -> Reply {
    let is_struck = matches!(b.decision, Verdict::Strike);
    settle::decide(&site, &visitor.actor, (&id, b.line), (is_struck, &b.comment)).await?;
    shown(&site, &id).await
}

/// Confirm a statement in which no line is disputed.
#[utoipa::path(post, path = "/api/v1/settlements/{id}/confirmation", params(("id" = String, Path)),
    responses((status = 200, body = Shown), (status = 409, description = "settlement_disputed, settlement_suspended or settlement_confirmed")))]
async fn confirm(Shared(site): Shared<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    settle::confirm(&site, &visitor.actor, &id).await?;
    shown(&site, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// Let a suspended statement go on, with the reason.
#[utoipa::path(post, path = "/api/v1/settlements/{id}/release", params(("id" = String, Path)), request_body = Reason,
    responses((status = 200, body = Shown), (status = 409, description = "settlement_not_suspended")))]
async fn release(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<Reason>,
) -> Reply {
    settle::release(&site, &visitor.actor, &id, &b.reason).await?;
    shown(&site, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Payment {
    reference: String,
    /// Today unless given.
    paid_on: Option<String>,
}

/// Book the payment of a confirmed statement.
#[utoipa::path(post, path = "/api/v1/settlements/{id}/payment", params(("id" = String, Path)), request_body = Payment,
    responses((status = 200, body = Shown), (status = 409, description = "settlement_not_confirmed or paid_before")))]
async fn pay(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<Payment>,
) -> Reply {
    let on = b.paid_on.as_deref().map(str::trim).filter(|t| !t.is_empty());
    let read = |t| rules::record::parse_day(t).ok_or_else(|| Error::invalid("paid_on", "payment_day"));
    settle::pay(&site, &visitor.actor, &id, (&b.reference, on.map(read).transpose()?)).await?;
    shown(&site, &id).await
}

async fn shown(site: &Site, id: &str) -> Reply {
    let (statement, sums) = (store::one(&site.db, id).await?, store::sums(&site.db, id).await?);
    Ok(axum::Json(Shown::of(&statement, &sums)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TermsBody {
    provider: String,
    /// Yuan an hour of the public subject.
    public_rate: String,
    /// Yuan an hour of the professional subject.
    professional_rate: String,
    /// More per cent of a month's hours taken back or struck suspend its statement.
    suspend_percent: i64,
}

/// Set what an hour of a platform is worth.
#[utoipa::path(put, path = "/api/v1/settlement-terms", request_body = TermsBody, responses((status = 204),
    (status = 422, description = "settlement_rate or settlement_percent")))]
async fn set_terms(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<TermsBody>) -> Reply {
    let rate = |text: &str| Fen::parse(text.trim()).ok_or_else(|| Error::invalid("rate", "settlement_rate"));
    let (public_rate, professional_rate) = (rate(&b.public_rate)?, rate(&b.professional_rate)?);
    let terms = Terms { public_rate, professional_rate, suspend_percent: b.suspend_percent };
    draw::set_terms(&site, &visitor.actor, &b.provider, terms).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The code of a state, for pages.
pub(crate) fn code(state: State) -> String {
    state.code()
}
