//! The year in pictures with the table behind each, as a spreadsheet, and the reports made of it.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base::{Error, Result, Year, day};
use documents::Typesetter;
use serde::Deserialize;
use serde_json::json;
use sheets::{Book, Mark};
use site::{Access, Form, Frame, Page, Paging, Reply, Routes, Site, Visitor, Years, dates, html, see_other};

use crate::{
    READERS,
    api::StatsQuery,
    as_of, figures, kept, monthly,
    pages_export::XLSX,
    picture::{self, Section},
    print,
    report::{self, Kind, Order},
    store_reports::{self as store, Line},
};

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let typesetter = typesetter.clone();
    Routes::new()
        .get("/statistics/charts", Access::Roles(READERS), charts)
        .get("/statistics/charts.xlsx", Access::Roles(READERS), workbook)
        .get("/statistics/reports", Access::Roles(READERS), listed)
        .post("/statistics/reports", Access::Roles(READERS), make)
        .post("/statistics/subscription", Access::Roles(READERS), subscribe)
        .get("/statistics/reports/{id}", Access::Roles(READERS), move |site, visitor, path| {
            printed(typesetter.clone(), site, visitor, path)
        })
}

#[derive(Template)]
#[template(path = "statistics/charts.html")]
struct ChartsPage {
    frame: Frame,
    year: Year,
    years: Years,
    unit: String,
    place: String,
    as_of: String,
    cards: Vec<Card>,
    is_subscribed: bool,
}

/// A picture ready to be drawn.
struct Card {
    s: Section,
    option: String,
}

impl ChartsPage {
    fn is_wide(&self, section: &Section) -> bool {
        matches!(section.code.as_str(), "counties" | "below" | "months")
    }
}

async fn charts(State(site): State<Site>, visitor: Visitor, Query(q): Query<StatsQuery>) -> Reply {
    let year = q.year(&site)?;
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let place = kept::place(&site, &scope).await?;
    let sections = picture::sections(&site, &scope, year).await?;
    let own = kept::tops(&scope).first().cloned().unwrap_or_default();
    html(&ChartsPage {
        frame: Frame::of(&site, &visitor, "/statistics", "page-statistics-charts"),
        year,
        years: hours::years(&site).await?,
        cards: sections.into_iter().map(|s| Card { option: s.option(&site.texts), s }).collect(),
        place: place.map(|u| u.name).unwrap_or_default(),
        as_of: as_of::of(&site, &scope, year).await?.words(&site),
        is_subscribed: store::is_subscribed(&site.db, visitor.actor.person, &own).await?,
        unit: q.unit.unwrap_or(own),
    })
}

/// Every table of the page of charts, a sheet each.
async fn workbook(State(site): State<Site>, visitor: Visitor, Query(q): Query<StatsQuery>) -> Reply {
    let year = q.year(&site)?;
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let sections = picture::sections(&site, &scope, year).await?;
    let as_of = as_of::of(&site, &scope, year).await?;
    let bytes = book(&sections, &as_of.sheet_line(&site))?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "statistics.export",
        object: q.unit.as_deref().unwrap_or(""),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year}, "rows": sections.iter().map(|s| s.rows.len()).sum::<usize>()}),
    };
    audit::record(&site, &tx, deed).await?;
    tx.commit().await?;
    Ok(attached(XLSX, "attachment; filename=\"charts.xlsx\"", bytes))
}

fn attached(kind: &'static str, disposition: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}

/// Numbers stay numbers; what has a sign behind it stays text.
fn book(sections: &[Section], as_of: &str) -> Result<Vec<u8>> {
    let mut book = Book::new(sections.first().map_or("-", |s| s.title.as_str()));
    for (n, section) in sections.iter().enumerate() {
        if n > 0 {
            book.sheet(&section.title);
        }
        for (column, head) in (0..).zip(&section.heads) {
            book.text((0, column), head, Mark::Head)?;
        }
        for (row, cells) in (1..).zip(&section.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell.parse::<f64>() {
                    Ok(number) => book.number((row, column), number)?,
                    Err(_) => book.text((row, column), cell, Mark::None)?,
                }
            }
        }
        book.text((section.rows.len() + 2, 0), as_of, Mark::None)?;
    }
    book.finish()
}

#[derive(Template)]
#[template(path = "statistics/reports.html")]
struct ReportsPage {
    frame: Frame,
    reports: Page<Line>,
}

impl ReportsPage {
    fn time(&self, at: &i64) -> String {
        dates::minute(day::from_millis(*at))
    }
}

async fn listed(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::listed(&site.db, &visitor.actor.scope(READERS), &paging).await?;
    html(&ReportsPage {
        frame: Frame::of(&site, &visitor, "/statistics", "page-statistics-reports"),
        reports: Page::of(found, paging.limit(), |l| l.id.clone()),
    })
}

#[derive(Deserialize)]
struct NewReport {
    unit: String,
    year: String,
    kind: String,
}

async fn make(State(site): State<Site>, visitor: Visitor, Form(f): Form<NewReport>) -> Reply {
    let year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let unit = report::unit(&site, &visitor.actor, Some(&f.unit)).await?;
    let kind = if f.kind == "year" { Kind::Year } else { Kind::Asked };
    let order = Order { kind, unit: &unit, year, period: "", by: Some(visitor.actor.person) };
    let made = report::make(&site, &order).await?;
    Ok(see_other(&format!("/statistics/reports/{}", made.id)))
}

async fn printed(
    typesetter: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Reply {
    let (report, _) = report::seen(&site, &visitor.actor, &id).await?;
    let bytes = print::print(typesetter, report).await?;
    Ok(attached("application/pdf", "inline; filename=\"statistics-report.pdf\"", bytes))
}

#[derive(Deserialize)]
struct Subscription {
    unit: String,
    year: String,
    wants: Option<String>,
}

async fn subscribe(State(site): State<Site>, visitor: Visitor, Form(f): Form<Subscription>) -> Reply {
    monthly::subscribe(&site, &visitor.actor, Some(&f.unit), f.wants.is_some()).await?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("year", &f.year).append_pair("unit", &f.unit);
    Ok(see_other(&format!("/statistics/charts?{}", query.finish())))
}
