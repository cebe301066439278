//! Pages around the claims: the own bank account, the unit's settings, what units paid themselves, void invoices.
use askama::Template;
use axum::extract::{Query, State as Shared};
use base::{Error, Fen, Result, Year, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates, html, see_other};

use super::problems;
use crate::{
    BOOK_READERS, FINANCE, bank,
    blocks::{self, Block},
    settings::{self, BuyerRule, Dates, PayBy, SETTERS, Settings},
    store_blocks, store_settings, store_unit_paid,
    unit_paid::{self, Entered, Payment},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/me/bank-account", Access::SignedIn, account)
        .post("/me/bank-account", Access::SignedIn, change_account)
        .get("/reimbursements/settings", Access::Roles(SETTERS), settings_form)
        .post("/reimbursements/settings", Access::Roles(SETTERS), save_settings)
        .get("/reimbursements/unit-paid", Access::Roles(BOOK_READERS), unit_paid_list)
        .post("/reimbursements/unit-paid", Access::Roles(SETTERS), record_unit_paid)
        .get("/reimbursements/void", Access::Roles(BOOK_READERS), void_list)
        .post("/reimbursements/void", Access::Roles(FINANCE), note_void)
}

#[derive(Template)]
#[template(path = "reimbursement/account.html")]
struct AccountPage {
    frame: Frame,
    account: Option<bank::Account>,
    bank: String,
    problem: String,
}

#[derive(Deserialize, Default)]
struct Said {
    done: Option<String>,
    year: Option<String>,
}

async fn account_page(site: &Site, visitor: &Visitor, bank: String, problem: String) -> Result<AccountPage> {
    let mut account = bank::own(site, visitor.actor.person).await?;
    if let Some(a) = &mut account {
        a.usable_from = a.usable_from.chars().take(16).collect::<String>().replace('T', " ");
    }
    let frame = Frame::of(site, visitor, "/reimbursements", "page-bank-account");
    Ok(AccountPage { frame, account, bank, problem })
}

async fn account(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<Said>) -> Reply {
    let mut page = account_page(&site, &visitor, String::new(), String::new()).await?;
    if q.done.is_some() {
        page.frame = page.frame.with_flash("done", site.texts.get("bank-account-saved"));
    }
    html(&page)
}

#[derive(Deserialize)]
struct AccountForm {
    bank: String,
    number: String,
}

async fn change_account(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<AccountForm>) -> Reply {
    match bank::change(&site, &visitor.actor, (&f.bank, &f.number)).await {
        Ok(_) => Ok(see_other("/me/bank-account?done=1")),
        Err(Error::Refused(p)) => html(&account_page(&site, &visitor, f.bank, problems(&site, &p)).await?),
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "reimbursement/settings.html")]
struct SettingsPage {
    frame: Frame,
    unit: String,
    unit_name: String,
    year: Year,
    years: Years,
    settings: Settings,
    buyer_rule: String,
    pay_by: String,
    hand_in: String,
    closing: String,
    closes_on: String,
    problem: String,
}

#[derive(Deserialize, Default)]
struct SettingsForm {
    unit: Option<String>,
    year: Option<String>,
    #[serde(default)]
    tax_number: String,
    #[serde(default)]
    buyer_rule: String,
    #[serde(default)]
    pay_by: String,
    #[serde(default)]
    review_days: String,
    #[serde(default)]
    fund: String,
    #[serde(default)]
    hand_in: String,
    #[serde(default)]
    closing: String,
    done: Option<String>,
}

/// The unit of the form: the named one, or where the visitor keeps the books.
async fn unit_of(site: &Site, visitor: &Visitor, code: Option<&str>) -> Result<org::Unit> {
    let own = visitor.actor.grants.iter().find(|g| SETTERS.contains(&g.role));
    let own = own.map(|g| g.unit_code.clone()).unwrap_or_default();
    let unit = org::by_code(&site.db, code.filter(|c| !c.is_empty()).unwrap_or(&own)).await?;
    if visitor.actor.scope(SETTERS).holds(&unit.path) { Ok(unit) } else { Err(Error::not_found()) }
}

async fn settings_page(site: &Site, visitor: &Visitor, f: &SettingsForm) -> Result<SettingsPage> {
    let unit = unit_of(site, visitor, f.unit.as_deref()).await?;
    let year = f.year.as_deref().and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let settings = settings::of_unit(&site.db, unit.id).await?;
    let dates = store_settings::dates(&site.db, unit.id, year).await?;
    let policy = hours::in_force(&site.db, year).await?.policy;
    Ok(SettingsPage {
        frame: Frame::of(site, visitor, "/reimbursements/books", "page-reimbursement-settings"),
        unit: unit.code,
        unit_name: unit.name,
        year,
        years: hours::years(site).await?,
        buyer_rule: settings.buyer_rule.code(),
        pay_by: settings.pay_by.code(),
        settings,
        hand_in: dates.map(|d| d.hand_in.to_string()).unwrap_or_default(),
        closing: dates.map(|d| d.closing.to_string()).unwrap_or_default(),
        closes_on: dates::long(&site.texts, policy.closes_on),
        problem: String::new(),
    })
}

async fn settings_form(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<SettingsForm>) -> Reply {
    let mut page = settings_page(&site, &visitor, &q).await?;
    if q.done.is_some() {
        page.frame = page.frame.with_flash("done", site.texts.get("reimbursement-settings-saved"));
    }
    html(&page)
}

async fn save_settings(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<SettingsForm>) -> Reply {
    let saved = async {
        let unit = unit_of(&site, &visitor, f.unit.as_deref()).await?;
        let (settings, dates) = read_settings(&f)?;
        settings::save(&site, &visitor.actor, &unit, &settings, dates).await?;
        Ok(unit.code)
    };
    match saved.await {
        Ok(code) => {
            let year = f.year.unwrap_or_default();
            Ok(see_other(&format!("/reimbursements/settings?unit={code}&year={year}&done=1")))
        }
        Err(Error::Refused(p)) if p.kind == base::Kind::Invalid => {
            let mut page = settings_page(&site, &visitor, &f).await?;
            page.problem = problems(&site, &p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

fn read_settings(f: &SettingsForm) -> Result<(Settings, Option<(Year, Dates)>)> {
    let wrong = |field: &str| Error::invalid(field, "wrong_value");
    let settings = Settings {
        tax_number: f.tax_number.trim().to_ascii_uppercase(),
        buyer_rule: BuyerRule::from_code(&f.buyer_rule).ok_or_else(|| wrong("buyer_rule"))?,
        pay_by: PayBy::from_code(&f.pay_by).ok_or_else(|| wrong("pay_by"))?,
        review_days: f.review_days.trim().parse().unwrap_or(0),
        fund: f.fund.trim().to_owned(),
    };
    if f.hand_in.is_empty() && f.closing.is_empty() {
        return Ok((settings, None));
    }
    let year = f.year.as_deref().and_then(|y| y.parse().ok()).ok_or_else(|| wrong("year"))?;
    let day = |field: &str, text: &str| {
        rules::record::parse_day(text).ok_or_else(|| Error::invalid(field, "date_form"))
    };
    let dates = Dates { hand_in: day("hand_in", &f.hand_in)?, closing: day("closing", &f.closing)? };
    Ok((settings, Some((year, dates))))
}

#[derive(Template)]
#[template(path = "reimbursement/unit_paid.html")]
struct UnitPaidPage {
    frame: Frame,
    year: Year,
    years: Years,
    payments: Vec<Payment>,
    total: Fen,
    unit: String,
    may_record: bool,
    today: String,
    problem: String,
}

async fn unit_paid_page(site: &Site, visitor: &Visitor, year: Year, problem: String) -> Result<UnitPaidPage> {
    let payments = store_unit_paid::of_year(&site.db, &visitor.actor.scope(BOOK_READERS), year).await?;
    let own = visitor.actor.grants.iter().find(|g| SETTERS.contains(&g.role));
    Ok(UnitPaidPage {
        frame: Frame::of(site, visitor, "/reimbursements/books", "page-unit-paid"),
        year,
        years: hours::years(site).await?,
        total: payments.iter().map(|p| p.amount).sum(),
        payments,
        unit: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        may_record: own.is_some(),
        today: base::day::day_of(site.now()).to_string(),
        problem,
    })
}

async fn unit_paid_list(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<Said>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    html(&unit_paid_page(&site, &visitor, year, String::new()).await?)
}

#[derive(Deserialize)]
struct UnitPaidForm {
    year: String,
    unit: String,
    title: String,
    #[serde(default)]
    course: String,
    invoice: String,
    amount: String,
    #[serde(default)]
    people: String,
    paid_on: String,
}

async fn record_unit_paid(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Form(f): Form<UnitPaidForm>,
) -> Reply {
    let year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    let people = f.people.trim().parse().unwrap_or(0);
    let (unit, title, course, invoice) = (f.unit, f.title, f.course, f.invoice);
    let f = Entered { year, unit, title, course, invoice, amount: f.amount, people, paid_on: f.paid_on };
    match unit_paid::record(&site, &visitor.actor, &f).await {
        Ok(_) => Ok(see_other(&format!("/reimbursements/unit-paid?year={}", f.year))),
        Err(Error::Refused(p)) => html(&unit_paid_page(&site, &visitor, f.year, problems(&site, &p)).await?),
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "reimbursement/void.html")]
struct VoidPage {
    frame: Frame,
    blocks: Vec<VoidLine>,
    may_note: bool,
    problem: String,
}

struct VoidLine {
    number: String,
    kind: String,
    reason: String,
    by: String,
    at: String,
}

async fn void_page(site: &Site, visitor: &Visitor, problem: String) -> Result<VoidPage> {
    let listed = store_blocks::listed(&site.db, &visitor.actor.scope(BOOK_READERS)).await?;
    let line = |b: store_blocks::Listed| VoidLine {
        number: b.number,
        kind: site.texts.get(&format!("invoice-kind-{}", b.kind)),
        reason: b.reason,
        by: b.by_name,
        at: dates::minute(base::day::from_millis(b.noted_at)),
    };
    Ok(VoidPage {
        frame: Frame::of(site, visitor, "/reimbursements/books", "page-void-invoices"),
        blocks: listed.into_iter().map(line).collect(),
        may_note: visitor.actor.has(FINANCE),
        problem,
    })
}

async fn void_list(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<Said>) -> Reply {
    let mut page = void_page(&site, &visitor, String::new()).await?;
    if let Some(effect) = q.done.filter(|e| ["none", "reopened", "recover"].contains(&e.as_str())) {
        page.frame = page.frame.with_flash("done", site.texts.get(&format!("invoice-effect-{effect}")));
    }
    html(&page)
}

#[derive(Deserialize)]
struct VoidForm {
    number: String,
    kind: String,
    reason: String,
}

async fn note_void(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<VoidForm>) -> Reply {
    let kind = Block::from_code(&f.kind).ok_or_else(|| Error::invalid("kind", "wrong_value"))?;
    match blocks::note(&site, &visitor.actor, (&f.number, kind), &f.reason).await {
        Ok(effect) => {
            let said = match effect {
                blocks::Effect::None => "none",
                blocks::Effect::Reopened => "reopened",
                blocks::Effect::Recover => "recover",
            };
            Ok(see_other(&format!("/reimbursements/void?done={said}")))
        }
        Err(Error::Refused(p)) => html(&void_page(&site, &visitor, problems(&site, &p)).await?),
        Err(e) => Err(e.into()),
    }
}
