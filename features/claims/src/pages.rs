//! The slice in the browser; here booking a unit training: fill in, look at whom it means, book.
mod claims;
mod corrections;
mod exemptions;
mod reviews;
mod signals;
mod standard;
mod words;

use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Result};
use org::Person;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{
    BOOKERS, book, store,
    training::{Plan, Typed, Whom},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/trainings", Access::Roles(BOOKERS), list)
        .get("/trainings/new", Access::Roles(BOOKERS), form)
        .post("/trainings/preview", Access::Roles(BOOKERS), preview)
        .post("/trainings", Access::Roles(BOOKERS), submit)
        .and(corrections::routes())
        .and(claims::routes())
        .and(reviews::routes())
        .and(signals::routes())
        .and(exemptions::routes())
        .and(standard::routes())
}

#[derive(Deserialize)]
struct Arrival {
    booked: Option<usize>,
    waiting: Option<usize>,
    again: Option<String>,
}

#[derive(Template)]
#[template(path = "claims/trainings.html")]
struct ListPage {
    frame: Frame,
    trainings: Vec<Line>,
}

struct Line {
    id: String,
    is_reversed: bool,
    title: String,
    period: String,
    days: String,
    subject: String,
    unit: String,
    credited: i64,
    waiting: i64,
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<Arrival>) -> Reply {
    let mut frame = Frame::of(&site, &visitor, "/trainings", "page-trainings");
    if let Some(booked) = q.booked {
        let (n, waiting) = (booked.to_string(), q.waiting.unwrap_or(0).to_string());
        let is_again = q.again.is_some();
        let key = if is_again { "training-again" } else { "training-booked" };
        let text = site.texts.with(key, &[("n", &n), ("waiting", &waiting)]);
        frame = frame.with_flash(if is_again { "warning" } else { "done" }, text);
    }
    let found = store::recent(&site.db, &visitor.actor.scope(BOOKERS)).await?;
    let line = |t: store::Listed| Line {
        is_reversed: t.revision > 0,
        id: t.id,
        period: format!("{} — {}", t.from_day, t.to_day),
        days: base::Hours::from_hundredths(t.days).to_string(),
        subject: site.texts.get(&format!("subject-{}", t.subject)),
        title: t.title,
        unit: t.unit_name,
        credited: t.credited,
        waiting: t.waiting,
    };
    html(&ListPage { frame, trainings: found.into_iter().map(line).collect() })
}

#[derive(Clone, Default, Deserialize)]
struct TrainingForm {
    title: String,
    from: String,
    to: String,
    days: String,
    subject: String,
}

impl TrainingForm {
    fn plan(&self) -> Result<Plan> {
        let typed = Typed {
            title: &self.title,
            from: &self.from,
            to: &self.to,
            days: &self.days,
            subject: &self.subject,
        };
        Plan::read(&typed, Whom::Unit)
    }
}

#[derive(Template)]
#[template(path = "claims/training.html")]
struct FormPage {
    frame: Frame,
    typed: TrainingForm,
    problems: Vec<(String, String)>,
    preview: Option<Preview>,
}

struct Preview {
    hours: String,
    people: Vec<Person>,
    own: Option<String>,
}

impl FormPage {
    fn error(&self, field: &str) -> String {
        self.problems.iter().find(|(f, _)| f == field).map_or_else(String::new, |(_, text)| text.clone())
    }
}

fn page(site: &Site, visitor: &Visitor, typed: TrainingForm) -> FormPage {
    let frame = Frame::of(site, visitor, "/trainings", "page-training");
    FormPage { frame, typed, problems: vec![], preview: None }
}

async fn form(State(site): State<Site>, visitor: Visitor) -> Reply {
    let typed = TrainingForm { subject: "professional".to_owned(), ..TrainingForm::default() };
    html(&page(&site, &visitor, typed))
}

async fn preview(State(site): State<Site>, visitor: Visitor, Form(typed): Form<TrainingForm>) -> Reply {
    let mut page = page(&site, &visitor, typed.clone());
    match typed.plan() {
        Ok(plan) => {
            let people = book::people(&site.db, &visitor.actor, &plan).await?;
            let own = people.iter().find(|p| p.id == visitor.actor.person).map(|p| p.name.clone());
            page.preview = Some(Preview { hours: plan.hours().to_string(), people, own });
        }
        Err(Error::Refused(p)) => {
            page.problems = p
                .fields
                .iter()
                .map(|f| (f.field.clone(), site.texts.get(&format!("field-{}", f.code))))
                .collect();
        }
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

async fn submit(State(site): State<Site>, visitor: Visitor, Form(typed): Form<TrainingForm>) -> Reply {
    let booking = book(&site, &visitor.actor, &typed.plan()?).await?;
    let waiting = booking.rows.iter().filter(|r| r.reason.is_some()).count();
    let again = if booking.booked_before { "&again=1" } else { "" };
    Ok(see_other(&format!("/trainings?booked={}&waiting={waiting}{again}", booking.rows.len() - waiting)))
}
