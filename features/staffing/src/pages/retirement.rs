//! 到龄退休: who retires in a month, and a person's day as HR sets it.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Kind, day};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, dates, html, see_other};

use crate::{
    api_posts::READERS,
    api_retirement::month,
    retiring::{self, Retiring, Standing, Wish},
};

#[derive(Template)]
#[template(path = "staffing/retirements.html")]
struct RetirementsPage {
    frame: Frame,
    month: String,
    /// The list's address in the API, for its export.
    list: String,
    people: Vec<Retiring>,
    q: String,
    found: Vec<Retiring>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MonthQuery {
    month: String,
    /// A name, an account or a staff number.
    q: String,
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<MonthQuery>) -> Reply {
    let first = month(&site, Some(&q.month))?;
    let scope = visitor.actor.scope(READERS);
    let people = retiring::in_month(&site, &scope, first).await?;
    let found = retiring::called(&site, &scope, &q.q).await?;
    let month: String = first.to_string().chars().take(7).collect();
    let list = format!("/api/v1/retirements?month={month}");
    let frame = Frame::of(&site, &visitor, "/retirements", "page-retirements");
    html(&RetirementsPage { frame, month, list, people, q: q.q, found })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DayForm {
    day: String,
    document: String,
    reason: String,
    /// Not empty: the set day is taken away.
    unset: String,
}

#[derive(Template)]
#[template(path = "staffing/retirement.html")]
struct RetirementPage {
    frame: Frame,
    standing: Standing,
    form: DayForm,
    error: String,
}

impl RetirementPage {
    fn set_at(&self, millis: &i64) -> String {
        dates::minute(day::from_millis(*millis))
    }
}

async fn build(site: &Site, visitor: &Visitor, id: &str, form: DayForm) -> base::Result<RetirementPage> {
    Ok(RetirementPage {
        standing: retiring::standing(site, visitor, id.parse()?).await?,
        frame: Frame::of(site, visitor, "/retirements", "page-retirement"),
        form,
        error: String::new(),
    })
}

pub(super) async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&build(&site, &visitor, &id, DayForm::default()).await?)
}

pub(super) async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<DayForm>,
) -> Reply {
    let person = id.parse()?;
    let done = if f.unset.is_empty() {
        let wish = Wish { day: &f.day, document: &f.document, reason: &f.reason };
        retiring::set(&site, &visitor, person, &wish).await
    } else {
        retiring::unset(&site, &visitor, person).await
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/people/{id}/retirement"))),
        Err(Error::Refused(p)) if p.kind != Kind::NotFound => {
            let mut page = build(&site, &visitor, &id, f).await?;
            page.error = site.texts.refusal(&p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
