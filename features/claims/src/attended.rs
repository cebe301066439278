//! What a unit training is worth to each of its people: its days, as far as the wall-clock law leaves them time. Who signed in
//! and out was there in that stay, everyone else somewhere within its days.
use base::{Day, Error, Hours, Period, PersonId, Result, day};
use db::{Conn, Tx};
use hours::{Booked, NewCredit, Occupying, When, noted};
use rules::{Days, attendance, learning::Interval};
use serde_json::{Value, json};
use site::Site;

use crate::{
    store::trainings::NewRow,
    training::{Plan, RowState},
};

const SOURCE: &str = "unit_training";

/// Someone of a training, and their stay if they signed in and out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attendee {
    pub person: PersonId,
    pub stay: Option<Interval>,
}

/// A training that is booked, with how long a day of it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Training<'a> {
    pub id: &'a str,
    pub plan: &'a Plan,
    pub hours_per_day: Hours,
    /// The last day on which it may be booked.
    pub closes_on: Day,
}

impl<'a> Training<'a> {
    /// The training under the policy in force (domain §1: how long a day counts is the policy's).
    pub(crate) async fn of(conn: &impl Conn, id: &'a str, plan: &'a Plan) -> Result<Self> {
        let policy = hours::in_force(conn, plan.year()?).await?.policy;
        let (hours_per_day, closes_on) = (policy.measure.hours_per_day, policy.closes_on);
        Ok(Self { id, plan, hours_per_day, closes_on })
    }

    /// The hours of so many of its days.
    pub(crate) fn hours(&self, days: Days) -> Hours {
        days.hours(self.hours_per_day)
    }

    /// The days that someone's attendance is worth where nothing else was learned at the time.
    pub(crate) fn full(&self, stay: Option<Interval>) -> Days {
        let planned = self.plan.days;
        stay.map_or(planned, |s| attendance::worth(s.length(), planned, self.hours_per_day))
    }

    /// Credits people, each of whom holds the time from now on; answers their rows.
    pub(crate) async fn credit(
        &self,
        site: &Site,
        tx: &Tx,
        (people, by): (&[Attendee], PersonId),
    ) -> Result<Vec<NewRow>> {
        // Said again when all were booked in time, it is answered after that, too.
        if !people.is_empty() && day::day_of(site.now()) > self.closes_on {
            return Err(Error::conflict("year_closed"));
        }
        let mut rows = self.attend(tx, people).await?;
        let mut credited: Vec<&mut NewRow> = rows.iter_mut().filter(|r| r.days > Days::ZERO).collect();
        let credits = credited.iter().map(|r| self.new_credit(site, r, by)).collect::<Result<_>>()?;
        let booked = hours::credit_many(site, tx, credits).await?;
        for (row, Booked::New(entry) | Booked::Before(entry)) in credited.iter_mut().zip(booked) {
            row.state = RowState::Credited;
            row.entry = Some(entry);
        }
        Ok(rows)
    }

    /// Lets each attendance hold its time; answers the days of each.
    async fn attend(&self, tx: &Tx, people: &[Attendee]) -> Result<Vec<NewRow>> {
        let keys: Vec<String> = people.iter().map(|p| self.key(p.person)).collect();
        let whens: Vec<When> = people.iter().map(|p| when(self.plan.period, p.stay)).collect();
        let at = |n: usize, p: &Attendee| {
            let (key, when) = (keys.get(n)?, whens.get(n)?);
            Some(Occupying { person: p.person, source: SOURCE, key, when })
        };
        let all: Vec<Occupying<'_>> = people.iter().enumerate().filter_map(|(n, p)| at(n, p)).collect();
        let worth = |room| attendance::worth(room, self.plan.days, self.hours_per_day);
        let need = |room| attendance::time(worth(room), self.hours_per_day);
        let rooms = hours::occupy_all(tx, &all, need).await?;
        let row = |(p, room): (&Attendee, i64)| NewRow {
            person: p.person,
            state: RowState::Overlap,
            entry: None,
            days: worth(room),
            stay: p.stay,
        };
        Ok(people.iter().zip(rooms).map(row).collect())
    }

    /// The key of someone's credit, and of the time that it holds.
    fn key(&self, person: PersonId) -> String {
        format!("{SOURCE}:{}:{person}", self.id)
    }

    fn new_credit(&self, site: &Site, row: &NewRow, by: PersonId) -> Result<NewCredit> {
        let plan = self.plan;
        let facts = json!({
            "kind": SOURCE, "from": plan.period.from.to_string(), "to": plan.period.to.to_string(),
            "days": row.days, "subject": plan.subject,
        });
        let Value::Object(mut facts) = facts else { return Err(Error::internal("facts are no object")) };
        let mut title = plan.title.clone();
        if row.days < plan.days {
            let is_overlap = row.days < self.full(row.stay);
            if is_overlap {
                noted::reduced(&mut facts, "overlap");
            }
            let key = if is_overlap { "training-overlap" } else { "training-part" };
            title = site.texts.with(key, &[("title", &title), ("days", &row.days.to_string())]);
        }
        Ok(NewCredit {
            person: row.person,
            year: plan.year()?,
            source: SOURCE.to_owned(),
            source_key: self.key(row.person),
            title,
            subject: plan.subject,
            hours: self.hours(row.days),
            facts,
            evidence: Some(format!("training:{}", self.id)),
            decided_by: Some(by),
        })
    }
}

/// A stay is known to the millisecond; who was on a list was there somewhere between the first day's midnight and the last's.
fn when(period: Period, stay: Option<Interval>) -> When {
    let start = |on: Day| day::millis(day::start_of(on));
    match stay {
        Some(stay) => When::Stretches([stay].into_iter().collect()),
        None => When::Within(Interval {
            from: start(period.from),
            to: start(period.to.tomorrow().unwrap_or(period.to)),
        }),
    }
}
