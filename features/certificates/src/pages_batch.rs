//! The page of batch printing.
use askama::Template;
use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Result, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates, html, see_other};
use tokio::{fs::File, io::AsyncReadExt};

use crate::{
    Press,
    batch::{self, Missing, PRINTERS},
    order, store_orders,
};

pub(crate) fn routes(press: &Press) -> Routes {
    let press = press.clone();
    Routes::new()
        .get("/certificates/print", Access::Roles(PRINTERS), choose)
        .post("/certificates/print", Access::Roles(PRINTERS), move |site, visitor, form| {
            print(press.clone(), site, visitor, form)
        })
        .get("/certificates/print/{id}", Access::Roles(PRINTERS), progress)
        .get("/certificates/print/{id}/file", Access::Roles(PRINTERS), file)
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
    years: Years,
    unit: String,
    ready: i64,
    missing: Vec<Missing>,
    orders: Vec<Order>,
}

/// An earlier order of the visitor's.
struct Order {
    id: String,
    year: i64,
    at: String,
    total: i64,
    done: i64,
    state: String,
}

impl Order {
    fn of(o: store_orders::Row) -> Self {
        let at = dates::minute(base::day::from_millis(o.asked_at));
        Self { id: o.id, year: o.year, at, total: o.total, done: o.done, state: o.state }
    }
}

async fn choose(State(site): State<Site>, visitor: Visitor, Query(q): Query<Wanted>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let found = batch::find(&site, &visitor.actor, year, q.unit.as_deref()).await?;
    let orders = store_orders::of_person(&site.db, visitor.actor.person).await?;
    let page = PrintPage {
        frame: Frame::of(&site, &visitor, "/certificates/print", "page-print"),
        year,
        years: hours::years(&site).await?,
        unit: q.unit.unwrap_or_default(),
        ready: found.ready,
        missing: found.missing,
        orders: orders.into_iter().map(Order::of).collect(),
    };
    html(&page)
}

async fn print(press: Press, State(site): State<Site>, visitor: Visitor, Form(f): Form<Wanted>) -> Reply {
    let year = f.year.unwrap_or_default().parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let form = batch::Form::from_code(f.form.as_deref().unwrap_or(""));
    let is_archive = form == batch::Form::Archive;
    let found = batch::find(&site, &visitor.actor, year, f.unit.as_deref()).await?;
    if usize::try_from(found.ready).is_ok_and(|ready| ready > found.holders.len()) {
        let id = order::ask(&site, &visitor.actor, &found, (year, form)).await?;
        return Ok(see_other(&format!("/certificates/print/{id}")));
    }
    let file = batch::print(&site, &visitor.actor, &press, (year, form), found).await?;
    let (kind, name) = if is_archive { ("application/zip", "zip") } else { ("application/pdf", "pdf") };
    let name = format!("attachment; filename=\"certificates-{year}.{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, file).into_response())
}

#[derive(Template)]
#[template(path = "certificates/print_progress.html")]
struct ProgressPage {
    frame: Frame,
    order: Order,
    /// As `1200 / 10000`.
    shown: String,
    /// Where it is followed while it goes on; empty once it has ended.
    progress: String,
}

/// The visitor's own order; another's is nobody's.
async fn own(site: &Site, visitor: &Visitor, id: &str) -> Result<store_orders::Row> {
    let order = store_orders::one(&site.db, id).await?;
    if order.asked_by == visitor.actor.person.to_string() { Ok(order) } else { Err(Error::not_found()) }
}

async fn progress(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let order = Order::of(own(&site, &visitor, &id).await?);
    let shown = format!("{} / {}", order.done, order.total);
    let followed = jobs::followed(&site.db, visitor.actor.person, &order::progress_of(&id)).await?;
    html(&ProgressPage {
        frame: Frame::of(&site, &visitor, "/certificates/print", "page-print"),
        progress: followed.unwrap_or_default(),
        order,
        shown,
    })
}

async fn file(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let order = own(&site, &visitor, &id).await?;
    if order.state != "done" {
        return Err(Error::not_found().into());
    }
    let opened = File::open(order::path_of(&site, &id)).await.map_err(|_| Error::not_found())?;
    let size = opened.metadata().await.map_err(Error::internal)?.len();
    let name = format!("attachment; filename=\"certificates-{}.zip\"", order.year);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, Body::from_stream(chunks(opened))).into_response())
}

/// A file piece by piece, so that memory holds one.
fn chunks(file: File) -> impl futures::Stream<Item = std::io::Result<Vec<u8>>> {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut chunk = vec![0; 1 << 16];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok((read > 0).then_some((chunk, file)))
    })
}
