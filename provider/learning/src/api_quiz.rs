//! The quiz over the JSON API.
use std::collections::HashMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::quiz;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/courses/{id}/papers", Access::SignedIn, draw)
        .post("/api/v1/papers/{id}/answers", Access::SignedIn, mark)
        .post("/api/v1/courses/{id}/completion", Access::SignedIn, confirm)
}

#[derive(OpenApi)]
#[openapi(
    paths(draw, mark, confirm),
    components(schemas(Paper, PaperQuestion, Answers, Result, Confirmation))
)]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct PaperQuestion {
    id: String,
    prompt: String,
    options: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct Paper {
    id: String,
    pass_percent: i64,
    questions: Vec<PaperQuestion>,
}

/// Draw a fresh quiz paper.
#[utoipa::path(post, path = "/api/v1/courses/{id}/papers", responses(
    (status = 201, body = Paper), (status = 409, description = "lectures_incomplete")))]
async fn draw(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (id, shown) = quiz::draw(&site, visitor.actor.person, &id).await?;
    let one = |q: quiz::Shown| PaperQuestion { id: q.id, prompt: q.prompt, options: q.options };
    let paper =
        Paper { id, pass_percent: quiz::PASS_PERCENT, questions: shown.into_iter().map(one).collect() };
    Ok((StatusCode::CREATED, axum::Json(paper)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answers {
    /// The option chosen for each question id; what is left out is wrong.
    answers: HashMap<String, String>,
}

#[derive(Serialize, ToSchema)]
struct Result {
    score: i64,
    passed: bool,
}

/// Answer a paper, once.
#[utoipa::path(post, path = "/api/v1/papers/{id}/answers", request_body = Answers, responses(
    (status = 200, body = Result), (status = 409, description = "paper_answered")))]
async fn mark(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(a): Json<Answers>,
) -> Reply {
    let marked = quiz::mark(&site, visitor.actor.person, &id, &a.answers).await?;
    Ok(axum::Json(Result { score: marked.score, passed: marked.passed }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    /// That the learner learned and answered without another's help.
    pledge: bool,
}

/// Complete a course whose quiz is passed, with the pledge of honesty.
#[utoipa::path(post, path = "/api/v1/courses/{id}/completion", request_body = Confirmation, responses(
    (status = 204), (status = 402, description = "payment_required: the money went back"),
    (status = 409, description = "lectures_incomplete, quiz_not_passed"), (status = 410, description = "course_withdrawn")))]
async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(c): Json<Confirmation>,
) -> Reply {
    quiz::confirm(&site, visitor.actor.person, &id, c.pledge).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
