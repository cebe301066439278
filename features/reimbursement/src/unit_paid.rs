//! Training that the unit itself paid (the notice's own row of costs): recorded with its invoice, never reimbursed again.
//! Its invoice is used up, and the fee of its course is no fee of the unit's people.
use base::{Actor, Day, Error, Fen, FieldProblem, Result, Year, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{follow, invoice, settings::SETTERS, store_blocks, store_unit_paid as store};

/// A payment of the unit's as it is entered.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entered {
    pub year: Year,
    /// The unit's code.
    pub unit: String,
    pub title: String,
    /// The course, as `provider:course`; empty for a training without one.
    #[serde(default)]
    pub course: String,
    pub invoice: String,
    /// Yuan, a decimal string above zero.
    pub amount: String,
    /// How many people took part.
    #[serde(default)]
    pub people: i64,
    pub paid_on: String,
}

/// As it is kept.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Payment {
    pub id: String,
    pub year: i64,
    pub unit: String,
    pub title: String,
    pub course: String,
    pub invoice: String,
    pub amount: Fen,
    pub people: i64,
    pub paid_on: String,
}

/// The largest training that a unit pays for in one invoice.
const LARGEST: Fen = Fen::new(1_000_000_000);

/// Records a payment; the same invoice is refused if anyone claimed it.
pub(crate) async fn record(site: &Site, actor: &Actor, entered: &Entered) -> Result<String> {
    let unit = org::by_code(&site.db, entered.unit.trim()).await?;
    if !actor.scope(SETTERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    let new = read(entered, day::day_of(site.now()))?;
    let id: base::EntryId = site.new_id();
    let tx = site.db.begin().await?;
    store_blocks::enter(&tx, std::slice::from_ref(&new.number)).await?;
    if store_blocks::holder(&tx, &new.number).await?.is_some() {
        return Err(Error::conflict("invoice_claimed"));
    }
    let row = store::Row { id: id.to_string(), unit: unit.id, unit_path: &unit.path, year: entered.year };
    if !store::insert(&tx, &row, &new, (actor.person, site.now())).await? {
        return Err(Error::conflict("invoice_unit_paid"));
    }
    if !new.course.is_empty() {
        // Claims that were sent in before may hold the course's fee.
        follow::later_around(site, &tx, (&unit.path, entered.year)).await?;
    }
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.unit_paid",
        object: &row.id,
        unit_path: &unit.path,
        details: json!({"invoice": new.number, "amount": new.amount, "course": new.course, "people": new.people}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// What was entered, checked.
pub(crate) struct New {
    pub title: String,
    pub course: String,
    pub number: String,
    pub amount: Fen,
    pub people: i64,
    pub paid_on: Day,
}

fn read(e: &Entered, today: Day) -> Result<New> {
    let mut problems = vec![];
    let mut add = |field: &str, code| problems.push(FieldProblem { field: field.to_owned(), code });
    let title = e.title.trim();
    if title.is_empty() || title.chars().count() > 100 || title.chars().any(base::name::is_hidden) {
        add("title", "unit_paid_title");
    }
    let course = e.course.trim();
    if course.len() > 120 || course.chars().any(char::is_whitespace) {
        add("course", "wrong_value");
    }
    let number = invoice::number(&e.invoice);
    if number.is_none() {
        add("invoice", "invoice_number");
    }
    let amount = Fen::parse(e.amount.trim()).filter(|a| *a > Fen::ZERO && *a <= LARGEST);
    if amount.is_none() {
        add("amount", "unit_paid_amount");
    }
    if !(0..=100_000).contains(&e.people) {
        add("people", "wrong_value");
    }
    let paid_on = rules::record::parse_day(e.paid_on.trim()).filter(|d| *d <= today);
    if paid_on.is_none() {
        add("paid_on", "payment_day");
    }
    match (number, amount, paid_on) {
        (Some(number), Some(amount), Some(paid_on)) if problems.is_empty() => {
            let (title, course) = (title.to_owned(), course.to_owned());
            Ok(New { title, course, number, amount, people: e.people, paid_on })
        }
        _ => Err(Error::invalid_fields(problems)),
    }
}
