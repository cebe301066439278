//! Finance's pages: what is approved, what was paid, and how every yuan adds up.
use askama::Template;
use axum::{
    extract::{Path, Query, State as Shared},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Fen, Result, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, Years, html, see_other};

use super::{Line, line};
use crate::{
    BOOK_READERS, FINANCE, api, export, pay,
    special::{Special, Stage},
    state::State,
    store_books::{self, Sums},
    store_special, store_unit_paid,
    transfer::{self, Format},
};

pub(super) fn routes(format: &Format) -> Routes {
    let format = format.clone();
    Routes::new()
        .post("/reimbursements/transfer", Access::Roles(FINANCE), move |site, visitor, form| {
            transferred(format.clone(), site, visitor, form)
        })
        .post("/reimbursements/payments", Access::Roles(FINANCE), payments)
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
    years: Years,
    sums: Sums,
    open: Vec<Line>,
    paid: Vec<Line>,
    waiting: Vec<Line>,
    may_pay: bool,
    today: String,
    specials: Vec<Special>,
    /// Above the limit, from the units' funds: approved, and of that paid.
    special_approved: Fen,
    special_paid: Fen,
    unit_paid: Fen,
    /// What a file could not do, line by line.
    problems: Vec<String>,
}

async fn books(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<BookQuery>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let mut page = books_page(&site, &visitor, year).await?;
    if q.paid.is_some() {
        page.frame = page.frame.with_flash("done", site.texts.get("reimbursement-paid"));
    }
    html(&page)
}

async fn books_page(site: &Site, visitor: &Visitor, year: Year) -> Result<BooksPage> {
    let scope = visitor.actor.scope(BOOK_READERS);
    let specials = store_special::of_year(&site.db, &scope, year).await?;
    let special = |wanted: &[Stage]| -> Fen {
        specials.iter().filter(|s| wanted.contains(&s.state)).map(|s| s.amount).sum()
    };
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
        claims.iter().filter(|c| wanted.contains(&c.state)).map(|c| line(site, c)).collect()
    };
    Ok(BooksPage {
        frame: Frame::of(site, visitor, "/reimbursements/books", "page-reimbursement-books"),
        special_approved: special(&[Stage::Approved, Stage::Paid]),
        special_paid: special(&[Stage::Paid]),
        unit_paid: store_unit_paid::of_year(&site.db, &scope, year).await?.iter().map(|p| p.amount).sum(),
        problems: vec![],
        specials,
        year,
        years: hours::years(site).await?,
        sums: store_books::sums(&site.db, &scope, year).await?,
        open: of(&[State::Approved]),
        paid: of(&[State::Paid]),
        waiting: of(&[State::Submitted, State::DepartmentApproved, State::HrApproved, State::Returned]),
        may_pay: visitor.actor.has(FINANCE),
        today: base::day::day_of(site.now()).to_string(),
    })
}

#[derive(Deserialize)]
struct ExportForm {
    year: String,
    purpose: String,
    /// Whether those who are left out are known.
    anyway: Option<String>,
}

async fn exported(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<ExportForm>) -> Reply {
    let year: Year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let purpose: String = f.purpose.trim().chars().take(200).collect();
    if purpose.is_empty() {
        return Err(Error::invalid("purpose", "required").into());
    }
    let (file, left_out) =
        export::approved(&site, &visitor.actor, (year, &purpose, f.anyway.is_some())).await?;
    if !left_out.is_empty() && f.anyway.is_none() {
        let mut page = books_page(&site, &visitor, year).await?;
        page.problems = said(&site, &left_out);
        return html(&page);
    }
    let name = format!("attachment; filename=\"reimbursements-{year}.xlsx\"");
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, file).into_response())
}

/// Who is left out of a file, and why.
fn said(site: &Site, left_out: &[transfer::LeftOut]) -> Vec<String> {
    let why = |l: &transfer::LeftOut| format!("{}: {}", l.name, site.texts.get(&format!("error-{}", l.why)));
    left_out.iter().map(why).collect()
}

/// The payment file; where someone cannot be paid yet, the page says who and why before the file is asked for again.
async fn transferred(
    format: Format,
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Form(f): Form<TransferForm>,
) -> Reply {
    let year: Year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let purpose: String = f.purpose.trim().chars().take(200).collect();
    if purpose.is_empty() {
        return Err(Error::invalid("purpose", "required").into());
    }
    let wanted = (year, purpose.as_str(), f.anyway.is_some());
    let file = transfer::file(&site, &visitor.actor, &format, wanted).await?;
    if file.payments == 0 || (!file.left_out.is_empty() && f.anyway.is_none()) {
        let mut page = books_page(&site, &visitor, year).await?;
        page.problems = said(&site, &file.left_out);
        if file.payments == 0 {
            page.problems.insert(0, site.texts.get("transfer-empty"));
        }
        return html(&page);
    }
    let name = format!("attachment; filename=\"payments-{year}-{}.csv\"", file.total);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, file.bytes).into_response())
}

#[derive(Deserialize)]
struct TransferForm {
    year: String,
    purpose: String,
    /// Whether those who cannot be paid yet are known.
    anyway: Option<String>,
}

/// Books back what the bank's list says was paid.
async fn payments(Shared(site): Shared<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let year = upload.field("year").and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let file = upload.file.ok_or_else(|| Error::invalid("file", "required"))?;
    let rows = pay::rows_of(&site.texts.get("payment-list-heads"), org::lines(&file.bytes)?);
    let rows = rows.ok_or_else(|| Error::invalid("file", "payment_list"))?;
    let booked = pay::book_many(&site, &visitor.actor, &rows).await?;
    let mut page = books_page(&site, &visitor, year).await?;
    let done = booked.iter().filter(|b| b.code.is_none()).count().to_string();
    page.frame = page.frame.with_flash("done", site.texts.with("payments-booked", &[("n", &done)]));
    let why = |b: &pay::Booked| {
        let code = b.code?;
        let key = format!("error-{code}");
        let text = if site.texts.has(&key) { key } else { format!("field-{code}") };
        Some(format!("{}: {}", b.id, site.texts.get(&text)))
    };
    page.problems = booked.iter().filter_map(why).collect();
    html(&page)
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
