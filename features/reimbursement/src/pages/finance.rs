//! Finance's pages: what is approved, what was paid, and how every yuan adds up.
use askama::Template;
use axum::{
    extract::{Path, Query, State as Shared},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::Year;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use super::{Line, line};
use crate::{
    BOOK_READERS, FINANCE, api, export, pay,
    state::State,
    store_books::{self, Sums},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/reimbursements/books", Access::Roles(BOOK_READERS), books)
        .post("/reimbursements/export", Access::Roles(FINANCE), exported)
        .post("/reimbursements/{id}/payment", Access::Roles(FINANCE), payment)
}

#[derive(Deserialize)]
struct BookQuery {
    year: Option<String>,
    paid: Option<String>,
}

#[derive(Template)]
#[template(path = "reimbursement/books.html")]
struct BooksPage {
    frame: Frame,
    year: Year,
    years: Vec<Year>,
    sums: Sums,
    open: Vec<Line>,
    paid: Vec<Line>,
    waiting: Vec<Line>,
    may_pay: bool,
    today: String,
}

async fn books(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<BookQuery>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year());
    let scope = visitor.actor.scope(BOOK_READERS);
    let mut frame = Frame::of(&site, &visitor, "/reimbursements/books", "page-reimbursement-books");
    if q.paid.is_some() {
        frame = frame.with_flash("done", site.texts.get("reimbursement-paid"));
    }
    let all = [
        State::Submitted,
        State::DepartmentApproved,
        State::HrApproved,
        State::Returned,
        State::Approved,
        State::Paid,
    ];
    let claims = store_books::in_states(&site.db, &scope, year, &all).await?;
    let of = |wanted: &[State]| -> Vec<Line> {
        claims.iter().filter(|c| wanted.contains(&c.state)).map(|c| line(&site, c)).collect()
    };
    let page = BooksPage {
        frame,
        year,
        years: hours::published_years(&site.db).await?,
        sums: store_books::sums(&site.db, &scope, year).await?,
        open: of(&[State::Approved]),
        paid: of(&[State::Paid]),
        waiting: of(&[State::Submitted, State::DepartmentApproved, State::HrApproved, State::Returned]),
        may_pay: visitor.actor.has(FINANCE),
        today: base::day::day_of(site.now()).to_string(),
    };
    html(&page)
}

#[derive(Deserialize)]
struct ExportForm {
    year: String,
    purpose: String,
}

async fn exported(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<ExportForm>) -> Reply {
    let year: Year = f.year.parse().map_err(|()| base::Error::invalid("year", "wrong_value"))?;
    let purpose: String = f.purpose.trim().chars().take(200).collect();
    if purpose.is_empty() {
        return Err(base::Error::invalid("purpose", "required").into());
    }
    let file = export::approved(&site, &visitor.actor, year, &purpose).await?;
    let name = format!("attachment; filename=\"reimbursements-{year}.xlsx\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(base::Error::internal)?),
    ];
    Ok((headers, file).into_response())
}

#[derive(Deserialize)]
struct PaymentForm {
    reference: String,
    paid_on: Option<String>,
}

async fn payment(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<PaymentForm>,
) -> Reply {
    let on = api::paid_on(f.paid_on.as_deref())?;
    let claim = pay::book(&site, &visitor.actor, &id, (&f.reference, on)).await?;
    Ok(see_other(&format!("/reimbursements/books?year={}&paid=1", claim.year)))
}
