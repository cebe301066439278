//! The automatic steps as data that the authority at the top keeps: how many days before 12-31, whom they tell, whether by
//! SMS. The same over the API.
use askama::Template;
use axum::{extract::State, response::IntoResponse};
use base::{Error, Result, Role, person::Code};
use rules::reminders::{self, Step, Told};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Access, Form, Frame, Json, Reply, Routes, Site, Visitor, html, see_other};
use utoipa::{OpenApi, ToSchema};

use crate::{SUPERVISORS, store_steps as store};

/// Who keeps the steps: the authority at the top of a tree, because they hold for all below.
const KEEPERS: &[Role] = &[Role::Authority];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/supervision/steps", Access::Roles(SUPERVISORS), page)
        .post("/supervision/steps", Access::Roles(KEEPERS), save)
        .get("/api/v1/supervision/steps", Access::Roles(SUPERVISORS), list)
        .put("/api/v1/supervision/steps", Access::Roles(KEEPERS), replace)
}

#[derive(OpenApi)]
#[openapi(paths(list, replace), components(schemas(StepInfo)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// Whether the visitor may change the steps.
fn is_keeper(visitor: &Visitor) -> bool {
    let is_top = |path: &str| path.matches('/').count() == 2;
    visitor.actor.grants.iter().any(|g| KEEPERS.contains(&g.role) && is_top(&g.path))
}

async fn keep(site: &Site, visitor: &Visitor, mut steps: Vec<Step>) -> Result<()> {
    if !is_keeper(visitor) {
        return Err(Error::denied());
    }
    if !reminders::are_usable(&steps) {
        return Err(Error::invalid("steps", "steps_unusable"));
    }
    steps.sort_by_key(|s| -s.days);
    let tx = site.db.begin().await?;
    store::replace_steps(&tx, &steps).await?;
    let said: Vec<StepInfo> = steps.iter().map(StepInfo::from).collect();
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "reminder_steps.set",
        object: "",
        unit_path: visitor.actor.grants.first().map_or("", |g| g.path.as_str()),
        details: json!({"steps": said}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepInfo {
    /// So many days before 12-31.
    days: i64,
    /// `person`, `department` (and its heads) or `unit` (and its administrators).
    told: String,
    /// Whether the person gets it by SMS as well, once.
    sms: bool,
}

impl From<&Step> for StepInfo {
    fn from(s: &Step) -> Self {
        Self { days: s.days, told: s.told.code(), sms: s.by_sms }
    }
}

/// The automatic steps before 12-31.
#[utoipa::path(get, path = "/api/v1/supervision/steps", responses((status = 200, body = site::Page<StepInfo>)))]
async fn list(State(site): State<Site>) -> Reply {
    let steps: Vec<StepInfo> = store::steps(&site.db).await?.iter().map(StepInfo::from).collect();
    Ok(axum::Json(site::Page::whole(steps)).into_response())
}

/// Put other steps in their place; for the authority at the top.
#[utoipa::path(put, path = "/api/v1/supervision/steps", request_body = Vec<StepInfo>, responses((status = 204),
    (status = 403), (status = 422, description = "steps_unusable")))]
async fn replace(State(site): State<Site>, visitor: Visitor, Json(new): Json<Vec<StepInfo>>) -> Reply {
    let read = |s: &StepInfo| {
        let told = Told::from_code(&s.told).ok_or_else(|| Error::invalid("told", "wrong_value"))?;
        Ok(Step { days: s.days, told, by_sms: s.sms })
    };
    let steps = new.iter().map(read).collect::<Result<Vec<Step>>>()?;
    keep(&site, &visitor, steps).await?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}

#[derive(Template)]
#[template(path = "supervision/steps.html")]
struct StepsPage {
    frame: Frame,
    rows: Vec<Row>,
    is_keeper: bool,
    error: String,
}

/// A line of the form.
struct Row {
    days: String,
    told: String,
    by_sms: bool,
}

impl StepsPage {
    fn choices(&self) -> Vec<(String, String)> {
        Told::ALL.iter().map(|t| (t.code(), self.frame.label("told", t))).collect()
    }
}

/// Empty lines that the form offers.
const SPARE: usize = 2;

fn shown(site: &Site, visitor: &Visitor, mut rows: Vec<Row>, error: String) -> Reply {
    let is_keeper = is_keeper(visitor);
    if is_keeper {
        let spare = || Row { days: String::new(), told: Told::Person.code(), by_sms: false };
        rows.extend(std::iter::repeat_with(spare).take(SPARE));
    }
    let frame = Frame::of(site, visitor, "/supervision", "page-supervision-steps");
    html(&StepsPage { frame, rows, is_keeper, error })
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let row = |s: &Step| Row { days: s.days.to_string(), told: s.told.code(), by_sms: s.by_sms };
    let rows = store::steps(&site.db).await?.iter().map(row).collect();
    shown(&site, &visitor, rows, String::new())
}

async fn save(State(site): State<Site>, visitor: Visitor, Form(f): Form<Vec<(String, String)>>) -> Reply {
    let all =
        |name: &str| -> Vec<&str> { f.iter().filter(|(n, _)| n == name).map(|(_, v)| v.trim()).collect() };
    let (days, told, sms) = (all("days"), all("told"), all("sms"));
    let filled = days.iter().zip(&told).zip(&sms).filter(|((days, _), _)| !days.is_empty());
    let rows: Vec<Row> = filled
        .map(|((days, told), sms)| Row {
            days: (*days).to_owned(),
            told: (*told).to_owned(),
            by_sms: *sms == "1",
        })
        .collect();
    let read = |r: &Row| {
        let days = r.days.parse().ok()?;
        Some(Step { days, told: Told::from_code(&r.told)?, by_sms: r.by_sms })
    };
    let steps: Option<Vec<Step>> = rows.iter().map(read).collect();
    match keep(&site, &visitor, steps.unwrap_or_default()).await {
        Ok(()) => Ok(see_other("/supervision/steps")),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            shown(&site, &visitor, rows, site.texts.get("field-steps_unusable"))
        }
        Err(e) => Err(e.into()),
    }
}
