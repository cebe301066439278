//! Confirmed years as a page: what was confirmed, what was received, and the buttons for both.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Instant, Kind, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates::minute, html, see_other};

use crate::{
    KEEPERS, READERS, RECEIVERS,
    api::OfYear,
    edition::{self, Edition},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/yearbooks", Access::Roles(READERS), list)
        .post("/yearbooks/confirm", Access::Roles(KEEPERS), confirm)
        .post("/yearbooks/receive", Access::Roles(RECEIVERS), receive)
}

#[derive(Template)]
#[template(path = "yearbook/list.html")]
struct ListPage {
    frame: Frame,
    year: Year,
    years: Years,
    /// The unit that the visitor confirms, if there is one.
    own: String,
    editions: Vec<Edition>,
    is_receiver: bool,
}

impl ListPage {
    fn time(&self, at: &Instant) -> String {
        minute(*at)
    }
}

async fn shown(site: &Site, visitor: &Visitor, year: Year, problem: &str) -> Reply {
    let mut frame = Frame::of(site, visitor, "/yearbooks", "page-yearbooks");
    if !problem.is_empty() {
        frame = frame.with_flash("warning", site.texts.get(&format!("error-{problem}")));
    }
    let own = visitor.actor.grants.iter().find(|g| KEEPERS.contains(&g.role));
    html(&ListPage {
        frame,
        year,
        years: hours::years(site).await?,
        own: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        editions: edition::editions(site, &visitor.actor, year).await?,
        is_receiver: visitor.actor.has(RECEIVERS),
    })
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    shown(&site, &visitor, q.year(&site)?, "").await
}

#[derive(Deserialize)]
struct Named {
    unit: String,
    year: String,
    #[serde(default)]
    no: String,
}

impl Named {
    fn year(&self) -> Result<Year, Error> {
        self.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }
}

async fn confirm(State(site): State<Site>, visitor: Visitor, Form(f): Form<Named>) -> Reply {
    let year = f.year()?;
    match edition::confirm(&site, &visitor.actor, &f.unit, year).await {
        Ok(_) => Ok(see_other(&format!("/yearbooks?year={year}"))),
        Err(Error::Refused(p)) if p.kind == Kind::Conflict => shown(&site, &visitor, year, p.code).await,
        Err(e) => Err(e.into()),
    }
}

async fn receive(State(site): State<Site>, visitor: Visitor, Form(f): Form<Named>) -> Reply {
    let year = f.year()?;
    let no = f.no.parse().map_err(|_| Error::invalid("no", "wrong_value"))?;
    edition::receive(&site, &visitor.actor, &f.unit, (year, no)).await?;
    Ok(see_other(&format!("/yearbooks?year={year}")))
}
