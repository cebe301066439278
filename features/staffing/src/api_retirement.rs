//! Who retires in a month, and days of retirement that HR sets, over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Day, Error, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    api_posts::READERS,
    retiring::{self, Retiring, Standing, Wish},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/retirements", Access::Roles(READERS), in_month)
        .get("/api/v1/people/{id}/retirement", Access::Roles(READERS), one)
        .put("/api/v1/people/{id}/retirement", Access::Roles(READERS), set)
        .delete("/api/v1/people/{id}/retirement", Access::Roles(READERS), unset)
}

#[derive(OpenApi)]
#[openapi(
    paths(in_month, one, set, unset),
    components(schemas(RetirementInfo, RetirementStanding, SetInfo, RetirementBody))
)]
pub(crate) struct Docs;

#[derive(Deserialize)]
struct MonthQuery {
    month: Option<String>,
}

/// The first day of a month `YYYY-MM`; this month's where none is named.
pub(crate) fn month(site: &Site, text: Option<&str>) -> base::Result<Day> {
    let wrong = || Error::invalid("month", "month_form");
    let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else {
        return Ok(day::day_of(site.now()).first_of_month());
    };
    if text.len() != 7 {
        return Err(wrong());
    }
    format!("{text}-01").parse().map_err(|_| wrong())
}

#[derive(Serialize, ToSchema)]
struct RetirementInfo {
    person: String,
    name: String,
    unit: String,
    department: Option<String>,
    staff_no: Option<String>,
    birth_date: String,
    /// `cadre`, `worker` or `senior`.
    retirement: String,
    /// The day of retirement: the one that HR set, else that of reaching the statutory age.
    on: String,
    /// The day of reaching the statutory age.
    computed_on: String,
    /// The document of a day that HR set.
    document: Option<String>,
}

impl From<Retiring> for RetirementInfo {
    fn from(r: Retiring) -> Self {
        Self {
            person: r.person.to_string(),
            name: r.name,
            unit: r.unit,
            department: r.department,
            staff_no: r.staff_no,
            birth_date: r.birth_date.to_string(),
            retirement: r.retirement.code(),
            on: r.on.to_string(),
            computed_on: r.computed_on.to_string(),
            document: r.document,
        }
    }
}

/// Who retires in a month.
#[utoipa::path(get, path = "/api/v1/retirements", params(("month" = Option<String>, Query)), responses((status = 200, body = Page<RetirementInfo>)))]
async fn in_month(State(site): State<Site>, visitor: Visitor, Query(q): Query<MonthQuery>) -> Reply {
    let month = month(&site, q.month.as_deref())?;
    let found = retiring::in_month(&site, &visitor.actor.scope(READERS), month).await?;
    let items: Vec<RetirementInfo> = found.into_iter().map(RetirementInfo::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Serialize, ToSchema)]
struct RetirementStanding {
    /// The day of retirement; none for someone whose gender or birth date is not known and whose day nobody set.
    on: Option<String>,
    computed_on: Option<String>,
    set: Option<SetInfo>,
}

#[derive(Serialize, ToSchema)]
struct SetInfo {
    day: String,
    document: String,
    reason: String,
    set_by: String,
    set_at: String,
}

impl From<Standing> for RetirementStanding {
    fn from(s: Standing) -> Self {
        let computed_on = s.computed_on.map(|d| d.to_string());
        let set = s.set.map(|s| SetInfo {
            day: s.day,
            document: s.document,
            reason: s.reason,
            set_by: s.set_by_name,
            set_at: day::rfc3339(day::from_millis(s.created_at)),
        });
        let on = set.as_ref().map(|s| s.day.clone()).or_else(|| computed_on.clone());
        Self { on, computed_on, set }
    }
}

/// When someone retires, and who says so.
#[utoipa::path(get, path = "/api/v1/people/{id}/retirement", params(("id" = String, Path)),
    responses((status = 200, body = RetirementStanding), (status = 404)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let standing = retiring::standing(&site, &visitor, id.parse()?).await?;
    Ok(axum::Json(RetirementStanding::from(standing)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetirementBody {
    day: String,
    /// The document that says so, by its number.
    document: String,
    reason: String,
}

/// Set the day of retirement by a document; it takes the place of the computed one, for exemptions too.
#[utoipa::path(put, path = "/api/v1/people/{id}/retirement", params(("id" = String, Path)), request_body = RetirementBody,
    responses((status = 204), (status = 403, description = "own_record"), (status = 404), (status = 422)))]
async fn set(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<RetirementBody>,
) -> Reply {
    let wish = Wish { day: &b.day, document: &b.document, reason: &b.reason };
    retiring::set(&site, &visitor, id.parse()?, &wish).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take the set day away; the computed one holds again.
#[utoipa::path(delete, path = "/api/v1/people/{id}/retirement", params(("id" = String, Path)),
    responses((status = 204), (status = 404), (status = 409, description = "no_retirement_day")))]
async fn unset(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    retiring::unset(&site, &visitor, id.parse()?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
