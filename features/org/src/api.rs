//! People and units over the JSON API (contract).
use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use base::{Error, Kind, Paper, PersonId, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    MANAGERS, NewUnit, Person, READERS, Unit, UnitKind, may_manage, profile, roster,
    store::{self, Listed, Wanted},
    unit,
};

/// A roster file is at most this large, in bytes (security item 37).
const MAX_ROSTER: usize = 10 * 1024 * 1024;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/units", Access::Roles(&[base::Role::Authority, base::Role::SystemAdmin]), create_unit)
        .get("/api/v1/units", Access::Roles(READERS), list_units)
        .get("/api/v1/people", Access::Roles(READERS), list_people)
        .post("/api/v1/roster/imports", Access::Roles(MANAGERS), import_roster)
        .costly()
        .get("/api/v1/me/profile", Access::SignedIn, my_profile)
        .patch("/api/v1/me/profile", Access::SignedIn, save_profile)
}

#[derive(OpenApi)]
#[openapi(
    paths(create_unit, list_units, list_people, import_roster, my_profile, save_profile),
    components(schemas(
        UnitBody,
        UnitInfo,
        PersonInfo,
        ImportResult,
        ImportError,
        ImportDifference,
        ProfileInfo,
        profile::Changes,
        UnitKind
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = Docs::openapi();
    docs.merge(crate::api_assist::Docs::openapi());
    docs.merge(crate::api_people::Docs::openapi());
    docs.merge(crate::api_units::Docs::openapi());
    docs
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnitBody {
    code: String,
    name: String,
    kind: UnitKind,
    /// The code of the unit above.
    parent: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct UnitInfo {
    id: String,
    code: String,
    name: String,
    kind: UnitKind,
}

impl From<Unit> for UnitInfo {
    fn from(u: Unit) -> Self {
        Self { id: u.id.to_string(), code: u.code, name: u.name, kind: u.kind }
    }
}

/// Create a unit below another.
#[utoipa::path(post, path = "/api/v1/units", request_body = UnitBody, responses((status = 201, body = UnitInfo)))]
async fn create_unit(State(site): State<Site>, visitor: Visitor, Json(b): Json<UnitBody>) -> Reply {
    let new = NewUnit { code: b.code, name: b.name, kind: b.kind };
    let unit = unit::create(&site, &visitor.actor, new, &b.parent).await?;
    Ok((StatusCode::CREATED, axum::Json(UnitInfo::from(unit))).into_response())
}

#[derive(Deserialize)]
struct UnitQuery {
    parent: String,
    after: Option<String>,
    limit: Option<u32>,
}

/// The units directly below one.
#[utoipa::path(get, path = "/api/v1/units", params(("parent" = String, Query), Paging), responses((status = 200, body = Page<UnitInfo>)))]
async fn list_units(State(site): State<Site>, visitor: Visitor, Query(q): Query<UnitQuery>) -> Reply {
    let parent = unit::by_code(&site.db, &q.parent).await?;
    let scope = visitor.actor.scope(READERS);
    if !scope.holds(&parent.path) {
        return Err(Error::not_found().into());
    }
    let paging = Paging { after: q.after, limit: q.limit };
    let units = store::units_below(&site.db, &parent, &scope, &paging).await?;
    let page = Page::of(units, paging.limit(), |u| u.code.clone());
    let items = page.items.into_iter().map(UnitInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize)]
struct PeopleQuery {
    unit: Option<String>,
    q: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PersonInfo {
    id: String,
    account: String,
    name: String,
    id_number_masked: Option<String>,
    unit: String,
    department: Option<String>,
    category: Option<String>,
    level: Option<String>,
    status: String,
    phone_bound: bool,
    staff_no: Option<String>,
    /// Whether category and level are the unit's word; false while they wait as the person entered them.
    post_confirmed: bool,
}

impl From<Listed> for PersonInfo {
    fn from(l: Listed) -> Self {
        let p = l.person;
        Self {
            id: p.id.to_string(),
            account: l.account,
            name: p.name,
            id_number_masked: p.id_number_masked,
            unit: p.unit_name,
            department: p.department,
            category: p.category.map(|c| c.code()),
            level: p.level.map(|l| l.code()),
            status: p.status.code(),
            phone_bound: l.is_phone_bound,
            staff_no: p.staff_no,
            post_confirmed: !p.is_post_claimed,
        }
    }
}

/// The people below a unit; ID numbers masked.
#[utoipa::path(get, path = "/api/v1/people", params(("unit" = Option<String>, Query), ("q" = Option<String>, Query),
    Paging),
    responses((status = 200, body = Page<PersonInfo>)))]
async fn list_people(State(site): State<Site>, visitor: Visitor, Query(q): Query<PeopleQuery>) -> Reply {
    let unit = match &q.unit {
        Some(code) => Some(unit::in_sight(&site.db, &visitor.actor.scope(READERS), code).await?),
        None => None,
    };
    let paging = Paging { after: q.after, limit: q.limit };
    let wanted = Wanted {
        unit_path: unit.as_ref().map(|u| u.path.as_str()),
        text: q.q.as_deref(),
        lookups: lookups(&site, q.q.as_deref()),
    };
    let people = store::people(&site.db, &visitor.actor, &wanted, &paging).await?;
    let page = Page::of(people, paging.limit(), |l| l.person.id.to_string());
    let items: Vec<PersonInfo> = page.items.into_iter().map(PersonInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// A whole ID number may be searched for; it is found by its blind index.
pub(crate) fn lookups(site: &Site, text: Option<&str>) -> Vec<String> {
    text.and_then(Paper::any).map_or_else(Vec::new, |paper| accounts::paper_lookups(site, &paper))
}

#[derive(Deserialize)]
struct ImportQuery {
    unit: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    replace_claims: bool,
}

#[derive(Serialize, ToSchema)]
struct ImportError {
    row: usize,
    column: String,
    code: String,
    message: String,
}

/// A fact that differs from what is known.
#[derive(Serialize, ToSchema)]
struct ImportDifference {
    row: usize,
    name: String,
    field: String,
    old: String,
    new: String,
    /// Whether the import writes it. What a person entered and the unit has not confirmed, the first entry into
    /// service, and the name of someone who has signed in stay.
    applied: bool,
    kept_because: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ImportResult {
    rows: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    /// People on post whom the file does not name; they stay as they are.
    left_out: usize,
    /// The first thousand.
    differences: Vec<ImportDifference>,
    errors: Vec<ImportError>,
}

impl ImportResult {
    fn of(site: &Site, outcome: roster::Outcome) -> Self {
        let text = |key: String| site.texts.get(&key);
        let error = |e: &roster::CellError| ImportError {
            row: e.row,
            column: text(format!("column-{}", e.column)),
            code: e.code.to_owned(),
            message: e.text(&site.texts),
        };
        let difference = |(row, name, d): (usize, String, roster::Difference)| ImportDifference {
            row,
            name,
            field: d.column.to_owned(),
            old: d.old,
            new: d.new,
            applied: d.kept.is_none(),
            kept_because: d.kept.map(|k| text(format!("kept-{k}"))),
        };
        Self {
            rows: outcome.rows,
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            left_out: outcome.left_out,
            errors: outcome.errors.iter().map(error).collect(),
            differences: outcome.differences.into_iter().map(difference).collect(),
        }
    }
}

/// Import a roster (.xlsx, .xls or .csv), all or nothing.
#[utoipa::path(post, path = "/api/v1/roster/imports", request_body(content(("text/csv"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("application/vnd.ms-excel"))),
    params(("unit" = String, Query), ("dry_run" = Option<bool>, Query), ("replace_claims" = Option<bool>, Query)),
    responses((status = 200, body = ImportResult), (status = 422, body = ImportResult)))]
async fn import_roster(
    State(site): State<Site>,
    visitor: Visitor,
    Query(q): Query<ImportQuery>,
    headers: HeaderMap,
    request: Request,
) -> Reply {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    if declared.starts_with("application/json") {
        return Err(Error::refused(Kind::Unsupported, "unsupported_media_type").into());
    }
    let body = site::read_body(request, MAX_ROSTER).await?;
    let unit = managed_unit(&site, &visitor, &q.unit).await?;
    if !roster::Format::of(&body)?.fits_type(declared) {
        return Err(Error::refused(Kind::Invalid, "roster_other_type").into());
    }
    let how = roster::How {
        is_dry_run: q.dry_run,
        by: Some(visitor.actor.person),
        options: roster::Options { replaces_claims: q.replace_claims },
        ..roster::How::default()
    };
    let outcome = roster::import_file(&site, &unit, body.to_vec(), how).await?;
    let is_refused = !outcome.errors.is_empty() && !q.dry_run;
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, axum::Json(ImportResult::of(&site, outcome))).into_response())
}

/// The unit of a code where the visitor manages people; any other is not found.
pub(crate) async fn managed_unit(site: &Site, visitor: &Visitor, code: &str) -> base::Result<Unit> {
    let unit = unit::by_code(&site.db, code).await?;
    if may_manage(&visitor.actor, &unit.path) { Ok(unit) } else { Err(Error::not_found()) }
}

pub(crate) async fn managed_person(site: &Site, visitor: &Visitor, id: PersonId) -> base::Result<Person> {
    let person = store::person(&site.db, id).await?;
    if may_manage(&visitor.actor, &person.path) { Ok(person) } else { Err(Error::not_found()) }
}

#[derive(Serialize, ToSchema)]
struct ProfileInfo {
    id: String,
    name: String,
    id_number_masked: Option<String>,
    gender: Option<String>,
    birth_date: Option<String>,
    unit: String,
    department: Option<String>,
    category: Option<String>,
    level: Option<String>,
    retirement: String,
    status: String,
    joined_on: Option<String>,
    /// Fields that a certificate needs and that are missing.
    missing: Vec<String>,
}

impl From<Person> for ProfileInfo {
    fn from(p: Person) -> Self {
        let missing = p.missing().into_iter().map(str::to_owned).collect();
        Self {
            id: p.id.to_string(),
            name: p.name,
            id_number_masked: p.id_number_masked,
            gender: p.gender.map(|g| g.code()),
            birth_date: p.birth_date.map(|d| d.to_string()),
            unit: p.unit_name,
            department: p.department,
            category: p.category.map(|c| c.code()),
            level: p.level.map(|l| l.code()),
            retirement: p.retirement.code(),
            status: p.status.code(),
            joined_on: p.joined_on.map(|d| d.to_string()),
            missing,
        }
    }
}

/// The own profile.
#[utoipa::path(get, path = "/api/v1/me/profile", responses((status = 200, body = ProfileInfo)))]
async fn my_profile(State(site): State<Site>, visitor: Visitor) -> Reply {
    let person = store::person(&site.db, visitor.actor.person).await?;
    Ok(axum::Json(ProfileInfo::from(person)).into_response())
}

/// Complete the own profile.
#[utoipa::path(patch, path = "/api/v1/me/profile", request_body = profile::Changes, responses((status = 200, body = ProfileInfo)))]
async fn save_profile(State(site): State<Site>, visitor: Visitor, Json(c): Json<profile::Changes>) -> Reply {
    let person = profile::save(&site, &visitor, &c).await?;
    Ok(axum::Json(ProfileInfo::from(person)).into_response())
}
