//! The page of batch printing.
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html};

use crate::{
    Press,
    batch::{self, Missing, PRINTERS},
};

pub(crate) fn routes(press: &Press) -> Routes {
    let press = press.clone();
    Routes::new().get("/certificates/print", Access::Roles(PRINTERS), choose).post(
        "/certificates/print",
        Access::Roles(PRINTERS),
        move |site, visitor, form| print(press.clone(), site, visitor, form),
    )
}

#[derive(Deserialize)]
struct Wanted {
    year: Option<String>,
    unit: Option<String>,
    form: Option<String>,
}

#[derive(Template)]
#[template(path = "certificates/print.html")]
struct PrintPage {
    frame: Frame,
    year: Year,
    years: Vec<Year>,
    unit: String,
    ready: usize,
    missing: Vec<Missing>,
}

async fn choose(State(site): State<Site>, visitor: Visitor, Query(q): Query<Wanted>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year());
    let found = batch::find(&site, &visitor.actor, year, q.unit.as_deref()).await?;
    let page = PrintPage {
        frame: Frame::of(&site, &visitor, "/certificates/print", "page-print"),
        year,
        years: hours::published_years(&site.db).await?,
        unit: q.unit.unwrap_or_default(),
        ready: found.holders.len(),
        missing: found.missing,
    };
    html(&page)
}

async fn print(press: Press, State(site): State<Site>, visitor: Visitor, Form(f): Form<Wanted>) -> Reply {
    let year = f.year.unwrap_or_default().parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let is_archive = f.form.as_deref() == Some("zip");
    let form = if is_archive { batch::Form::Archive } else { batch::Form::Document };
    let found = batch::find(&site, &visitor.actor, year, f.unit.as_deref()).await?;
    let file = batch::print(&site, &visitor.actor, &press, (year, form), found).await?;
    let (kind, name) = if is_archive { ("application/zip", "zip") } else { ("application/pdf", "pdf") };
    let name = format!("attachment; filename=\"certificates-{year}.{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, file).into_response())
}
