//! The money around claims over the JSON API: settings, bank accounts, blocked invoices, what units paid, claims above
//! the limit, many at once.
use axum::{
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Day, Error, Year};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    BOOK_READERS, DECIDERS, FINANCE,
    api::{PaymentBody, paid_on},
    bank,
    blocks::{self, Block},
    decide, pay,
    settings::{self, BuyerRule, Dates, PayBy, SETTERS, Settings},
    special::{self, SIGNERS, Special, Stage},
    store_blocks, store_settings, store_unit_paid,
    unit_paid::{self, Entered, Payment},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/bank-account", Access::SignedIn, account)
        .put("/api/v1/me/bank-account", Access::SignedIn, change_account)
        .post("/api/v1/reimbursements/decisions", Access::Roles(DECIDERS), approve_many)
        .post("/api/v1/reimbursements/payments", Access::Roles(FINANCE), pay_many)
        .post("/api/v1/reimbursements/{id}/special", Access::SignedIn, ask_special)
        .post("/api/v1/special-claims/{id}/decision", Access::Roles(SIGNERS), sign)
        .post("/api/v1/special-claims/{id}/payment", Access::Roles(FINANCE), pay_special)
        .get("/api/v1/invoice-blocks", Access::Roles(BOOK_READERS), list_blocks)
        .post("/api/v1/invoice-blocks", Access::Roles(FINANCE), block)
        .get("/api/v1/unit-payments", Access::Roles(BOOK_READERS), list_unit_payments)
        .post("/api/v1/unit-payments", Access::Roles(SETTERS), record_unit_payment)
        .get("/api/v1/reimbursement-settings", Access::Roles(SETTERS), read_settings)
        .put("/api/v1/reimbursement-settings", Access::Roles(SETTERS), save_settings)
}

#[derive(OpenApi)]
#[openapi(
    paths(
        account,
        change_account,
        approve_many,
        pay_many,
        ask_special,
        sign,
        pay_special,
        list_blocks,
        block,
        list_unit_payments,
        record_unit_payment,
        read_settings,
        save_settings
    ),
    components(schemas(
        AccountBody,
        bank::Account,
        ManyBody,
        decide::Taken,
        ManyPayments,
        OnePayment,
        pay::Booked,
        SpecialBody,
        Special,
        Stage,
        SignBody,
        Sign,
        BlockBody,
        Block,
        blocks::Effect,
        Entered,
        Payment,
        SettingsBody,
        Settings,
        BuyerRule,
        PayBy,
        DatesBody
    ))
)]
struct Docs;

/// This part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// Where the own money goes; 404 before it was named.
#[utoipa::path(get, path = "/api/v1/me/bank-account", responses((status = 200, body = bank::Account), (status = 404)))]
async fn account(Shared(site): Shared<Site>, visitor: Visitor) -> Reply {
    let own = bank::own(&site, visitor.actor.person).await?.ok_or_else(Error::not_found)?;
    Ok(axum::Json(own).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    bank: String,
    number: String,
}

/// Name or change the own account; it is told and nothing is paid to it for three days.
#[utoipa::path(put, path = "/api/v1/me/bank-account", request_body = AccountBody, responses((status = 200, body = bank::Account),
    (status = 422, description = "bank_name or bank_number")))]
async fn change_account(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<AccountBody>) -> Reply {
    Ok(axum::Json(bank::change(&site, &visitor.actor, (&b.bank, &b.number)).await?).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ManyBody {
    ids: Vec<String>,
}

/// Approve many at once, each with what is reimbursable now; each row answers for itself, and one that has to be looked at is
/// left.
#[utoipa::path(post, path = "/api/v1/reimbursements/decisions", request_body = ManyBody,
    responses((status = 200, body = Page<decide::Taken>)))]
async fn approve_many(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<ManyBody>) -> Reply {
    let taken = decide::approve_many(&site, &visitor.actor, &b.ids).await?;
    Ok(axum::Json(Page::whole(taken)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ManyPayments {
    payments: Vec<OnePayment>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OnePayment {
    id: String,
    reference: String,
    paid_on: Option<String>,
}

/// Book many payments back; each row answers for itself. No amount is refused: what goes beyond what is reimbursable now is
/// marked to come back.
#[utoipa::path(post, path = "/api/v1/reimbursements/payments", request_body = ManyPayments,
    responses((status = 200, body = Page<pay::Booked>)))]
async fn pay_many(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<ManyPayments>) -> Reply {
    let row = |p: OnePayment| -> pay::Row { (p.id, p.reference, p.paid_on.unwrap_or_default()) };
    let rows: Vec<pay::Row> = b.payments.into_iter().map(row).collect();
    let booked = pay::book_many(&site, &visitor.actor, &rows).await?;
    Ok(axum::Json(Page::whole(booked)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SpecialBody {
    /// Yuan: at most what the invoices say beyond what is reimbursed.
    amount: String,
    reason: String,
}

/// Ask for what is above the limit, for a special reason, from the unit's fund.
#[utoipa::path(post, path = "/api/v1/reimbursements/{id}/special", params(("id" = String, Path)), request_body = SpecialBody,
    responses((status = 201, body = Special), (status = 409, description = "special_exists, special_no_fund or special_without_claim"),
    (status = 422, description = "special_amount or special_reason")))]
async fn ask_special(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<SpecialBody>,
) -> Reply {
    let asked = special::ask(&site, &visitor.actor, &id, (&b.amount, &b.reason)).await?;
    Ok((StatusCode::CREATED, axum::Json(asked)).into_response())
}

/// What a signer does.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Sign {
    Approve,
    Reject,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignBody {
    decision: Sign,
    #[serde(default)]
    comment: String,
}

/// Sign or reject a claim above the limit; two different people sign.
#[utoipa::path(post, path = "/api/v1/special-claims/{id}/decision", params(("id" = String, Path)), request_body = SignBody,
    responses((status = 200, body = Special), (status = 403, description = "own_decision or decided_before")))]
async fn sign(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<SignBody>,
) -> Reply {
    let is_signed = matches!(b.decision, Sign::Approve);
    let decided = special::decide(&site, &visitor.actor, &id, (is_signed, &b.comment)).await?;
    Ok(axum::Json(decided).into_response())
}

/// Book the payment of a claim above the limit back.
#[utoipa::path(post, path = "/api/v1/special-claims/{id}/payment", params(("id" = String, Path)), request_body = PaymentBody,
    responses((status = 200, body = Special), (status = 409, description = "paid_before, not_approved or special_claim_changed")))]
async fn pay_special(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<PaymentBody>,
) -> Reply {
    let on = paid_on(b.paid_on.as_deref())?;
    let paid = special::pay(&site, &visitor.actor, &id, (&b.reference, on)).await?;
    Ok(axum::Json(paid).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BlockBody {
    number: String,
    kind: Block,
    reason: String,
}

/// A note on an invoice's number, and what it did.
#[derive(Serialize, ToSchema)]
struct BlockNoted {
    number: String,
    effect: blocks::Effect,
}

/// Note that an invoice was taken back by a red-letter one, or is void: its claim is reopened, or marked for recovery.
#[utoipa::path(post, path = "/api/v1/invoice-blocks", request_body = BlockBody,
    responses((status = 201, body = BlockNoted), (status = 409, description = "block_exists")))]
async fn block(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<BlockBody>) -> Reply {
    let effect = blocks::note(&site, &visitor.actor, (&b.number, b.kind), &b.reason).await?;
    Ok((StatusCode::CREATED, axum::Json(BlockNoted { number: b.number, effect })).into_response())
}

/// An invoice's number that may not be claimed.
#[derive(Serialize, ToSchema)]
struct BlockShown {
    number: String,
    kind: String,
    reason: String,
    by: String,
    at: String,
}

/// The blocked invoices of the own places.
#[utoipa::path(get, path = "/api/v1/invoice-blocks", responses((status = 200, body = Page<BlockShown>)))]
async fn list_blocks(Shared(site): Shared<Site>, visitor: Visitor) -> Reply {
    let listed = store_blocks::listed(&site.db, &visitor.actor.scope(BOOK_READERS)).await?;
    let item = |b: store_blocks::Listed| BlockShown {
        number: b.number,
        kind: b.kind,
        reason: b.reason,
        by: b.by_name,
        at: base::day::rfc3339(base::day::from_millis(b.noted_at)),
    };
    Ok(axum::Json(Page::whole(listed.into_iter().map(item).collect())).into_response())
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<String>,
}

/// What units paid themselves in a year.
#[utoipa::path(get, path = "/api/v1/unit-payments", params(("year" = Option<u16>, Query)),
    responses((status = 200, body = Page<Payment>)))]
async fn list_unit_payments(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let listed = store_unit_paid::of_year(&site.db, &visitor.actor.scope(BOOK_READERS), year).await?;
    Ok(axum::Json(Page::whole(listed)).into_response())
}

#[derive(Serialize, ToSchema)]
struct PaymentRecorded {
    id: String,
}

/// Record a training that the unit itself paid; it is never reimbursed again, and a claim that holds its course's fee is given
/// back, or the fee marked for recovery.
#[utoipa::path(post, path = "/api/v1/unit-payments", request_body = Entered,
    responses((status = 201, body = PaymentRecorded), (status = 409, description = "invoice_claimed or invoice_unit_paid")))]
async fn record_unit_payment(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<Entered>) -> Reply {
    let id = unit_paid::record(&site, &visitor.actor, &b).await?;
    Ok((StatusCode::CREATED, axum::Json(PaymentRecorded { id })).into_response())
}

#[derive(Deserialize)]
struct OfUnit {
    unit: Option<String>,
    year: Option<String>,
}

/// A unit's settings, and its dates in a year.
#[utoipa::path(get, path = "/api/v1/reimbursement-settings", params(("unit" = String, Query), ("year" = Option<u16>, Query)),
    responses((status = 200, body = SettingsBody)))]
async fn read_settings(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<OfUnit>) -> Reply {
    let unit = org::by_code(&site.db, q.unit.as_deref().unwrap_or("")).await?;
    if !visitor.actor.scope(SETTERS).holds(&unit.path) {
        return Err(Error::not_found().into());
    }
    let year: Year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let settings = settings::of_unit(&site.db, unit.id).await?;
    let dates = store_settings::dates(&site.db, unit.id, year).await?;
    let dates =
        dates.map(|d| DatesBody { year, hand_in: d.hand_in.to_string(), closing: d.closing.to_string() });
    Ok(axum::Json(SettingsBody { unit: unit.code, settings, dates }).into_response())
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SettingsBody {
    /// The unit's code.
    unit: String,
    settings: Settings,
    dates: Option<DatesBody>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DatesBody {
    year: Year,
    /// `YYYY-MM-DD`: claims that come later are marked late.
    hand_in: String,
    /// `YYYY-MM-DD`: after it the unit takes no claims.
    closing: String,
}

impl DatesBody {
    fn read(&self) -> Result<(Year, Dates), Error> {
        let day = |field: &str, text: &str| -> Result<Day, Error> {
            rules::record::parse_day(text).ok_or_else(|| Error::invalid(field, "date_form"))
        };
        Ok((
            self.year,
            Dates { hand_in: day("hand_in", &self.hand_in)?, closing: day("closing", &self.closing)? },
        ))
    }
}

/// Save a unit's settings and the dates of a year.
#[utoipa::path(put, path = "/api/v1/reimbursement-settings", request_body = SettingsBody, responses((status = 204),
    (status = 422, description = "tax_number_form, review_days, hand_in_order or a date")))]
async fn save_settings(Shared(site): Shared<Site>, visitor: Visitor, Json(b): Json<SettingsBody>) -> Reply {
    let unit = org::by_code(&site.db, &b.unit).await?;
    let dates = b.dates.as_ref().map(DatesBody::read).transpose()?;
    settings::save(&site, &visitor.actor, &unit, &b.settings, dates).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
