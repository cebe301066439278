//! Who owes an induction, and whether it is done: entry into service owes 岗前培训, another category of post 转岗培训.
use base::{Actor, Day, Error, Hours, Period, PersonId, Result, Scope, Year, person::Code};
use db::Conn;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    KEEPERS,
    store::{self, Whose},
};

/// What is owed in hours (事业单位工作人员培训规定: not less than 40 hours or 5 days).
pub(crate) const REQUIRED: Hours = Hours::whole(40);
/// Within six months as a rule, within twelve at the latest.
const MONTHS: i16 = 12;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 岗前培训
    Entry,
    /// 转岗培训
    Transfer,
}

impl Code for Kind {}

/// Someone who owes it.
#[derive(Clone, Debug)]
pub struct Owed {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// Which of the two.
    pub kind: Kind,
    /// Entry into service, or the change of post.
    pub since: Day,
    /// The last day for it.
    pub due: Day,
    /// On record between the two.
    pub hours: Hours,
}

impl Owed {
    /// What is asked.
    pub fn required(&self) -> Hours {
        REQUIRED
    }

    /// What is missing.
    pub fn short(&self) -> Hours {
        REQUIRED.less(self.hours)
    }

    /// Whether all of it is on record.
    pub fn is_done(&self) -> bool {
        self.hours >= REQUIRED
    }
}

/// The place that is looked at.
pub(crate) async fn scope(site: &Site, actor: &Actor, unit: Option<&str>) -> Result<Scope> {
    let held = actor.scope(KEEPERS);
    let Some(code) = unit.filter(|u| !u.is_empty()) else { return Ok(held) };
    let unit = org::by_code(&site.db, code).await?;
    if held.holds(&unit.path) { Ok(Scope { paths: vec![unit.path] }) } else { Err(Error::not_found()) }
}

/// Everyone of a scope who entered service or changed the category of post in a year.
pub(crate) async fn owed(site: &Site, scope: &Scope, year: Year) -> Result<Vec<Owed>> {
    let period = days(year, year)?;
    let mut all = store::entered(&site.db, &Whose::In(scope), period).await?;
    all.extend(store::transferred(&site.db, &Whose::In(scope), period).await?);
    with_hours(&site.db, all).await
}

/// What a person owes of a kind by the end of a year: for an entry or a change of post in it or in the year before.
pub async fn of_person(
    conn: &impl Conn,
    person: PersonId,
    (kind, year): (Kind, Year),
) -> Result<Option<Owed>> {
    let before = Year::new(i64::from(year.number()) - 1).unwrap_or(year);
    let period = days(before, year)?;
    let found = match kind {
        Kind::Entry => store::entered(conn, &Whose::Of(person), period).await?,
        Kind::Transfer => store::transferred(conn, &Whose::Of(person), period).await?,
    };
    Ok(with_hours(conn, found).await?.into_iter().next())
}

fn days(first: Year, last: Year) -> Result<Period> {
    Period::new(first.first_day(), last.last_day()).ok_or_else(|| Error::internal("years in the wrong order"))
}

/// With what is on record of each.
async fn with_hours(conn: &impl Conn, mut all: Vec<Owed>) -> Result<Vec<Owed>> {
    let ids: Vec<String> = all.iter().map(|o| o.person.to_string()).collect();
    let recorded = store::recorded(conn, &ids).await?;
    for owed in &mut all {
        let within = |r: &&store::Recorded| {
            r.person_id == owed.person.to_string()
                && r.kind == owed.kind.code()
                && r.to_day >= owed.since.to_string()
                && r.to_day <= owed.due.to_string()
        };
        let sum = recorded.iter().filter(within).map(|r| r.hours).sum();
        owed.hours = Hours::from_hundredths(sum);
    }
    Ok(all)
}

/// The last day for what is owed since a day.
pub(crate) fn due(since: Day) -> Day {
    since.checked_add(jiff::Span::new().months(MONTHS)).unwrap_or(since)
}

/// A training as typed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub kind: &'a str,
    pub title: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub hours: &'a str,
    pub document: &'a str,
}

/// Records a training of a person below the actor, on a document; never the own one.
pub(crate) async fn record(site: &Site, actor: &Actor, person: PersonId, typed: &Typed<'_>) -> Result<()> {
    let kind = Kind::from_code(typed.kind).ok_or_else(|| Error::invalid("kind", "wrong_value"))?;
    let text = |field: &str, text: &str, most: usize| {
        let text = text.trim().to_owned();
        let is_wrong = text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control);
        if is_wrong { Err(Error::invalid(field, "induction_text")) } else { Ok(text) }
    };
    let (title, document) = (text("title", typed.title, 100)?, text("document", typed.document, 120)?);
    let day = |field: &str, text: &str| {
        rules::record::parse_day(text.trim()).ok_or_else(|| Error::invalid(field, "training_day"))
    };
    let period = Period::new(day("from", typed.from)?, day("to", typed.to)?);
    let period = period.ok_or_else(|| Error::invalid("to", "training_order"))?;
    let hours = Hours::parse(typed.hours.trim())
        .filter(|h| *h > Hours::ZERO && h.hundredths() <= period.days() * 1200);
    let hours = hours.ok_or_else(|| Error::invalid("hours", "induction_hours"))?;
    let tx = site.db.begin().await?;
    let person = org::person(&tx, person).await?;
    if !actor.scope(KEEPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    if person.id == actor.person {
        return Err(Error::refused(base::Kind::Denied, "own_decision"));
    }
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let new = store::New {
        id: &id,
        person: person.id,
        kind: &kind.code(),
        title: &title,
        period,
        hours,
        document: &document,
    };
    store::insert(&tx, &new, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "induction.record",
        object: &id,
        unit_path: &person.path,
        details: json!({"person": person.id, "kind": kind, "hours": hours, "document": document}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
