//! The slice over the JSON API; here unit trainings (contract: `POST /batch-claims`).
mod claims;
mod exemptions;
mod shown;
mod watching;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    BOOKERS, book,
    training::{Plan, Typed, Whom},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/batch-claims", Access::Roles(BOOKERS), book_training)
        .post("/api/v1/batch-claims/{id}/reversal", Access::Roles(BOOKERS), take_back)
        .post("/api/v1/batch-claims/{id}/confirmation", Access::Roles(BOOKERS), confirm)
        .and(claims::routes())
        .and(exemptions::routes())
        .and(watching::routes())
}

#[derive(OpenApi)]
#[openapi(
    paths(book_training, take_back, confirm),
    components(schemas(TrainingBody, Booked, BookedRow, TakeBackBody, ConfirmBody))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut all = Docs::openapi();
    all.merge(claims::Docs::openapi());
    all.merge(exemptions::Docs::openapi());
    all.merge(watching::Docs::openapi());
    all
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TrainingBody {
    title: String,
    from: String,
    to: String,
    /// Days attended, in halves, as a decimal string.
    days: String,
    subject: String,
    /// Ids of people, or `"unit"` for everyone on post below.
    people: People,
}

#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum People {
    /// `"unit"`.
    Word(String),
    /// The people.
    Ids(Vec<PersonId>),
}

#[derive(Serialize, ToSchema)]
struct BookedRow {
    person: String,
    name: String,
    credited: String,
    /// Why it is nothing, or less than the training's hours: `own_decision`, `another_decides`, `reversed`, `overlap` with
    /// other learning or another training, or a reason of the rules.
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Booked {
    id: String,
    booked_before: bool,
    hours: String,
    items: Vec<BookedRow>,
}

/// Book a unit training for many; booking it again credits nobody twice.
#[utoipa::path(post, path = "/api/v1/batch-claims", request_body = TrainingBody, responses((status = 200, body = Booked)))]
async fn book_training(State(site): State<Site>, visitor: Visitor, Json(b): Json<TrainingBody>) -> Reply {
    let whom = match b.people {
        People::Word(word) if word == "unit" => Whom::Unit,
        People::Word(_) => return Err(Error::invalid("people", "wrong_value").into()),
        People::Ids(ids) => Whom::People(ids),
    };
    let typed = Typed { title: &b.title, from: &b.from, to: &b.to, days: &b.days, subject: &b.subject };
    let plan = Plan::read(&typed, whom)?;
    let booking = book(&site, &visitor.actor, &plan).await?;
    let item = |r: book::Row| BookedRow {
        person: r.person.to_string(),
        name: r.name,
        credited: r.credited.to_string(),
        reason: r.reason.map(str::to_owned),
    };
    let items = booking.rows.into_iter().map(item).collect();
    let body = Booked {
        id: booking.id,
        booked_before: booking.booked_before,
        hours: booking.hours.to_string(),
        items,
    };
    Ok(axum::Json(body).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeBackBody {
    /// These people's rows; the whole training when left out.
    people: Option<Vec<PersonId>>,
    reason: String,
}

/// What was taken back.
#[derive(Serialize, ToSchema)]
struct TakenBack {
    /// The training.
    id: String,
    /// How many of its rows were reversed.
    reversed: usize,
}

/// Take rows of a training back, or the whole, by reversals.
#[utoipa::path(post, path = "/api/v1/batch-claims/{id}/reversal", params(("id" = String, Path)), request_body = TakeBackBody,
    responses((status = 200, body = TakenBack)))]
async fn take_back(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<TakeBackBody>,
) -> Reply {
    let reversed = crate::take_back(&site, &visitor.actor, &id, (b.people.as_deref(), &b.reason)).await?;
    Ok(axum::Json(TakenBack { id, reversed }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    person: PersonId,
}

/// Credit the row of an administrator that waits for another one.
#[utoipa::path(post, path = "/api/v1/batch-claims/{id}/confirmation", params(("id" = String, Path)),
    request_body = ConfirmBody, responses((status = 204), (status = 403, description = "own_decision, spouse_decision"),
    (status = 409, description = "training_overlap, claim_decided, year_closed")))]
async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<ConfirmBody>,
) -> Reply {
    crate::confirm(&site, &visitor.actor, &id, b.person).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
