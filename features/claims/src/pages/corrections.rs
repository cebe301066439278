//! A training with its rows in the browser: confirm the booker's own, take a row or the whole back.
use askama::Template;
use axum::extract::{Path, State as Given};
use base::{PersonId, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use super::review::in_words;
use crate::{
    BOOKERS, correct, review,
    store::trainings::{Kept, Row},
    training::RowState,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/trainings/{id}", Access::Roles(BOOKERS), one)
        .post("/trainings/{id}/confirm", Access::Roles(BOOKERS), confirm)
        .post("/trainings/{id}/reverse", Access::Roles(BOOKERS), reverse)
}

struct Line {
    person: PersonId,
    name: String,
    kind: &'static str,
    state: String,
    may_take_back: bool,
    may_confirm: bool,
    /// The days credited, where they are fewer than the training's.
    part: Option<rules::Days>,
}

#[derive(Template)]
#[template(path = "claims/training_rows.html")]
struct RowsPage {
    frame: Frame,
    training: Kept,
    days: String,
    lines: Vec<Line>,
    error: String,
}

async fn page(site: &Site, visitor: &Visitor, id: &str) -> base::Result<RowsPage> {
    let (training, rows) = correct::training(site, &visitor.actor, id).await?;
    let near = review::near(&site.db, &visitor.actor).await?;
    let line = |r: Row| Line {
        kind: match r.state {
            RowState::Credited => "done",
            RowState::Waiting => "waiting",
            RowState::Overlap | RowState::Reversed => "neutral",
        },
        state: site.texts.get(&format!("training-row-{}", r.state.code())),
        may_take_back: r.state == RowState::Credited && !near.contains(&r.person),
        may_confirm: r.state == RowState::Waiting && !near.contains(&r.person),
        part: (r.state == RowState::Credited && r.days.hundredths() < training.days).then_some(r.days),
        person: r.person,
        name: r.name,
    };
    Ok(RowsPage {
        frame: Frame::of(site, visitor, "/trainings", "page-training-rows"),
        days: base::Hours::from_hundredths(training.days).to_string(),
        lines: rows.into_iter().map(line).collect(),
        error: String::new(),
        training,
    })
}

async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&page(&site, &visitor, &id).await?)
}

async fn answered(site: &Site, visitor: &Visitor, id: &str, done: base::Result<()>) -> Reply {
    let Err(e) = done else { return Ok(see_other(&format!("/trainings/{id}"))) };
    let Some(error) = in_words(site, &e) else { return Err(e.into()) };
    let page = page(site, visitor, id).await?;
    html(&RowsPage { error, ..page })
}

#[derive(Deserialize)]
struct RowForm {
    person: PersonId,
}

async fn confirm(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<RowForm>,
) -> Reply {
    let done = correct::confirm(&site, &visitor.actor, &id, form.person).await;
    answered(&site, &visitor, &id, done).await
}

#[derive(Deserialize)]
struct ReverseForm {
    person: Option<String>,
    reason: String,
}

async fn reverse(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<ReverseForm>,
) -> Reply {
    let person = form.person.filter(|p| !p.is_empty()).map(|p| p.parse::<PersonId>()).transpose()?;
    let people = person.map(|p| vec![p]);
    let done = correct::take_back(&site, &visitor.actor, &id, (people.as_deref(), &form.reason)).await;
    answered(&site, &visitor, &id, done.map(|_| ())).await
}
