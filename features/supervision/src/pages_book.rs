//! Booking people of a supervised list into a training of the unit. The booking itself is `claims::book`, with its rules:
//! once each, no two on one day, the booker's own row waits.
use askama::Template;
use axum::extract::State;
use base::{Error, FieldProblem};
use claims::{Plan, TypedPlan, Whom};
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{api_remind::ids, budget::KEEPERS, pages_lists, pages_remind::Sent};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/supervision/book", Access::Roles(KEEPERS), form).post(
        "/supervision/book/confirm",
        Access::Roles(KEEPERS),
        book,
    )
}

#[derive(Template)]
#[template(path = "supervision/book.html")]
struct BookPage {
    frame: Frame,
    people: Vec<String>,
    title: String,
    from: String,
    to: String,
    days: String,
    subject: String,
    errors: Vec<(String, String)>,
}

impl BookPage {
    fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(f, _)| *f == field).map_or("", |(_, text)| text.as_str())
    }
}

/// Who was ticked, or everyone of the list.
async fn form(State(site): State<Site>, visitor: Visitor, Form(sent): Form<Vec<(String, String)>>) -> Reply {
    let sent = Sent(sent);
    let people = if sent.has("all") {
        pages_lists::whole(&site, &visitor, &sent.asked(&site)).await?.into_iter().map(|s| s.id).collect()
    } else {
        sent.all("person")
    };
    let today = base::day::day_of(site.now()).to_string();
    let rest = [("from", today.as_str()), ("to", &today), ("days", "1"), ("subject", "professional")];
    let mut typed: Vec<(String, String)> =
        rest.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    typed.extend(people.into_iter().map(|id| ("person".to_owned(), id)));
    shown(&site, &visitor, &Sent(typed), &[])
}

fn shown(site: &Site, visitor: &Visitor, typed: &Sent, wrong: &[FieldProblem]) -> Reply {
    let error = |f: &FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
    let people = typed.all("person");
    let mut errors: Vec<(String, String)> = wrong.iter().map(error).collect();
    if people.is_empty() {
        errors.push(("people".to_owned(), site.texts.get("field-nobody_chosen")));
    }
    html(&BookPage {
        frame: Frame::of(site, visitor, "/supervision", "page-supervision-book"),
        people,
        title: typed.one("title"),
        from: typed.one("from"),
        to: typed.one("to"),
        days: typed.one("days"),
        subject: typed.one("subject"),
        errors,
    })
}

/// Books, and leads to the training with everyone's row.
async fn book(State(site): State<Site>, visitor: Visitor, Form(sent): Form<Vec<(String, String)>>) -> Reply {
    let sent = Sent(sent);
    let people = ids(&sent.all("person"))?;
    let one = |name: &str| sent.one(name);
    let (title, from, to, days, subject) =
        (one("title"), one("from"), one("to"), one("days"), one("subject"));
    let typed = TypedPlan { title: &title, from: &from, to: &to, days: &days, subject: &subject };
    let booked = match Plan::read(&typed, Whom::People(people)) {
        Ok(plan) => claims::book(&site, &visitor.actor, &plan).await,
        Err(e) => Err(e),
    };
    match booked {
        Ok(booking) => Ok(see_other(&format!("/trainings/{}", booking.id))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => shown(&site, &visitor, &sent, &p.fields),
        Err(e) => Err(e.into()),
    }
}
