//! The claimant's pages: what can be claimed for which year, and sending it in.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Kind, Result, Year};
use serde::Deserialize;
use site::{
    Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, Years, dates as words, html, see_other,
};

use super::{Line, line};
use crate::{
    fees::Fees,
    intake::{self, Taken},
    invoice::{MOST, Typed},
    received,
    settings::{self, Deadlines, PayBy},
    store_books, store_settings, store_unit_paid, submit,
};

/// Rows of the form; more invoices come through the API or in a second step.
const ROWS: usize = 4;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/reimbursements", Access::SignedIn, mine)
        .post("/reimbursements", Access::SignedIn, send_in)
        .post("/reimbursements/read", Access::SignedIn, read)
}

#[derive(Deserialize)]
struct Arrival {
    year: Option<String>,
    sent: Option<String>,
}

#[derive(Template)]
#[template(path = "reimbursement/mine.html")]
struct MinePage {
    frame: Frame,
    claims: Vec<Line>,
    year: Year,
    years: Years,
    rows: Vec<Typed>,
    /// The numbers of those that course platforms sent.
    received: Vec<String>,
    /// The files that did not read for sure: their rows have to be compared.
    to_check: Vec<String>,
    package: Option<Package>,
    problem: String,
    details: Vec<String>,
}

/// What a claim of the year would rest on.
struct Package {
    certificate_no: Option<String>,
    hours_left: String,
    rate: base::Fen,
    allowance: base::Fen,
    charged: base::Fen,
    reimbursable: base::Fen,
    closes_on: String,
    unit: String,
    name: String,
    refunded: base::Fen,
    unit_paid: base::Fen,
    last_safe: String,
    hand_in: String,
    /// Whether the unit set dates of its own.
    has_dates: bool,
    /// Who may stand as the buyer: a code.
    buyer_rule: String,
    tax_number: String,
    pays_to_bank: bool,
}

async fn mine(State(site): State<Site>, visitor: Visitor, Query(q): Query<Arrival>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let mut page = page(&site, &visitor, year, vec![]).await?;
    if q.sent.is_some() {
        page.frame = page.frame.with_flash("done", site.texts.get("reimbursement-sent"));
    }
    html(&page)
}

async fn page(site: &Site, visitor: &Visitor, year: Year, mut rows: Vec<Typed>) -> Result<MinePage> {
    let claims = store_books::of_person(&site.db, visitor.actor.person).await?;
    let package = package(site, visitor, year).await?;
    let sent = received::open(&site.db, visitor.actor.person, year).await?;
    let received: Vec<String> = sent.iter().map(|t| t.number.clone()).collect();
    if rows.iter().all(|r| r.number.is_empty()) {
        rows.splice(0..0, sent);
    }
    if rows.is_empty() {
        let buyer = package.as_ref().map_or_else(String::new, |p| {
            if p.buyer_rule == "person" { p.name.clone() } else { p.unit.clone() }
        });
        rows.push(Typed { buyer, ..Typed::default() });
    }
    rows.resize_with(ROWS.max(rows.len()), Typed::default);
    Ok(MinePage {
        frame: Frame::of(site, visitor, "/reimbursements", "page-reimbursements"),
        claims: claims.iter().map(|c| line(site, c)).collect(),
        year,
        years: hours::years(site).await?,
        rows,
        received,
        to_check: vec![],
        package,
        problem: String::new(),
        details: vec![],
    })
}

async fn package(site: &Site, visitor: &Visitor, year: Year) -> Result<Option<Package>> {
    let standing = match hours::standing(&site.db, visitor.actor.person, year).await {
        Ok(standing) => standing,
        Err(e) if matches!(e.code(), "profile_incomplete" | "policy_not_published") => return Ok(None),
        Err(e) => return Err(e),
    };
    let certificate = certificates::of_year(site, visitor.actor.person, year).await?;
    let (fees, policy) = (standing.assessment.fees, &standing.policy);
    let rate = policy.fees.professional_rate;
    // The hours that the allowance pays for, as the formula shows them: (60 − 24) × 4.
    let unit = standing.person.unit;
    let settings = settings::of_unit(&site.db, unit).await?;
    let dates = store_settings::dates(&site.db, unit, year).await?;
    let deadlines = Deadlines::of(&settings, dates, policy.closes_on);
    let lines = Fees::of(&standing, &store_unit_paid::courses(&site.db, &standing.person.path, year).await?);
    let hours = base::Hours::from_hundredths(fees.allowance.fen() * 100 / rate.fen().max(1));
    Ok(Some(Package {
        certificate_no: certificate.map(|c| c.no.to_string()),
        hours_left: hours.to_string(),
        rate,
        allowance: fees.allowance,
        charged: fees.charged,
        reimbursable: fees.reimbursable.min(lines.own_professional()),
        closes_on: words::long(&site.texts, deadlines.closing),
        refunded: lines.refunded(),
        unit_paid: lines.unit_paid(),
        last_safe: words::long(&site.texts, deadlines.last_safe),
        hand_in: words::long(&site.texts, deadlines.hand_in),
        has_dates: dates.is_some(),
        buyer_rule: base::person::Code::code(&settings.buyer_rule),
        tax_number: settings.tax_number,
        pays_to_bank: settings.pay_by == PayBy::Bank,
        unit: standing.person.unit_name.clone(),
        name: standing.person.name.clone(),
    }))
}

#[derive(Deserialize)]
struct ClaimForm {
    year: String,
    #[serde(flatten)]
    cells: std::collections::HashMap<String, String>,
}

impl ClaimForm {
    /// The filled rows: `number_0`, `date_0` and so on.
    fn rows(&self) -> Vec<Typed> {
        let cell = |name: &str, n: usize| self.cells.get(&format!("{name}_{n}")).cloned().unwrap_or_default();
        let row = |n: usize| Typed {
            number: cell("number", n),
            date: cell("date", n),
            amount: cell("amount", n),
            buyer: cell("buyer", n),
            file: self.cells.get(&format!("file_{n}")).filter(|f| !f.is_empty()).cloned(),
        };
        let is_filled = |t: &Typed| !(t.number.is_empty() && t.date.is_empty() && t.amount.is_empty());
        (0..MOST).map(row).filter(is_filled).collect()
    }
}

/// Reads electronic invoices into the form; what can't be read is said file by file.
async fn read(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let year = upload.field("year").and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let (mut rows, mut details, mut to_check) = (vec![], vec![], vec![]);
    for file in upload.file.into_iter().chain(upload.more).filter(|f| !f.bytes.is_empty()).take(MOST) {
        let name = file.name.clone();
        match intake::take(&site, visitor.actor.person, file).await {
            Ok(Taken { file, original: Some(o), .. }) => rows.push(Typed {
                number: o.number,
                date: o.day.to_string(),
                amount: o.amount.to_string(),
                buyer: o.buyer,
                file: Some(file),
            }),
            Ok(Taken { file, original: None, guess }) => {
                details.push(format!("{name}: {}", site.texts.get("field-invoice_uncertain")));
                to_check.push(file.clone());
                rows.push(Typed {
                    number: guess.number.unwrap_or_default(),
                    date: guess.day.map(|d| d.to_string()).unwrap_or_default(),
                    amount: guess.amount.map(|a| a.to_string()).unwrap_or_default(),
                    buyer: guess.buyer.unwrap_or_default(),
                    file: Some(file),
                });
            }
            Err(Error::Refused(p)) => {
                let code = p.fields.first().map_or(p.code, |f| f.code);
                let text = site.texts.get(&format!("field-{code}"));
                details.push(format!("{name}: {text}"));
            }
            Err(e) => return Err(e.into()),
        }
    }
    let mut page = page(&site, &visitor, year, rows).await?;
    page.to_check = to_check;
    if !details.is_empty() {
        page.problem = site.texts.get("reimbursement-unread");
        page.details = details;
    }
    html(&page)
}

async fn send_in(State(site): State<Site>, visitor: Visitor, Form(f): Form<ClaimForm>) -> Reply {
    let year: Year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let rows = f.rows();
    match submit::submit(&site, &visitor.actor, year, &rows).await {
        Ok(_) => Ok(see_other(&format!("/reimbursements?year={year}&sent=1"))),
        Err(Error::Refused(p)) if matches!(p.kind, Kind::Invalid | Kind::Conflict) => {
            let mut page = page(&site, &visitor, year, rows).await?;
            page.problem = site.texts.get(&format!("error-{}", p.code));
            page.details = p.fields.iter().map(|f| detail(&site, f)).collect();
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

/// `第 2 张发票：…` for a problem of `invoices[1].date`.
fn detail(site: &Site, problem: &base::FieldProblem) -> String {
    let text = site.texts.get(&format!("field-{}", problem.code));
    let place =
        problem.field.split_once('[').and_then(|(_, rest)| rest.split(']').next()?.parse::<usize>().ok());
    match place {
        Some(n) => {
            let n = (n + 1).to_string();
            site.texts.with("reimbursement-invoice-problem", &[("n", &n), ("text", &text)])
        }
        None => text,
    }
}
