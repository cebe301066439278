//! Figures of units as of a checkpoint. Small places are assessed at once; for large ones a job makes them and they are
//! kept, for they never change.
use std::collections::BTreeMap;

use base::{Day, Establishment, PersonId, Result, Scope, Status, UnitId, Year};
use hours::{InForce, Moment, bulk};
use serde::{Deserialize, Serialize};
use site::Site;
use statistics::{Outcome, Row, State};

use crate::store;

/// The job that makes the figures of a large place.
pub(crate) const MAKE: &str = "past.make";
/// So many people are assessed while someone waits; more are left to the job.
const AT_ONCE: usize = 20_000;

/// Which figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The past day, `YYYY-MM-DD`.
    pub on: String,
    pub year: Year,
    /// The paths of the scope, in order.
    pub paths: Vec<String>,
}

impl Wanted {
    fn scope_key(&self) -> String {
        self.paths.join(" ")
    }

    fn scope(&self) -> Scope {
        Scope { paths: self.paths.clone() }
    }
}

/// Figures by unit, or the news that they are being made.
pub(crate) enum Figures {
    Made(Vec<Row>),
    InTheMaking,
}

/// One person's state as of the moment.
#[derive(Clone, Debug)]
pub(crate) struct One {
    pub id: PersonId,
    pub name: String,
    pub unit: UnitId,
    pub unit_name: String,
    pub department: Option<String>,
    pub outcome: Outcome,
    /// Days of training.
    pub days: rules::Days,
}

/// The figures of a scope by unit.
pub(crate) async fn of(site: &Site, wanted: &Wanted, then: &Moment) -> Result<Figures> {
    let key = (then.checkpoint, wanted.year, wanted.scope_key());
    if let Some(kept) = store::kept(&site.db, &key).await? {
        return Ok(Figures::Made(kept));
    }
    if let Some(by_unit) = counted(site, wanted, then, AT_ONCE).await? {
        return Ok(Figures::Made(store::named(&site.db, by_unit).await?));
    }
    let once = format!("{}:{}:{}", then.checkpoint, wanted.year, wanted.scope_key());
    site.enqueue_once(&site.db, MAKE, wanted, &once).await?;
    Ok(Figures::InTheMaking)
}

/// Makes and keeps the figures of a large place; a repetition finds them made.
pub(crate) async fn make(site: &Site, wanted: &Wanted) -> Result<()> {
    let on: Day = wanted.on.parse().map_err(base::Error::internal)?;
    let then = hours::moment::closing(site, on).await?;
    let key = (then.checkpoint, wanted.year, wanted.scope_key());
    if store::kept(&site.db, &key).await?.is_some() {
        return Ok(());
    }
    let Some(by_unit) = counted(site, wanted, &then, usize::MAX).await? else { return Ok(()) };
    store::keep(&site.db, &key, &by_unit).await
}

/// Counts by unit; none where more people are there than may be gone over.
async fn counted(
    site: &Site,
    wanted: &Wanted,
    then: &Moment,
    most: usize,
) -> Result<Option<BTreeMap<UnitId, Row>>> {
    let (mut after, mut seen) = (String::new(), 0);
    let mut by_unit: BTreeMap<UnitId, Row> = BTreeMap::new();
    loop {
        let page = people(site, (&wanted.scope(), wanted.year), (&after, bulk::PAGE), then).await?;
        let Some(last) = page.last else { return Ok(Some(by_unit)) };
        after = last;
        seen += page.seen;
        if seen > most {
            return Ok(None);
        }
        for one in page.people.iter().filter(|one| one.outcome.obliged) {
            by_unit.entry(one.unit).or_default().add(&row(one.outcome.state));
        }
    }
}

fn row(state: State) -> Row {
    let is = |s: State| i64::from(state == s);
    Row {
        people: 1,
        done: is(State::Done),
        under_way: is(State::UnderWay),
        not_begun: is(State::NotBegun),
        exempt: is(State::Exempt),
        ..Row::default()
    }
}

/// A page of people in the order of ids.
pub(crate) struct Found {
    pub people: Vec<One>,
    /// How many were gone over, and the last one's id.
    pub seen: usize,
    pub last: Option<String>,
}

/// The people of a scope as of the moment.
pub(crate) async fn people(
    site: &Site,
    (scope, year): (&Scope, Year),
    (after, limit): (&str, i64),
    then: &Moment,
) -> Result<Found> {
    let in_force = hours::in_force_at(&site.db, year, then).await?;
    let cases = bulk::cases_at(&site.db, scope, (year, after, limit), then).await?;
    let (seen, last) = (cases.len(), cases.last().map(|c| c.person.id.to_string()));
    let people = cases.into_iter().map(|case| one(case, &in_force)).collect::<Result<_>>()?;
    Ok(Found { people, seen, last })
}

fn one(case: bulk::Case, in_force: &InForce) -> Result<One> {
    let assessment = case.assess(&in_force.policy)?;
    let days = assessment.as_ref().map_or(rules::Days::ZERO, |a| a.earned.days);
    let outcome = assessment.as_ref().map_or_else(|| unknown(&case.person, in_force), Outcome::of);
    let org::Person { id, name, unit, unit_name, department, .. } = case.person;
    Ok(One { id, name, unit, unit_name, department, outcome, days })
}

/// Someone whom the rules do not know enough of: nothing is counted, and whether the year is asked say the known facts.
fn unknown(row: &org::Person, in_force: &InForce) -> Outcome {
    let policy = &in_force.policy;
    let obliged = row.status == Status::OnPost
        && row.establishment == Establishment::Established
        && row.joined_on.is_none_or(|joined| joined <= policy.latest_join);
    let none = base::Hours::ZERO;
    Outcome {
        state: State::NotBegun,
        obliged,
        total: none,
        public: none,
        professional: none,
        short: policy.required.total,
    }
}
