//! Reminding as pages: choose on the list, see what would happen, send; and the budget.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Kind, PersonId, Result, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates, html, see_other};

use crate::{
    SUPERVISORS,
    api::Asked,
    api_remind::{ids, money},
    budget::{self, Budget, KEEPERS},
    pages_lists,
    remind::{self, Plan, Why, Wish},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/supervision/remind", Access::Roles(SUPERVISORS), preview)
        .post("/supervision/remind/send", Access::Roles(SUPERVISORS), send)
        .get("/supervision/budget", Access::Roles(KEEPERS), budget_page)
        .post("/supervision/budget", Access::Roles(KEEPERS), set_budget)
}

/// A form as the browser sent it; names may stand several times.
pub(crate) struct Sent(pub Vec<(String, String)>);

impl Sent {
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
    }

    pub(crate) fn one(&self, name: &str) -> String {
        self.all(name).into_iter().next().unwrap_or_default()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// The list that the form came from: of this year, of which reminders speak.
    pub(crate) fn asked(&self, site: &Site) -> Asked {
        let said = |name: &str| Some(self.one(name)).filter(|v| !v.is_empty());
        let year = Some(site.this_year().to_string());
        Asked { unit: said("unit"), key: said("key"), which: said("which"), year, ..Asked::default() }
    }
}

#[derive(Template)]
#[template(path = "supervision/remind.html")]
struct RemindPage {
    frame: Frame,
    id: String,
    plan: Plan,
    people: Vec<String>,
    by_sms: bool,
    held: String,
}

impl RemindPage {
    fn why(&self, why: &Why) -> String {
        self.frame.label("left-out", why)
    }

    fn sample(&self) -> &str {
        self.plan.recipients.first().map_or("", |r| r.text.as_str())
    }
}

/// The people that are meant: those ticked, or everyone behind the number.
async fn meant(site: &Site, visitor: &Visitor, sent: &Sent) -> Result<Vec<PersonId>> {
    if sent.has("all") {
        let found = pages_lists::whole(site, visitor, &sent.asked(site)).await?;
        return found.iter().map(|p| p.id.parse()).collect();
    }
    ids(&sent.all("person"))
}

async fn preview(State(site): State<Site>, visitor: Visitor, Form(f): Form<Vec<(String, String)>>) -> Reply {
    let sent = Sent(f);
    let people = meant(&site, &visitor, &sent).await?;
    if people.is_empty() {
        return Err(Error::conflict("no_one_to_remind").into());
    }
    let id = site.new_id::<base::id::of::Entry>().to_string();
    shown(&site, &visitor, (id, &people, sent.has("by_sms")), None).await
}

/// The plan as a page, with what went wrong.
async fn shown(
    site: &Site,
    visitor: &Visitor,
    (id, people, by_sms): (String, &[PersonId], bool),
    problem: Option<Error>,
) -> Reply {
    let plan = remind::plan(site, &site.db, &visitor.actor, &Wish { people, by_sms }).await?;
    let mut frame = Frame::of(site, visitor, "/supervision", "page-remind");
    if let Some(problem) = problem {
        frame = frame.with_flash("error", site.texts.get(&format!("error-{}", problem.code())));
    }
    html(&RemindPage {
        frame,
        id,
        people: people.iter().map(ToString::to_string).collect(),
        by_sms,
        held: plan.held_until.map(dates::minute).unwrap_or_default(),
        plan,
    })
}

async fn send(State(site): State<Site>, visitor: Visitor, Form(f): Form<Vec<(String, String)>>) -> Reply {
    let sent = Sent(f);
    let (people, by_sms, id) = (ids(&sent.all("person"))?, sent.has("by_sms"), sent.one("id"));
    // The id is the sender's own; another form of id would let one sending hide another's.
    let id: base::JobId = id.parse().map_err(|_| Error::refused(Kind::Malformed, "malformed_form"))?;
    let wish = Wish { people: &people, by_sms };
    match remind::send(&site, &visitor.actor, &id.to_string(), &wish).await {
        Ok(plan) => Ok(see_other(&format!(
            "/supervision?reminded={}&texted={}",
            plan.recipients.len(),
            plan.texted()
        ))),
        Err(e) if e.code() == "reminded_already" => Ok(see_other("/supervision")),
        Err(e) if matches!(e.code(), "sms_budget_short" | "no_one_to_remind") => {
            shown(&site, &visitor, (id.to_string(), &people, by_sms), Some(e)).await
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "supervision/budget.html")]
struct BudgetPage {
    frame: Frame,
    year: Year,
    years: Years,
    code: String,
    budget: Budget,
    errors: Vec<(String, String)>,
}

impl BudgetPage {
    fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(f, _)| f == field).map_or("", |(_, text)| text.as_str())
    }
}

#[derive(Default, Deserialize)]
struct OfUnit {
    unit: Option<String>,
    year: Option<String>,
    yuan: Option<String>,
    per_segment: Option<String>,
}

/// The unit that is asked for, or the one where the visitor keeps budgets.
fn unit_of(visitor: &Visitor, q: &OfUnit) -> Result<String> {
    let own = || visitor.actor.grants.iter().find(|g| KEEPERS.contains(&g.role)).map(|g| g.unit_code.clone());
    q.unit.clone().filter(|u| !u.is_empty()).or_else(own).ok_or_else(Error::not_found)
}

/// The calendar year whose messages are paid: as asked, else this one.
fn year_of(site: &Site, q: &OfUnit) -> Year {
    q.year.as_deref().and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year())
}

async fn budget_page(State(site): State<Site>, visitor: Visitor, Query(q): Query<OfUnit>) -> Reply {
    budget_shown(&site, &visitor, (unit_of(&visitor, &q)?, year_of(&site, &q)), None).await
}

async fn budget_shown(
    site: &Site,
    visitor: &Visitor,
    (code, year): (String, Year),
    problem: Option<&Error>,
) -> Reply {
    let this = site.this_year();
    let before = Year::new(i64::from(this.number()) - 1);
    let fields = match problem {
        Some(Error::Refused(p)) => p.fields.as_slice(),
        _ => &[],
    };
    let error = |f: &base::FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
    html(&BudgetPage {
        frame: Frame::of(site, visitor, "/supervision", "page-budget"),
        year,
        // Money of calendar years, which no policy rules.
        years: Years::plain(site, [Some(this), before].into_iter().flatten().collect()),
        budget: budget::seen(site, &visitor.actor, &code, year).await?,
        code,
        errors: fields.iter().map(error).collect(),
    })
}

async fn set_budget(State(site): State<Site>, visitor: Visitor, Form(q): Form<OfUnit>) -> Reply {
    let (code, year) = (unit_of(&visitor, &q)?, year_of(&site, &q));
    let read = |field, value: &Option<String>| money(field, value.as_deref().unwrap_or(""));
    let amounts = read("yuan", &q.yuan).and_then(|total| Ok((total, read("per_segment", &q.per_segment)?)));
    match amounts {
        Ok(amounts) => {
            budget::set(&site, &visitor.actor, (&code, year), amounts).await?;
            Ok(see_other(&format!("/supervision/budget?unit={code}&year={year}")))
        }
        Err(e) => budget_shown(&site, &visitor, (code, year), Some(&e)).await,
    }
}
