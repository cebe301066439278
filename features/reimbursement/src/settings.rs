//! What a unit sets for its money: who may stand as the buyer, how it pays, its own dates, the fund of over-limit claims.
use base::{Actor, Day, Error, FieldProblem, Result, Role, UnitId, Year, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::store_settings as store;

/// Who sets it.
pub(crate) const SETTERS: &[Role] = &[Role::Finance, Role::UnitAdmin];
/// At most so many days are taken for checking.
const MOST_REVIEW_DAYS: i64 = 90;

/// Whose name an invoice has to bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BuyerRule {
    /// The unit's.
    Unit,
    /// The person's.
    Person,
    /// Either.
    #[default]
    Either,
}

impl Code for BuyerRule {}

/// How the unit pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayBy {
    /// To the bank account that the person named.
    Bank,
    /// With the salary, by 工号.
    #[default]
    StaffNo,
}

impl Code for PayBy {}

/// A unit's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// 统一社会信用代码; an invoice to the unit has to bear it.
    pub tax_number: String,
    pub buyer_rule: BuyerRule,
    pub pay_by: PayBy,
    /// So many days before the day of handing in a year should be finished.
    pub review_days: i64,
    /// What over-limit claims are paid from; without it there are none.
    pub fund: String,
}

/// A unit's own dates in a year, before the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dates {
    /// Claims that come later are marked late.
    pub hand_in: Day,
    /// After it the unit takes no claims.
    pub closing: Day,
}

/// What a person has to know of the dates of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadlines {
    /// The last day to finish learning for the money to come in time.
    pub last_safe: Day,
    pub hand_in: Day,
    pub closing: Day,
}

impl Deadlines {
    /// From the unit's dates if it set any, else the policy's last day.
    pub(crate) fn of(settings: &Settings, dates: Option<Dates>, closes_on: Day) -> Self {
        let dates = dates.unwrap_or(Dates { hand_in: closes_on, closing: closes_on });
        let hand_in = dates.hand_in.min(closes_on);
        let last_safe = hand_in.saturating_sub(jiff::Span::new().days(settings.review_days));
        Self { last_safe, hand_in, closing: dates.closing.min(closes_on) }
    }
}

/// The settings of a unit; the defaults where nothing was set.
pub(crate) async fn of_unit(conn: &impl db::Conn, unit: UnitId) -> Result<Settings> {
    Ok(store::settings(conn, unit).await?.unwrap_or_default())
}

/// Saves settings, and dates of a year if they are given, for a unit in the actor's scope.
pub(crate) async fn save(
    site: &Site,
    actor: &Actor,
    unit: &org::Unit,
    settings: &Settings,
    dates: Option<(Year, Dates)>,
) -> Result<()> {
    if !actor.scope(SETTERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    check(settings, dates)?;
    let tx = site.db.begin().await?;
    store::save_settings(&tx, unit.id, settings, (actor.person, site.now())).await?;
    if let Some((year, dates)) = dates {
        store::save_dates(&tx, unit.id, year, dates).await?;
    }
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.settings",
        object: &unit.code,
        unit_path: &unit.path,
        details: json!({"settings": settings, "year": dates.map(|(y, _)| y),
            "hand_in": dates.map(|(_, d)| d.hand_in.to_string()), "closing": dates.map(|(_, d)| d.closing.to_string())}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

fn check(settings: &Settings, dates: Option<(Year, Dates)>) -> Result<()> {
    let mut problems = vec![];
    let mut add = |field: &str, code| problems.push(FieldProblem { field: field.to_owned(), code });
    let tax = settings.tax_number.as_str();
    let is_tax_number = tax.len() == 18 && tax.bytes().all(|b| b.is_ascii_alphanumeric());
    if !tax.is_empty() && !is_tax_number {
        add("tax_number", "tax_number_form");
    }
    if !(0..=MOST_REVIEW_DAYS).contains(&settings.review_days) {
        add("review_days", "review_days");
    }
    if settings.fund.chars().count() > 40 || settings.fund.chars().any(char::is_control) {
        add("fund", "wrong_value");
    }
    if let Some((year, dates)) = dates {
        let first = year.first_day();
        if dates.hand_in < first || dates.hand_in > dates.closing {
            add("hand_in", "hand_in_order");
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid_fields(problems)) }
}
