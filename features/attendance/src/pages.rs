//! The organiser's pages: trainings, one of them with its live list, planning, the list by hand, booking.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Hours, day, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates::minute, html, see_other};

use crate::{
    BOOKERS, ORGANISERS, code, mark,
    plan::{self, Attendance, NewAttendance},
    settle,
    store::{self, Mark},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/attendances", Access::Roles(ORGANISERS), list_page)
        .get("/attendances/new", Access::Roles(ORGANISERS), new_page)
        .post("/attendances", Access::Roles(ORGANISERS), create)
        .get("/attendances/{id}", Access::Roles(ORGANISERS), one_page)
        .post("/attendances/{id}/list", Access::Roles(ORGANISERS), list_by_hand)
        .post("/attendances/{id}/booking", Access::Roles(BOOKERS), book)
}

#[derive(Template)]
#[template(path = "attendance/list.html")]
struct ListPage {
    frame: Frame,
    trainings: Vec<Attendance>,
}

impl ListPage {
    fn time(&self, a: &Attendance) -> String {
        span(a)
    }
}

/// `2026-11-25 09:00 — 17:30`.
pub(crate) fn span(a: &Attendance) -> String {
    format!("{} — {}", minute(a.from), minute(a.to).get(11..).unwrap_or(""))
}

async fn list_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&ListPage {
        frame: Frame::of(&site, &visitor, "/attendances", "page-attendances"),
        trainings: store::held_in(&site.db, &visitor.actor.scope(ORGANISERS)).await?,
    })
}

#[derive(Template)]
#[template(path = "attendance/new.html")]
struct NewPage {
    frame: Frame,
    typed: NewAttendance,
    errors: Vec<(String, String)>,
}

impl NewPage {
    fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(f, _)| f == field).map_or("", |(_, text)| text.as_str())
    }
}

fn form(site: &Site, visitor: &Visitor, typed: NewAttendance, fields: &[base::FieldProblem]) -> Reply {
    let error = |f: &base::FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
    let frame = Frame::of(site, visitor, "/attendances", "page-attendance-new");
    html(&NewPage { frame, typed, errors: fields.iter().map(error).collect() })
}

async fn new_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let own = visitor.actor.grants.iter().find(|g| ORGANISERS.contains(&g.role));
    let typed = NewAttendance {
        unit: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        date: day::day_of(site.now()).to_string(),
        from: "09:00".to_owned(),
        to: "17:30".to_owned(),
        ..NewAttendance::default()
    };
    form(&site, &visitor, typed, &[])
}

async fn create(State(site): State<Site>, visitor: Visitor, Form(typed): Form<NewForm>) -> Reply {
    let new = typed.read();
    match plan::plan(&site, &visitor.actor, &new).await {
        Ok(id) => Ok(see_other(&format!("/attendances/{id}"))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => form(&site, &visitor, new, &p.fields),
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
struct NewForm {
    unit: String,
    title: String,
    place: String,
    subject: String,
    date: String,
    from: String,
    to: String,
}

impl NewForm {
    fn read(self) -> NewAttendance {
        NewAttendance {
            unit: self.unit,
            title: self.title,
            place: self.place,
            subject: Some(self.subject),
            date: self.date,
            from: self.from,
            to: self.to,
        }
    }
}

/// Someone who came, in a line.
struct Line {
    name: String,
    place: String,
    came: String,
    went: String,
    days: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "attendance/one.html")]
struct OnePage {
    frame: Frame,
    a: Attendance,
    time: String,
    board: String,
    lines: Vec<Line>,
    /// Who may be entered by hand.
    absent: Vec<org::Person>,
    is_over: bool,
    may_book: bool,
    /// How long one must stay for half a day, and for a whole one.
    half: Hours,
    whole: Hours,
}

impl OnePage {
    fn subject(&self) -> String {
        self.frame.word("subject", &self.a.subject.code())
    }
}

#[derive(Deserialize)]
struct Told {
    booked: Option<usize>,
    short: Option<usize>,
    overlap: Option<usize>,
    refused: Option<String>,
}

async fn one_page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Reply {
    let a = plan::own(&site, &visitor.actor, &id).await?;
    let marks = store::marks(&site.db, &id).await?;
    let mut frame = Frame::of(&site, &visitor, "/attendances", "page-attendance");
    if let (Some(booked), Some(short)) = (told.booked, told.short) {
        let [booked, short, overlap] = [booked, short, told.overlap.unwrap_or(0)].map(|n| n.to_string());
        let words = [("booked", booked.as_str()), ("short", &short), ("overlap", &overlap)];
        frame = frame.with_flash("done", site.texts.with("attendance-booked", &words));
    }
    if let Some(code) = told.refused.filter(|c| site.texts.has(&format!("error-{c}"))) {
        frame = frame.with_flash("error", site.texts.get(&format!("error-{code}")));
    }
    let hours_per_day = a.hours_per_day(&site.db).await?;
    let came: std::collections::HashSet<&str> = marks.iter().map(|m| m.person_id.as_str()).collect();
    let below = org::trainees_under(&site.db, &a.unit_path).await?;
    let absent = below.into_iter().filter(|p| !came.contains(p.id.to_string().as_str())).take(1000).collect();
    html(&OnePage {
        frame,
        time: span(&a),
        board: format!("/attend/board/{}", code::board_key(&site, &a.id)),
        lines: marks.iter().map(|m| line((&a, hours_per_day), m)).collect(),
        absent,
        is_over: site.now() >= a.to,
        may_book: visitor.actor.has(BOOKERS),
        half: rules::Days::from_hundredths(50).hours(hours_per_day),
        whole: hours_per_day,
        a,
    })
}

fn line(of: (&Attendance, Hours), m: &Mark) -> Line {
    let time = |at: i64| minute(day::from_millis(at)).get(11..).unwrap_or("").to_owned();
    Line {
        name: m.name.clone(),
        place: m.department.clone().unwrap_or_default(),
        came: time(m.in_at),
        went: m.out_at.map(time).unwrap_or_default(),
        days: settle::worth(of, m).to_string(),
        reason: m.reason.clone().unwrap_or_default(),
    }
}

async fn list_by_hand(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<Vec<(String, String)>>,
) -> Reply {
    let people = f.iter().filter(|(name, _)| name == "person").filter_map(|(_, v)| v.parse().ok());
    let people: Vec<base::PersonId> = people.collect();
    let reason = f.iter().find(|(name, _)| name == "reason").map_or("", |(_, v)| v.as_str());
    mark::list(&site, &visitor.actor, &id, (&people, reason)).await?;
    Ok(see_other(&format!("/attendances/{id}")))
}

async fn book(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    match settle::settle(&site, &visitor.actor, &id).await {
        Ok(s) => Ok(see_other(&format!(
            "/attendances/{id}?booked={}&short={}&overlap={}",
            s.booked, s.short, s.overlap
        ))),
        Err(Error::Refused(p)) if p.kind == base::Kind::Conflict => {
            Ok(see_other(&format!("/attendances/{id}?refused={}", p.code)))
        }
        Err(e) => Err(e.into()),
    }
}
