//! Posts beside the main one, and guests of a unit, over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Hours, Role, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    MANAGERS,
    post::{self, NewPost, PostKind},
    store_posts::{self as store, Guest, Held},
};

/// Who sees guests and who soon retires.
pub(crate) const READERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Hr];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/people/{id}/posts", Access::Roles(MANAGERS), of_person)
        .post("/api/v1/people/{id}/posts", Access::Roles(MANAGERS), add)
        .delete("/api/v1/people/{id}/posts/{post}", Access::Roles(MANAGERS), end)
        .get("/api/v1/guests", Access::Roles(READERS), guests)
}

#[derive(OpenApi)]
#[openapi(
    paths(of_person, add, end, guests),
    components(schemas(PostInfo, NewPost, PostKind, PostMade, GuestInfo))
)]
pub(crate) struct Docs;

#[derive(Serialize, ToSchema)]
struct PostInfo {
    id: String,
    /// `concurrent` or `secondment`.
    kind: String,
    unit: String,
    unit_name: String,
    title: String,
    category: Option<String>,
    level: Option<String>,
    from: String,
    until: Option<String>,
    ended: bool,
}

impl From<Held> for PostInfo {
    fn from(h: Held) -> Self {
        Self {
            id: h.id,
            kind: h.kind,
            unit: h.unit_code,
            unit_name: h.unit_name,
            title: h.title,
            category: h.category,
            level: h.level,
            from: h.from_day,
            until: h.until_day,
            ended: h.ended_at.is_some(),
        }
    }
}

async fn managed(site: &Site, visitor: &Visitor, id: &str) -> base::Result<org::Person> {
    let person = org::person(&site.db, id.parse()?).await?;
    if visitor.actor.scope(MANAGERS).holds(&person.path) { Ok(person) } else { Err(Error::not_found()) }
}

/// A person's posts beside the main one.
#[utoipa::path(get, path = "/api/v1/people/{id}/posts", params(("id" = String, Path)), responses((status = 200, body = Page<PostInfo>)))]
async fn of_person(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = managed(&site, &visitor, &id).await?;
    let items: Vec<PostInfo> =
        store::of_person(&site.db, person.id).await?.into_iter().map(PostInfo::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Serialize, ToSchema)]
struct PostMade {
    id: String,
}

/// Record a concurrent post (双肩挑) or a secondment (借调); the home unit does.
#[utoipa::path(post, path = "/api/v1/people/{id}/posts", params(("id" = String, Path)), request_body = NewPost,
    responses((status = 201, body = PostMade), (status = 404), (status = 422)))]
async fn add(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<NewPost>,
) -> Reply {
    let id = post::add(&site, &visitor.actor, id.parse()?, &b).await?;
    Ok((StatusCode::CREATED, axum::Json(PostMade { id })).into_response())
}

/// End a post from today on.
#[utoipa::path(delete, path = "/api/v1/people/{id}/posts/{post}", params(("id" = String, Path), ("post" = String, Path)),
    responses((status = 204), (status = 404)))]
async fn end(State(site): State<Site>, visitor: Visitor, Path((id, post)): Path<(String, String)>) -> Reply {
    post::end(&site, &visitor, id.parse()?, &post).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
struct GuestQuery {
    /// `host` (the default) or `home`.
    side: Option<String>,
    year: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
struct GuestInfo {
    post: String,
    person: String,
    name: String,
    kind: String,
    /// The unit that reviews, reimburses and reports.
    home: String,
    host: String,
    title: String,
    from: String,
    until: Option<String>,
    /// This year so far: `done`, `under_way`, `not_begun` or `exempt`.
    progress: Option<String>,
    public_hours: String,
    professional_hours: String,
}

/// The hours of a guest's year, as text.
pub(crate) fn hours(hundredths: Option<i64>) -> String {
    Hours::from_hundredths(hundredths.unwrap_or(0)).to_string()
}

impl From<Guest> for GuestInfo {
    fn from(g: Guest) -> Self {
        Self {
            post: g.post,
            person: g.person_id,
            name: g.name,
            kind: g.kind,
            home: g.home,
            host: g.host,
            title: g.title,
            from: g.from_day,
            until: g.until_day,
            progress: g.state,
            public_hours: hours(g.public_hours),
            professional_hours: hours(g.professional_hours),
        }
    }
}

/// People of other units who are seconded here or hold a post here, with their progress in a year, without one in
/// that which desks work on; or the own ones elsewhere.
#[utoipa::path(get, path = "/api/v1/guests", params(("side" = Option<String>, Query), ("year" = Option<u16>, Query), Paging),
    responses((status = 200, body = Page<GuestInfo>)))]
async fn guests(State(site): State<Site>, visitor: Visitor, Query(q): Query<GuestQuery>) -> Reply {
    let is_home = match q.side.as_deref() {
        None | Some("" | "host") => false,
        Some("home") => true,
        Some(_) => return Err(Error::invalid("side", "wrong_value").into()),
    };
    let paging = Paging { after: q.after, limit: q.limit };
    let scope = visitor.actor.scope(READERS);
    let today = day::day_of(site.now());
    let year = match q.year.as_deref().filter(|y| !y.is_empty()) {
        Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value"))?,
        None => site.desk_year(),
    };
    let found = store::guests(&site.db, (&scope, is_home), (today, year), &paging).await?;
    let page = Page::of(found, paging.limit(), |g| g.post.clone());
    let items: Vec<GuestInfo> = page.items.into_iter().map(GuestInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}
