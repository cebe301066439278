//! Reminding people, and the budget it is paid from, over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Fen, PersonId, Result, Year, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    SUPERVISORS,
    budget::{self, Budget, KEEPERS},
    remind::{self, Plan, Why, Wish},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/reminders", Access::Roles(SUPERVISORS), reminders)
        .get("/api/v1/units/{code}/sms-budget", Access::Roles(KEEPERS), budget_of)
        .put("/api/v1/units/{code}/sms-budget", Access::Roles(KEEPERS), set_budget)
}

#[derive(OpenApi)]
#[openapi(
    paths(reminders, budget_of, set_budget),
    components(schemas(Reminding, Planned, LeftOutInfo, NewBudget, BudgetInfo))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reminding {
    /// Whom to remind: ids, at most 1000.
    people: Vec<String>,
    /// Whether to text them as well.
    #[serde(default)]
    by_sms: bool,
}

#[derive(Deserialize)]
struct Mode {
    dry_run: Option<bool>,
}

#[derive(Serialize, ToSchema)]
struct LeftOutInfo {
    name: String,
    /// `nothing_open`, `no_phone` or `weekly_limit`.
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct Planned {
    /// The sending's id; none for a plan.
    id: Option<String>,
    /// Who gets a message inside the application.
    recipients: usize,
    /// Who gets an SMS.
    texted: usize,
    /// Messages of the operator: 70 characters, or 67 each where it takes several.
    segments: usize,
    /// What these cost.
    yuan: String,
    /// What the budget has left before it.
    left: String,
    /// Whether the budget covers it.
    covered: bool,
    /// When the SMS go out; none for at once.
    held_until: Option<String>,
    left_out: Vec<LeftOutInfo>,
}

impl Planned {
    fn of(plan: &Plan, id: Option<String>) -> Self {
        let reason = |why: Why| match why {
            Why::NothingOpen => "nothing_open",
            Why::NoPhone => "no_phone",
            Why::WeeklyLimit => "weekly_limit",
        };
        let left_out = plan.left_out.iter();
        Self {
            id,
            recipients: plan.recipients.len(),
            texted: plan.texted(),
            segments: plan.segments(),
            yuan: plan.cost().to_string(),
            left: plan.budget.left().to_string(),
            covered: plan.is_covered(),
            held_until: plan.held_until.map(day::rfc3339),
            left_out: left_out
                .map(|l| LeftOutInfo { name: l.name.clone(), reason: reason(l.why).to_owned() })
                .collect(),
        }
    }
}

/// Remind people of what they miss this year: always inside the application, by SMS if asked, once in seven days and
/// within the budget. `dry_run=true` only says what would happen.
#[utoipa::path(post, path = "/api/v1/reminders", params(("dry_run" = Option<bool>, Query)), request_body = Reminding,
    responses((status = 200, description = "the plan of a dry run", body = Planned), (status = 201, body = Planned),
    (status = 404, description = "someone is outside of the own places"),
    (status = 409, description = "sms_budget_short, no_one_to_remind")))]
async fn reminders(
    State(site): State<Site>,
    visitor: Visitor,
    Query(mode): Query<Mode>,
    Json(b): Json<Reminding>,
) -> Reply {
    let people = ids(&b.people)?;
    let wish = Wish { people: &people, by_sms: b.by_sms };
    if mode.dry_run.unwrap_or(false) {
        let plan = remind::plan(&site, &site.db, &visitor.actor, &wish).await?;
        return Ok(axum::Json(Planned::of(&plan, None)).into_response());
    }
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let plan = remind::send(&site, &visitor.actor, &id, &wish).await?;
    Ok((StatusCode::CREATED, axum::Json(Planned::of(&plan, Some(id)))).into_response())
}

/// Ids of people as a caller wrote them.
pub(crate) fn ids(written: &[String]) -> Result<Vec<PersonId>> {
    let read = |id: &String| id.parse().map_err(|_| Error::not_found());
    written.iter().map(read).collect()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewBudget {
    year: i64,
    /// In all, such as `"100.00"`.
    yuan: String,
    /// Of one message of the operator; `"0.05"` unless given.
    per_segment: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct BudgetInfo {
    unit: String,
    year: i16,
    yuan: String,
    spent: String,
    left: String,
    per_segment: String,
}

impl BudgetInfo {
    fn of(b: &Budget, year: Year) -> Self {
        Self {
            unit: b.name.clone(),
            year: year.number(),
            yuan: b.total.to_string(),
            spent: b.spent.to_string(),
            left: b.left().to_string(),
            per_segment: b.price.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<String>,
}

/// What a unit may spend on reminders by SMS in a calendar year, and what it has spent.
#[utoipa::path(get, path = "/api/v1/units/{code}/sms-budget", params(("code" = String, Path),
    ("year" = Option<u16>, Query)), responses((status = 200, body = BudgetInfo), (status = 404)))]
async fn budget_of(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(q): Query<OfYear>,
) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year());
    let found = budget::seen(&site, &visitor.actor, &code, year).await?;
    Ok(axum::Json(BudgetInfo::of(&found, year)).into_response())
}

/// Set what a unit may spend on reminders by SMS in a calendar year. It stops reminders, never codes.
#[utoipa::path(put, path = "/api/v1/units/{code}/sms-budget", params(("code" = String, Path)), request_body = NewBudget,
    responses((status = 200, body = BudgetInfo), (status = 404), (status = 422)))]
async fn set_budget(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(b): Json<NewBudget>,
) -> Reply {
    let year = Year::new(b.year).ok_or_else(|| Error::invalid("year", "wrong_value"))?;
    let total = money("yuan", &b.yuan)?;
    let price = b.per_segment.as_deref().map_or(Ok(budget::USUAL_PRICE), |p| money("per_segment", p))?;
    let set = budget::set(&site, &visitor.actor, (&code, year), (total, price)).await?;
    Ok(axum::Json(BudgetInfo::of(&set, year)).into_response())
}

/// Reads an amount in yuan.
pub(crate) fn money(field: &'static str, text: &str) -> Result<Fen> {
    Fen::parse(text.trim()).ok_or_else(|| Error::invalid(field, "money_form"))
}
