//! Who owes an induction, and whether it is done: entry into service owes 岗前培训, another category of post 转岗培训.
//! A day of a person counts in one training only, and no day counts before it is over.
use std::collections::HashMap;

use base::{Actor, Day, Error, Hours, Period, PersonId, Result, Scope, Year, day, person::Code};
use db::Conn;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    KEEPERS,
    store::{self, Whose},
    training::Training,
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
    /// What is on record of the person, of either kind.
    pub(crate) trainings: Vec<Listed>,
}

/// A training on record, beside what someone owes.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub training: Training,
    /// Whether its hours count for what is owed.
    pub counts: bool,
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
    with_trainings(&site.db, all, day::day_of(site.now())).await
}

/// What a person owes of a kind by the end of a year, as it stands today: for an entry or a change of post in it or in the
/// year before.
pub async fn of_person(
    conn: &impl Conn,
    person: PersonId,
    (kind, year): (Kind, Year),
    today: Day,
) -> Result<Option<Owed>> {
    let before = Year::new(i64::from(year.number()) - 1).unwrap_or(year);
    let period = days(before, year)?;
    let found = match kind {
        Kind::Entry => store::entered(conn, &Whose::Of(person), period).await?,
        Kind::Transfer => store::transferred(conn, &Whose::Of(person), period).await?,
    };
    Ok(with_trainings(conn, found, today).await?.into_iter().next())
}

fn days(first: Year, last: Year) -> Result<Period> {
    Period::new(first.first_day(), last.last_day()).ok_or_else(|| Error::internal("years in the wrong order"))
}

/// With what is on record of each.
async fn with_trainings(conn: &impl Conn, mut all: Vec<Owed>, today: Day) -> Result<Vec<Owed>> {
    let people: Vec<PersonId> = all.iter().map(|o| o.person).collect();
    let mut of: HashMap<PersonId, Vec<Training>> = HashMap::new();
    for training in store::recorded(conn, &people).await? {
        of.entry(training.person).or_default().push(training);
    }
    for owed in &mut all {
        owed.trainings = listed(owed, of.get(&owed.person).map(Vec::as_slice).unwrap_or_default(), today);
        owed.hours = owed.trainings.iter().filter(|l| l.counts).map(|l| l.training.hours).sum();
    }
    Ok(all)
}

/// Which trainings count for what is owed. One that shares days with an earlier record, or is not over yet, counts nothing:
/// neither is recorded any more, but what was recorded before may hold both.
fn listed(owed: &Owed, all: &[Training], today: Day) -> Vec<Listed> {
    let mut taken: Vec<Period> = vec![];
    let one = |training: &Training| {
        let period = training.period;
        let stands = period.to <= today && !taken.iter().any(|t| t.overlaps(period));
        if stands {
            taken.push(period);
        }
        let is_for_it = training.kind == owed.kind && period.to >= owed.since && period.to <= owed.due;
        Listed { training: training.clone(), counts: stands && is_for_it }
    };
    all.iter().map(one).collect()
}

/// The last day for what is owed since a day.
pub(crate) fn due(since: Day) -> Day {
    since.checked_add(jiff::Span::new().months(MONTHS)).unwrap_or(since)
}
