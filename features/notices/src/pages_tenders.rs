//! Pages of tenders: the records, one of them, and recording one.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::Error;
use site::{Access, Form, Frame, Page, Paging, Reply, Routes, Site, Visitor, html, see_other};

use crate::{
    KEEPERS, store_tenders as store,
    tender::{self, NewTender, Tender, Winner},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/tenders", Access::SignedIn, list)
        .get("/tenders/new", Access::Roles(KEEPERS), new_page)
        .post("/tenders", Access::Roles(KEEPERS), record)
        .get("/tenders/{id}", Access::SignedIn, one)
}

#[derive(Template)]
#[template(path = "notices/tenders.html")]
struct ListPage {
    frame: Frame,
    tenders: Page<Tender>,
    is_keeper: bool,
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::listed(&site.db, (paging.after(), paging.limit() + 1)).await?;
    html(&ListPage {
        frame: Frame::of(&site, &visitor, "/notices", "page-tenders"),
        tenders: Page::of(found, paging.limit(), |t| t.id.clone()),
        is_keeper: visitor.actor.has(KEEPERS),
    })
}

#[derive(Template)]
#[template(path = "notices/tender.html")]
struct OnePage {
    frame: Frame,
    t: Tender,
}

impl OnePage {
    fn day<'a>(&self, day: &'a Option<String>) -> &'a str {
        day.as_deref().unwrap_or("")
    }
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let t = store::by_id(&site.db, &id).await?.ok_or_else(Error::not_found)?;
    html(&OnePage { frame: Frame::of(&site, &visitor, "/notices", "page-tenders"), t })
}

#[derive(Template)]
#[template(path = "notices/tender_form.html")]
struct FormPage {
    frame: Frame,
    typed: NewTender,
    rows: Vec<Winner>,
    errors: Vec<(String, String)>,
}

impl FormPage {
    fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(f, _)| f == field).map_or("", |(_, text)| text.as_str())
    }

    fn said<'a>(&self, text: &'a Option<String>) -> &'a str {
        text.as_deref().unwrap_or("")
    }
}

/// So many lines the form offers for platforms.
const ROWS: usize = 5;

fn form(site: &Site, visitor: &Visitor, typed: NewTender, fields: &[base::FieldProblem]) -> Reply {
    let error = |f: &base::FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
    let mut rows = typed.winners.clone();
    rows.resize(rows.len().max(ROWS), Winner::default());
    let frame = Frame::of(site, visitor, "/notices", "page-tender-new");
    html(&FormPage { frame, rows, errors: fields.iter().map(error).collect(), typed })
}

async fn new_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let own = visitor.actor.grants.iter().find(|g| KEEPERS.contains(&g.role));
    let typed = NewTender {
        unit: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        year: i64::from(site.this_year().number()),
        ..NewTender::default()
    };
    form(&site, &visitor, typed, &[])
}

async fn record(State(site): State<Site>, visitor: Visitor, Form(f): Form<Vec<(String, String)>>) -> Reply {
    let one = |name: &str| f.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str()).to_owned();
    let all = |name: &str| -> Vec<String> {
        f.iter().filter(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned()).collect()
    };
    let said = |name: &str| Some(one(name)).filter(|v| !v.is_empty());
    let (sites, telephones) = (all("winner_site"), all("winner_telephone"));
    let cell = |cells: &[String], n: usize| cells.get(n).cloned().unwrap_or_default();
    let winner = |(n, name): (usize, String)| Winner {
        name,
        site_url: cell(&sites, n),
        telephone: cell(&telephones, n),
    };
    let winners = all("winner_name").into_iter().enumerate().map(winner);
    let new = NewTender {
        unit: one("unit"),
        year: one("year").parse().unwrap_or(0),
        title: one("title"),
        document_no: one("document_no"),
        decided_on: said("decided_on"),
        serves_from: said("serves_from"),
        serves_until: said("serves_until"),
        note: one("note"),
        winners: winners.filter(|w| *w != Winner::default()).collect(),
    };
    match tender::record(&site, &visitor.actor, &new).await {
        Ok(id) => Ok(see_other(&format!("/tenders/{id}"))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => form(&site, &visitor, new, &p.fields),
        Err(e) => Err(e.into()),
    }
}
