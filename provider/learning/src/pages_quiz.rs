//! The pages of the quiz: a paper, its result, the learner's confirmation.
use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use catalogue::Course;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::quiz::{self, Shown};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/courses/{id}/quiz", Access::SignedIn, draw)
        .post("/papers/{id}", Access::SignedIn, mark)
        .post("/courses/{id}/completion", Access::SignedIn, confirm)
}

#[derive(Template)]
#[template(path = "learning/quiz.html")]
struct QuizPage {
    frame: Frame,
    course: Course,
    paper: String,
    questions: Vec<Shown>,
    pass_percent: i64,
}

async fn draw(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let course = catalogue::course(&site.db, &id).await?;
    let (paper, questions) = quiz::draw(&site, visitor.actor.person, &id).await?;
    let frame = Frame::of(&site, &visitor, "/", "page-quiz");
    html(&QuizPage { frame, course, paper, questions, pass_percent: quiz::PASS_PERCENT })
}

#[derive(Template)]
#[template(path = "learning/marked.html")]
struct MarkedPage {
    frame: Frame,
    course: Course,
    score: i64,
    passed: bool,
}

async fn mark(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(mut answers): Form<HashMap<String, String>>,
) -> Reply {
    answers.remove("_csrf");
    let marked = quiz::mark(&site, visitor.actor.person, &id, &answers).await?;
    let course = catalogue::course(&site.db, &marked.course).await?;
    let frame = Frame::of(&site, &visitor, "/", "page-quiz");
    html(&MarkedPage { frame, course, score: marked.score, passed: marked.passed })
}

async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(said): Form<HashMap<String, String>>,
) -> Reply {
    quiz::confirm(&site, visitor.actor.person, &id, said.contains_key("pledge")).await?;
    Ok(see_other("/me"))
}
