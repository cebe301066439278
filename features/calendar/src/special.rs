//! Statutory holidays and the days worked instead (调休): data that tells working days from others. Reminders that people
//! send by SMS go out on working days; the page of the calendar shows them.
use base::{Day, Error, FieldProblem, Instant, Result, Role};
use db::Conn;
use rules::{record::parse_day, reminders};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::store_special as store;

/// Who keeps the table: it holds for everyone.
pub(crate) const KEEPERS: &[Role] = &[Role::Authority, Role::SystemAdmin];

/// A day that is not as its weekday says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sea_orm::FromQueryResult, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Special {
    /// The day.
    pub day: String,
    /// `holiday` or `workday`.
    pub kind: String,
    /// Such as 春节.
    pub name: String,
}

/// Special days of some weeks, and what follows for every day in them.
pub struct WorkingDays(Vec<Special>);

impl WorkingDays {
    /// Those of the 60 days after an instant.
    pub async fn from(conn: &impl Conn, now: Instant) -> Result<Self> {
        let today = base::day::day_of(now);
        let last = base::day::day_of(base::day::from_millis(base::day::millis(now) + 60 * 86_400_000));
        Ok(Self(store::between(conn, today, last).await?))
    }

    /// Whether people are at work that day.
    pub fn is_working(&self, day: Day) -> bool {
        let text = day.to_string();
        match self.0.iter().find(|s| s.day == text) {
            Some(special) => special.kind == "workday",
            None => day.weekday().to_monday_one_offset() <= 5,
        }
    }
}

/// When a reminder goes out that someone sends now; none for at once.
pub async fn reminder_at(site: &Site, conn: &impl Conn) -> Result<Option<Instant>> {
    let days = WorkingDays::from(conn, site.now()).await?;
    Ok(reminders::sms_at(site.now(), |day| days.is_working(day)))
}

/// Whether the visitor may change the table: at the top of a tree, or as the operator.
pub(crate) fn is_keeper(visitor: &Visitor) -> bool {
    let may = |g: &base::Grant| {
        g.role == Role::SystemAdmin || (g.role == Role::Authority && g.path.matches('/').count() == 2)
    };
    visitor.actor.grants.iter().any(may)
}

/// Writes a day, or takes it out where `special` has no kind.
pub(crate) async fn set(site: &Site, visitor: &Visitor, special: &Special) -> Result<()> {
    if !is_keeper(visitor) {
        return Err(Error::denied());
    }
    let problem = |field: &str| {
        Error::invalid_fields(vec![FieldProblem { field: field.to_owned(), code: "wrong_value" }])
    };
    let day = parse_day(special.day.trim()).ok_or_else(|| problem("day"))?;
    let tx = site.db.begin().await?;
    match special.kind.as_str() {
        "holiday" | "workday" if !special.name.trim().is_empty() && special.name.chars().count() <= 50 => {
            store::set(&tx, day, &special.kind, special.name.trim()).await?;
        }
        "holiday" | "workday" => return Err(problem("name")),
        "" => store::remove(&tx, day).await?,
        _ => return Err(problem("kind")),
    }
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "special_day.set",
        object: &special.day,
        unit_path: "",
        details: json!({"kind": special.kind, "name": special.name}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
