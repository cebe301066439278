//! Reimbursement over the JSON API (contract).
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Day, Error, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Upload, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    DECIDERS, FINANCE,
    claim::{self, Shown},
    decide, intake,
    invoice::Typed,
    pay,
    state::{Decision, State},
    store_books, submit,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/invoices", Access::SignedIn, read_invoice)
        .post("/api/v1/reimbursements", Access::SignedIn, send_in)
        .get("/api/v1/reimbursements", Access::SignedIn, list)
        .get("/api/v1/reimbursements/{id}", Access::SignedIn, one)
        .post("/api/v1/reimbursements/{id}/decision", Access::SignedIn, decision)
        .post("/api/v1/reimbursements/{id}/payment", Access::Roles(FINANCE), payment)
}

#[derive(OpenApi)]
#[openapi(
    paths(read_invoice, send_in, list, one, decision, payment),
    components(schemas(
        InvoiceRead,
        ClaimBody,
        InvoiceBody,
        DecisionBody,
        PaymentBody,
        Shown,
        State,
        Decision
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut all = Docs::openapi();
    all.merge(crate::api_money::docs());
    all.merge(crate::api_received::Docs::openapi());
    all
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimBody {
    year: Year,
    /// An empty list takes the invoices that course platforms sent (`GET /api/v1/me/invoices`).
    invoices: Vec<InvoiceBody>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvoiceBody {
    number: String,
    /// `YYYY-MM-DD`, within the year.
    date: String,
    /// Yuan, a decimal string above zero.
    amount: String,
    /// The unit's or the person's name.
    buyer: String,
    /// The id of an uploaded file.
    file: Option<String>,
}

impl From<InvoiceBody> for Typed {
    fn from(b: InvoiceBody) -> Self {
        Self { number: b.number, date: b.date, amount: b.amount, buyer: b.buyer, file: b.file }
    }
}

#[derive(Serialize, ToSchema)]
struct InvoiceRead {
    /// The uploaded file's id, for the claim.
    file: String,
    /// Whether it was read for sure; without it the rest is what could be made out, and a person has to compare it.
    certain: bool,
    number: Option<String>,
    date: Option<String>,
    amount: Option<String>,
    buyer: Option<String>,
    /// Empty for a person.
    buyer_tax_number: Option<String>,
}

/// Read an electronic invoice from its original: XML, OFD or PDF in the field `file`. The file is kept for the claim.
#[utoipa::path(post, path = "/api/v1/invoices",
    request_body(content = site::OneFile, content_type = "multipart/form-data"),
    responses((status = 201, body = InvoiceRead),
    (status = 422, description = "invoice_unreadable, invoice_red, invoice_edited, or what is wrong with the file")))]
async fn read_invoice(Shared(site): Shared<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let Some(file) = upload.file else { return Err(Error::invalid("file", "required").into()) };
    let read = intake::take(&site, visitor.actor.person, file).await?;
    let original = read.original.as_ref();
    let body = InvoiceRead {
        file: read.file,
        certain: original.is_some(),
        number: original.map(|o| o.number.clone()).or(read.guess.number),
        date: original.map(|o| o.day).or(read.guess.day).map(|d| d.to_string()),
        amount: original.map(|o| o.amount).or(read.guess.amount).map(|a| a.to_string()),
        buyer: original.map(|o| o.buyer.clone()).or(read.guess.buyer),
        buyer_tax_number: original.map(|o| o.buyer_tax_number.clone()),
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// Claim the fees of a year.
#[utoipa::path(post, path = "/api/v1/reimbursements", request_body = ClaimBody, responses((status = 201, body = Shown),
    (status = 409, description = "not_satisfied, exempt, reimbursement_closed, reimbursement_exists, nothing_to_reimburse, or invoice_claimed with the invoices"),
    (status = 422, description = "wrong invoices")))]
async fn send_in(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<ClaimBody>) -> Reply {
    let typed: Vec<Typed> = b.invoices.into_iter().map(Typed::from).collect();
    let claim = submit::submit(&site, &visitor.actor, b.year, &typed).await?;
    Ok((StatusCode::CREATED, axum::Json(Shown::from(&claim))).into_response())
}

/// The own claims; for deciders, `?queue` is on the pages.
#[utoipa::path(get, path = "/api/v1/reimbursements", responses((status = 200, body = Page<Shown>)))]
async fn list(Shared(site): Shared<Site>, visitor: Visitor) -> Reply {
    let mut claims = store_books::of_person(&site.db, visitor.actor.person).await?;
    if visitor.actor.has(DECIDERS) {
        claims.extend(store_books::queue(&site.db, &visitor.actor).await?);
    }
    Ok(axum::Json(Page::whole(claims.iter().map(Shown::from).collect::<Vec<_>>())).into_response())
}

/// A claim, for its claimant and those who decide on it.
#[utoipa::path(get, path = "/api/v1/reimbursements/{id}", params(("id" = String, Path)), responses((status = 200, body = Shown)))]
async fn one(Shared(site): Shared<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (claim, ..) = claim::read(&site.db, &visitor.actor, &id).await?;
    Ok(axum::Json(Shown::from(&claim)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionBody {
    decision: Decision,
    /// Needed to return or reject.
    #[serde(default)]
    comment: String,
}

/// Decide at the stage whose turn it is: department, HR, finance, by different people, in every round. Whoever approves
/// approves what is reimbursable now; the answer says it.
#[utoipa::path(post, path = "/api/v1/reimbursements/{id}/decision", params(("id" = String, Path)), request_body = DecisionBody,
    responses((status = 200, body = Shown), (status = 403, description = "own_decision, decided_before or other_stage"),
    (status = 409, description = "reimbursement_decided; to approve also certificate_revoked, invoice_blocked, invoice_unit_paid, or reimbursement_amount_changed where nothing is reimbursable now")))]
async fn decision(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<DecisionBody>,
) -> Reply {
    let claim = decide::decide(&site, &visitor.actor, &id, (b.decision, &b.comment)).await?;
    Ok(axum::Json(Shown::from(&claim)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaymentBody {
    /// The bank's or the voucher's number.
    pub reference: String,
    /// Today unless given.
    pub paid_on: Option<String>,
}

/// Book the payment of an approved claim back: of the amount that a file for payment named, else of what is reimbursable now.
/// What goes beyond what is reimbursable now is marked in the same step (`recover`, `recover_amount`).
#[utoipa::path(post, path = "/api/v1/reimbursements/{id}/payment", params(("id" = String, Path)), request_body = PaymentBody,
    responses((status = 200, body = Shown), (status = 409, description = "paid_before, not_approved, bank_missing or bank_held")))]
async fn payment(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<PaymentBody>,
) -> Reply {
    let claim = pay::book(&site, &visitor.actor, &id, (&b.reference, paid_on(b.paid_on.as_deref())?)).await?;
    Ok(axum::Json(Shown::from(&claim)).into_response())
}

/// The day of a payment as typed.
pub(crate) fn paid_on(text: Option<&str>) -> Result<Option<Day>, Error> {
    let text = text.map(str::trim).filter(|t| !t.is_empty());
    let read = |t| rules::record::parse_day(t).ok_or_else(|| Error::invalid("paid_on", "payment_day"));
    text.map(read).transpose()
}
