//! The slice in the browser; here booking a unit training: fill in, look at whom it means, book.
mod circumstances;
mod claims;
mod corrections;
mod deputy;
mod exemptions;
mod filing;
mod review;
mod reviews;
mod signals;
mod standard;
mod words;

use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Result, Year, day};
use org::Person;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, Years, html, see_other};

use crate::{
    BOOKERS, book, store,
    training::{Plan, RowState, Typed, Whom},
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
        .and(review::routes())
        .and(signals::routes())
        .and(circumstances::routes())
        .and(deputy::routes())
        .and(exemptions::routes())
        .and(standard::routes())
}

#[derive(Deserialize)]
struct Arrival {
    booked: Option<usize>,
    waiting: Option<usize>,
    overlap: Option<usize>,
    again: Option<String>,
    year: Option<String>,
}

#[derive(Template)]
#[template(path = "claims/trainings.html")]
struct ListPage {
    frame: Frame,
    year: Year,
    years: Years,
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
        let overlap = q.overlap.unwrap_or(0);
        let [n, waiting, without] = [booked, q.waiting.unwrap_or(0), overlap].map(|n| n.to_string());
        let is_again = q.again.is_some();
        let key = if is_again { "training-again" } else { "training-booked" };
        let mut text = site.texts.with(key, &[("n", &n), ("waiting", &waiting)]);
        if overlap > 0 {
            text += &site.texts.with("training-without", &[("n", &without)]);
        }
        frame = frame.with_flash(if is_again { "warning" } else { "done" }, text);
    }
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let found = store::recent(&site.db, &visitor.actor.scope(BOOKERS), year).await?;
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
    let trainings = found.into_iter().map(line).collect();
    html(&ListPage { frame, year, years: hours::years(&site).await?, trainings })
}

#[derive(Clone, Default, Deserialize)]
struct TrainingForm {
    title: String,
    from: String,
    to: String,
    days: String,
    subject: String,
    /// Ids with commas between; empty for everyone of the unit.
    #[serde(default)]
    people: String,
}

impl TrainingForm {
    /// The fields of a form that came with files.
    fn of(upload: &Upload) -> Self {
        let field = |name: &str| upload.field(name).unwrap_or("").to_owned();
        Self {
            title: field("title"),
            from: field("from"),
            to: field("to"),
            days: field("days"),
            subject: field("subject"),
            people: String::new(),
        }
    }

    fn whom(&self) -> Result<Whom> {
        if self.people.is_empty() {
            return Ok(Whom::Unit);
        }
        Ok(Whom::People(self.people.split(',').map(str::parse).collect::<Result<_, _>>()?))
    }

    fn plan(&self) -> Result<Plan> {
        let typed = Typed {
            title: &self.title,
            from: &self.from,
            to: &self.to,
            days: &self.days,
            subject: &self.subject,
        };
        Plan::read(&typed, self.whom()?)
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
    /// Hours of a day, by the year's policy.
    per_day: String,
    people: Vec<Person>,
    own: Option<String>,
    /// Ids of a list's people, with commas between; empty for everyone of the unit.
    chosen: String,
    wrong: Vec<WrongCell>,
}

/// What is wrong with a list: row, column and why.
struct WrongCell {
    row: usize,
    column: String,
    why: String,
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

/// The list of people that was typed or uploaded, as a file, with how many lines were put above it; none where everyone is
/// meant.
fn listed(site: &Site, upload: &mut Upload) -> Option<(Vec<u8>, usize)> {
    if let Some(file) = upload.file.take() {
        return Some((file.bytes, 0));
    }
    let typed = upload.field("list").unwrap_or("").trim().to_owned();
    let head = site.texts.get("training-list-head");
    (!typed.is_empty()).then(|| (format!("{head}\n{typed}\n").into_bytes(), 1))
}

async fn preview(State(site): State<Site>, visitor: Visitor, mut upload: Upload) -> Reply {
    let mut typed = TrainingForm::of(&upload);
    let mut wrong = vec![];
    if let Some((file, above)) = listed(&site, &mut upload) {
        let scope = base::Scope { paths: vec![book::place(&visitor.actor)?.path] };
        match org::named_rows(&site, &site.db, &scope, (file, &[])).await {
            Ok((rows, errors)) => {
                let mut ids: Vec<String> = rows.iter().map(|r| r.person.id.to_string()).collect();
                ids.sort();
                ids.dedup();
                typed.people = ids.join(",");
                wrong = errors.iter().map(|e| wrong_cell(&site, e, above)).collect();
            }
            Err(Error::Refused(p)) => {
                let code = p.fields.first().map_or(p.code, |f| f.code);
                let text = site.texts.get(&format!("field-{code}"));
                let mut page = page(&site, &visitor, typed);
                page.problems = vec![("file".to_owned(), text)];
                return html(&page);
            }
            Err(e) => return Err(e.into()),
        }
    }
    let mut page = page(&site, &visitor, typed.clone());
    let today = day::day_of(site.now());
    match typed.plan().and_then(|plan| plan.check_ended(today).map(|()| plan)) {
        Ok(plan) => {
            let everyone = if wrong.is_empty() || !typed.people.is_empty() {
                book::people(&site.db, &visitor.actor, &plan).await?
            } else {
                vec![]
            };
            let own = everyone.iter().find(|p| p.id == visitor.actor.person).map(|p| p.name.clone());
            let per_day = hours::in_force(&site.db, plan.year()?).await?.policy.measure.hours_per_day;
            let (hours, per_day) = (plan.days.hours(per_day).to_string(), per_day.to_string());
            page.preview =
                Some(Preview { hours, per_day, people: everyone, own, chosen: typed.people.clone(), wrong });
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

fn wrong_cell(site: &Site, e: &org::CellError, above: usize) -> WrongCell {
    let names = site.texts.get(&format!("listcol-{}", e.column));
    WrongCell {
        row: e.row.saturating_sub(above),
        column: names.split(' ').next().unwrap_or_default().to_owned(),
        why: site.texts.get(&format!("cell-{}", e.code)),
    }
}

async fn submit(State(site): State<Site>, visitor: Visitor, Form(typed): Form<TrainingForm>) -> Reply {
    let plan = typed.plan()?;
    let year = plan.year()?;
    let booking = book(&site, &visitor.actor, &plan).await?;
    let count = |state| booking.rows.iter().filter(|r| r.state == state).count();
    let (booked, waiting) = (count(RowState::Credited), count(RowState::Waiting));
    let overlap = match count(RowState::Overlap) {
        0 => String::new(),
        n => format!("&overlap={n}"),
    };
    let again = if booking.booked_before { "&again=1" } else { "" };
    Ok(see_other(&format!("/trainings?year={year}&booked={booked}&waiting={waiting}{overlap}{again}")))
}
