//! Where someone else's courses are on their way, for those who help: the unit's administrator, the authority, customer
//! service. Each look is in the trail.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Actor, Error, PersonId, Result, Role};
use org::Person;
use serde_json::json;
use site::{Access, Page, Reply, Routes, Site, Visitor, see_other};
use utoipa::OpenApi;

use crate::{
    pages_people::{Asked, Whose, arrivals_of},
    trace::{self, Arrival},
};

const HELPERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Support];

pub(crate) fn routes() -> Routes {
    let helpers = Access::Roles(HELPERS);
    Routes::new()
        .get("/people/{id}/arrivals", helpers, page)
        .post("/people/{id}/arrivals/pull", helpers, pull)
        .get("/api/v1/people/{id}/arrivals", helpers, list)
        .post("/api/v1/people/{id}/arrivals/pull", helpers, pull_by_call)
}

#[derive(OpenApi)]
#[openapi(paths(list, pull_by_call))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// The person, if the actor helps there; the look is recorded.
async fn helped(site: &Site, actor: &Actor, id: &str, action: &'static str) -> Result<Person> {
    let id: PersonId = id.parse().map_err(|_| Error::not_found())?;
    let person = org::person(&site.db, id).await?;
    if !actor.scope(HELPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    let tx = site.db.begin().await?;
    org::record(site, &tx, actor.person, (action, &person), json!({})).await?;
    tx.commit().await?;
    Ok(person)
}

async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Asked>,
) -> Reply {
    let person = helped(&site, &visitor.actor, &id, "provider.arrivals_read").await?;
    let whose = Whose { id, name: person.name.clone() };
    arrivals_of(&site, &visitor, (person.id, Some(whose)), q.asked.is_some()).await
}

async fn pull(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = helped(&site, &visitor.actor, &id, "provider.arrivals_pulled").await?;
    trace::pull_all(&site, person.id).await?;
    Ok(see_other(&format!("/people/{id}/arrivals?asked=1")))
}

/// A person's learned courses on their way to hours, for who helps there; recorded in the trail.
#[utoipa::path(get, path = "/api/v1/people/{id}/arrivals", params(("id" = String, Path)), responses((status = 200, body = Page<Arrival>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = helped(&site, &visitor.actor, &id, "provider.arrivals_read").await?;
    Ok(axum::Json(Page::whole(trace::of(&site, person.id).await?)).into_response())
}

/// Ask every provider anew for a person's records, for who helps there.
#[utoipa::path(post, path = "/api/v1/people/{id}/arrivals/pull", params(("id" = String, Path)), responses((status = 202)))]
async fn pull_by_call(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = helped(&site, &visitor.actor, &id, "provider.arrivals_pulled").await?;
    trace::pull_all(&site, person.id).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}
