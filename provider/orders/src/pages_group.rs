//! The pages and calls of group orders: ordering for colleagues, and taking a seat.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Fen};
use catalogue::Course;
use serde::{Deserialize, Serialize};
use site::{Access, Form, Frame, Json, Page, Reply, Routes, Site, Visitor, html, see_other};
use utoipa::{OpenApi, ToSchema};

use crate::{
    group,
    order::{Summary, summary},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/group-orders", Access::SignedIn, place)
        .get("/api/v1/orders/{id}/seats", Access::SignedIn, seats)
        .post("/api/v1/seats", Access::SignedIn, take)
        .get("/group-orders/new", Access::SignedIn, blank)
        .post("/group-orders", Access::SignedIn, ordered)
        .get("/seats", Access::SignedIn, seat_page)
        .post("/seats", Access::SignedIn, seat_taken)
}

#[derive(OpenApi)]
#[openapi(paths(place, seats, take), components(schemas(NewGroup, Code)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    courses: Vec<String>,
    /// Their names, as the management platform knows them; of two that have one name, each with a remark in brackets.
    people: Vec<String>,
}

/// Order courses for chosen people, with one invoice for their unit.
#[utoipa::path(post, path = "/api/v1/group-orders", request_body = NewGroup,
    responses((status = 201, body = Summary), (status = 422)))]
async fn place(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewGroup>) -> Reply {
    let placed = group::place(&site, visitor.actor.person, &new.courses, &new.people).await?;
    Ok((StatusCode::CREATED, axum::Json(summary(&placed))).into_response())
}

/// A person's seats.
#[derive(Serialize, ToSchema)]
struct SeatShown {
    name: String,
    /// Who enters it takes the seats, if the name is theirs.
    code: String,
    taken: bool,
    /// In how many courses.
    courses: i64,
    /// What giving them back now brings back.
    refundable: Fen,
}

/// The seats of the buyer's paid group order, with their codes: in how many courses, and what can be given back now.
#[utoipa::path(get, path = "/api/v1/orders/{id}/seats", responses((status = 200, body = Page<SeatShown>), (status = 404)))]
async fn seats(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let order = store::order(&site.db, &id, visitor.actor.person).await?;
    let seats = group::seats(&site, &order).await?;
    let one = |c: group::Chosen| SeatShown {
        name: c.seat.name,
        code: c.code,
        taken: c.seat.taken_at.is_some(),
        courses: c.seat.courses,
        refundable: c.back,
    };
    Ok(axum::Json(Page::whole(seats.into_iter().map(one).collect())).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

#[derive(Serialize, ToSchema)]
struct SeatTaken {
    /// The courses that it opens.
    courses: Vec<String>,
}

/// Take the seat of a code: for the person whose name it bears.
#[utoipa::path(post, path = "/api/v1/seats", request_body = Code, responses((status = 200, body = SeatTaken),
    (status = 403, description = "seat_of_another"), (status = 409, description = "seat_held"), (status = 410, description = "seat_taken"),
    (status = 422, description = "seat_unknown")))]
async fn take(State(site): State<Site>, visitor: Visitor, Json(c): Json<Code>) -> Reply {
    let courses = group::take(&site, visitor.actor.person, &c.code).await?;
    Ok(axum::Json(SeatTaken { courses }).into_response())
}

#[derive(Template)]
#[template(path = "orders/group.html")]
struct GroupPage {
    frame: Frame,
    courses: Vec<Course>,
    people: String,
    chosen: Vec<String>,
}

impl GroupPage {
    fn is_chosen(&self, course: &str) -> bool {
        self.chosen.iter().any(|c| c == course)
    }
}

async fn group_page(site: &Site, frame: Frame, (people, chosen): (String, Vec<String>)) -> Reply {
    let courses = catalogue::all(&site.db).await?;
    let courses = courses.into_iter().filter(|c| c.is_offered() && !c.free).collect();
    html(&GroupPage { frame, courses, people, chosen })
}

async fn blank(State(site): State<Site>, visitor: Visitor) -> Reply {
    let frame = Frame::of(&site, &visitor, "/me", "page-group-order");
    group_page(&site, frame, (String::new(), vec![])).await
}

async fn ordered(
    State(site): State<Site>,
    visitor: Visitor,
    Form(form): Form<Vec<(String, String)>>,
) -> Reply {
    let all = |name: &str| form.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect::<Vec<_>>();
    let (courses, people) = (all("course"), all("people").concat());
    let names: Vec<String> =
        people.split(['\n', ',', '\u{ff0c}', '\u{3001}', ';', ' ']).map(str::to_owned).collect();
    match group::place(&site, visitor.actor.person, &courses, &names).await {
        Ok(order) => Ok(see_other(&format!("/orders/{}", order.id))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            let frame = Frame::of(&site, &visitor, "/me", "page-group-order").with_refusal(&p);
            group_page(&site, frame, (people, courses)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "orders/seat.html")]
struct SeatPage {
    frame: Frame,
}

async fn seat_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&SeatPage { frame: Frame::of(&site, &visitor, "/me", "page-seat") })
}

async fn seat_taken(State(site): State<Site>, visitor: Visitor, Form(c): Form<Code>) -> Reply {
    match group::take(&site, visitor.actor.person, &c.code).await {
        Ok(courses) => {
            let first = courses.first().map_or_else(|| "/me".to_owned(), |c| format!("/courses/{c}"));
            Ok(see_other(&first))
        }
        Err(Error::Refused(p)) => {
            let frame = Frame::of(&site, &visitor, "/me", "page-seat").with_refusal(&p);
            html(&SeatPage { frame })
        }
        Err(error) => Err(error.into()),
    }
}
