//! The check in the browser: who owes it, and recording what was done.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Result, Year, day};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, html, see_other};

use crate::{
    KEEPERS,
    api::Asked,
    check::{self, Owed},
    training::{self, Typed},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/inductions", Access::Roles(KEEPERS), list)
        .post("/inductions", Access::Roles(KEEPERS), record)
        .post("/inductions/{id}/end", Access::Roles(KEEPERS), end)
}

#[derive(Template)]
#[template(path = "induction/list.html")]
struct ListPage {
    frame: Frame,
    year: Year,
    years: Years,
    owed: Vec<Owed>,
    today: String,
    error: String,
}

impl ListPage {
    fn is_late(&self, owed: &Owed) -> bool {
        !owed.is_done() && owed.due.to_string() < self.today
    }
}

async fn shown(site: &Site, visitor: &Visitor, q: &Asked, error: String) -> Reply {
    let scope = check::scope(site, &visitor.actor, q.unit.as_deref()).await?;
    let year = q.year(site)?;
    html(&ListPage {
        frame: Frame::of(site, visitor, "/inductions", "page-inductions"),
        year,
        years: hours::years(site).await?,
        owed: check::owed(site, &scope, year).await?,
        today: day::day_of(site.now()).to_string(),
        error,
    })
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    shown(&site, &visitor, &q, String::new()).await
}

#[derive(Deserialize)]
struct RecordForm {
    person: String,
    year: String,
    kind: String,
    title: String,
    from: String,
    to: String,
    hours: String,
    document: String,
}

async fn record(State(site): State<Site>, visitor: Visitor, Form(f): Form<RecordForm>) -> Reply {
    let typed = Typed {
        kind: &f.kind,
        title: &f.title,
        from: &f.from,
        to: &f.to,
        hours: &f.hours,
        document: &f.document,
    };
    let done = training::record(&site, &visitor.actor, f.person.parse()?, &typed).await;
    answered(&site, &visitor, f.year, done).await
}

#[derive(Deserialize)]
struct EndForm {
    year: String,
}

async fn end(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<EndForm>,
) -> Reply {
    let done = training::end(&site, &visitor.actor, &id).await;
    answered(&site, &visitor, f.year, done).await
}

/// Back to the list, or the list with why nothing was done.
async fn answered(site: &Site, visitor: &Visitor, year: String, done: Result<()>) -> Reply {
    match done {
        Ok(()) => Ok(see_other(&format!("/inductions?year={year}"))),
        Err(Error::Refused(p)) if p.code != "not_found" => {
            let q = Asked { unit: None, year: Some(year) };
            shown(site, visitor, &q, site.texts.refusal(&p)).await
        }
        Err(e) => Err(e.into()),
    }
}
