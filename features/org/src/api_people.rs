//! One person by hand over the JSON API (contract): adding, changing, the history.
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Day, Error, PersonId, day, person::Code};
use serde::Serialize;
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    MANAGERS, Person, READERS,
    api::PersonInfo,
    clear_view,
    history::Placed,
    people::{self, Stated},
    store::{self, Listed},
    store_history,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/people", Access::Roles(MANAGERS), add)
        .get("/api/v1/people/{id}", Access::Roles(READERS), one)
        .patch("/api/v1/people/{id}", Access::Roles(MANAGERS), change)
        .get("/api/v1/people/{id}/history", Access::Roles(READERS), history)
        .post("/api/v1/people/{id}/clear-view", Access::Roles(clear_view::VIEWERS), show_clear)
        .verifies_credential()
}

#[derive(OpenApi)]
#[openapi(
    paths(add, one, change, history, show_clear),
    components(schemas(
        Stated,
        PersonDetail,
        PersonInfo,
        PlacementInfo,
        clear_view::Wanted,
        clear_view::Clear
    ))
)]
pub(crate) struct Docs;

/// A person with what can be stated; ID numbers and phones masked.
#[derive(Serialize, ToSchema)]
struct PersonDetail {
    #[serde(flatten)]
    listed: PersonInfo,
    id_type: String,
    gender: Option<String>,
    birth_date: Option<String>,
    joined_on: Option<String>,
    establishment: String,
    retirement: String,
    contact_phone_masked: Option<String>,
}

async fn detail(site: &Site, person: Person) -> base::Result<PersonDetail> {
    let mut names = accounts::account_names(&site.db, &[person.id]).await?;
    let (account, is_phone_bound) = names.remove(&person.id).unwrap_or_default();
    let phones = crate::store_people::contact_phones(site, &site.db, &[person.id]).await?;
    let phone = phones.get(&person.id).and_then(|p| base::Phone::parse(p));
    let text = |d: Option<Day>| d.map(|d| d.to_string());
    Ok(PersonDetail {
        id_type: person.id_type.code(),
        gender: person.gender.map(|g| g.code()),
        birth_date: text(person.birth_date),
        joined_on: text(person.joined_on),
        establishment: person.establishment.code(),
        retirement: person.retirement.code(),
        contact_phone_masked: phone.map(|p| p.masked()),
        listed: PersonInfo::from(Listed { person, account, is_phone_bound }),
    })
}

/// Add one person by hand; the account's name is generated.
#[utoipa::path(post, path = "/api/v1/people", request_body = Stated, responses((status = 201, body = PersonDetail),
    (status = 404, description = "a foreign unit"), (status = 409, description = "person_exists")))]
async fn add(State(site): State<Site>, visitor: Visitor, Json(b): Json<Stated>) -> Reply {
    if b.from.is_some() {
        return Err(Error::invalid("from", "unknown_field").into());
    }
    let person = people::create(&site, &visitor, &b).await?;
    Ok((StatusCode::CREATED, axum::Json(detail(&site, person).await?)).into_response())
}

/// One person.
#[utoipa::path(get, path = "/api/v1/people/{id}", params(("id" = String, Path)), responses((status = 200, body = PersonDetail)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = seen(&site, &visitor, id.parse()?).await?;
    Ok(axum::Json(detail(&site, person).await?).into_response())
}

/// Change one person; what is left out stays. Who someone is changes by hand only before the first sign-in.
#[utoipa::path(patch, path = "/api/v1/people/{id}", request_body = Stated, params(("id" = String, Path)),
    responses((status = 200, body = PersonDetail), (status = 403, description = "own_record"),
    (status = 409, description = "person_exists, correction_needed, last_administrator")))]
async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<Stated>,
) -> Reply {
    let person = people::change(&site, &visitor, id.parse()?, &b).await?;
    Ok(axum::Json(detail(&site, person).await?).into_response())
}

#[derive(Serialize, ToSchema)]
struct PlacementInfo {
    /// None is the beginning.
    from: Option<String>,
    unit: String,
    department: Option<String>,
    status: String,
    category: Option<String>,
    level: Option<String>,
    establishment: String,
    /// `entered`, `changed`, `imported`, `claimed`, `transferred`, `merged`.
    reason: String,
    recorded_at: String,
    recorded_by: Option<String>,
}

impl From<Placed> for PlacementInfo {
    fn from(p: Placed) -> Self {
        Self {
            from: p.from.map(|d| d.to_string()),
            unit: p.unit_name,
            department: p.department,
            status: p.status.code(),
            category: p.category.map(|c| c.code()),
            level: p.level.map(|l| l.code()),
            establishment: p.establishment.code(),
            reason: p.reason,
            recorded_at: day::rfc3339(p.recorded_at),
            recorded_by: p.recorded_by,
        }
    }
}

/// Where the person was with which status from which day.
#[utoipa::path(get, path = "/api/v1/people/{id}/history", params(("id" = String, Path)),
    responses((status = 200, body = Page<PlacementInfo>)))]
async fn history(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = seen(&site, &visitor, id.parse()?).await?;
    let placements = store_history::of_person(&site.db, person.id).await?;
    let items: Vec<PlacementInfo> = placements.into_iter().map(PlacementInfo::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// ID number and phones in clear, with a reason that is logged; the password must have been entered a short while ago.
#[utoipa::path(post, path = "/api/v1/people/{id}/clear-view", params(("id" = String, Path)), request_body = clear_view::Wanted,
    responses((status = 200, body = clear_view::Clear), (status = 403, description = "password_needed"),
    (status = 429, description = "clear_views_closed")))]
async fn show_clear(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<clear_view::Wanted>,
) -> Reply {
    let clear = clear_view::show(&site, &visitor, id.parse()?, &b).await?;
    Ok(axum::Json(clear).into_response())
}

/// A person whom the visitor may see; any other is not found.
pub(crate) async fn seen(site: &Site, visitor: &Visitor, id: PersonId) -> base::Result<Person> {
    let person = store::person(&site.db, id).await?;
    if visitor.actor.scope(READERS).holds(&person.path) { Ok(person) } else { Err(Error::not_found()) }
}
