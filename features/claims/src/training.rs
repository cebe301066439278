//! A unit training (单位组织的集中培训): when, how many days, which subject, for whom.
use base::{Day, Error, FieldProblem, Period, PersonId, Result, Subject, Year, person::Code};
use rules::{Days, learning::Interval};
use serde::{Deserialize, Serialize};

/// Whom a training is booked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Everyone on post in the booker's unit and below.
    Unit,
    /// These people.
    People(Vec<PersonId>),
    /// These people, who signed in and out.
    Stays(Vec<(PersonId, Interval)>),
}

/// Where someone's row of a training stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// The hours stand in the ledger.
    Credited,
    /// The booker's own: waits for another administrator (domain §6).
    Waiting,
    /// Other learning holds the time: nothing was left to credit.
    Overlap,
    /// Taken back.
    Reversed,
}

impl Code for RowState {}

impl RowState {
    /// Whether a booking may still credit it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Overlap)
    }
}

/// A training to be booked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its title.
    pub title: String,
    /// When.
    pub period: Period,
    /// Days attended, in halves.
    pub days: Days,
    /// The subject it counts in.
    pub subject: Subject,
    /// For whom.
    pub whom: Whom,
}

/// A plan as typed.
#[derive(Clone, Debug, Default)]
pub struct Typed<'a> {
    /// Its title.
    pub title: &'a str,
    /// The first day.
    pub from: &'a str,
    /// The last day.
    pub to: &'a str,
    /// Days attended.
    pub days: &'a str,
    /// The code of the subject.
    pub subject: &'a str,
}

impl Plan {
    /// Reads a plan; every wrong field is named.
    pub fn read(typed: &Typed<'_>, whom: Whom) -> Result<Self> {
        let mut problems = vec![];
        let mut wrong = |field: &str, code| problems.push(FieldProblem { field: field.to_owned(), code });
        let title = typed.title.trim();
        if title.is_empty() || title.chars().count() > 100 {
            wrong("title", "training_title");
        }
        let mut day = |field: &str, text: &str| {
            let day = rules::record::parse_day(text.trim());
            if day.is_none() {
                wrong(field, "training_day");
            }
            day
        };
        let (from, to) = (day("from", typed.from), day("to", typed.to));
        let period = from.zip(to).and_then(|(from, to)| Period::new(from, to));
        if from.is_some() && to.is_some() && period.is_none() {
            wrong("to", "training_order");
        }
        if period.is_some_and(|p| p.from.year() != p.to.year()) {
            wrong("to", "training_one_year");
        }
        let days = Days::parse(typed.days.trim()).filter(|d| d.is_half_days() && *d > Days::ZERO);
        let fits = |d: &Days| period.is_none_or(|p| d.hundredths() <= p.days() * 100);
        if days.as_ref().is_none_or(|d| !fits(d)) {
            wrong("days", "training_days");
        }
        let subject = Subject::from_code(typed.subject);
        if subject.is_none() {
            wrong("subject", "wrong_value");
        }
        match (period, days, subject) {
            (Some(period), Some(days), Some(subject)) if problems.is_empty() => {
                Ok(Self { title: title.to_owned(), period, days, subject, whom })
            }
            _ => Err(Error::invalid_fields(problems)),
        }
    }

    /// Refuses a training whose last day is still to come: no hour is credited for time that has not passed.
    pub fn check_ended(&self, today: Day) -> Result<()> {
        if self.period.to > today { Err(Error::invalid("to", "training_future")) } else { Ok(()) }
    }

    /// The year it counts in: a training lies wholly in one year (domain §3).
    pub fn year(&self) -> Result<Year> {
        Year::new(i64::from(Day::year(self.period.to))).ok_or_else(|| Error::invalid("to", "training_day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed<'static> {
        Typed { title: "t", from: "2023-08-30", to: "2023-09-01", days: "3", subject: "professional" }
    }

    #[test]
    fn hours_are_booked_from_the_last_day_on() {
        let plan = Plan::read(&typed(), Whom::Unit).unwrap();
        let day = |text| rules::record::parse_day(text).unwrap();
        assert!(plan.check_ended(day("2023-08-31")).is_err());
        assert!(plan.check_ended(day("2023-09-01")).is_ok());
    }

    #[test]
    fn every_wrong_field_is_named() {
        let cases = [
            (Typed { title: " ", ..typed() }, "title"),
            (Typed { from: "2023-02-30", ..typed() }, "from"),
            (Typed { to: "2023-08-01", ..typed() }, "to"),
            (Typed { to: "2024-01-01", days: "3", ..typed() }, "to"),
            (Typed { days: "3.5", ..typed() }, "days"),
            (Typed { days: "0.3", ..typed() }, "days"),
            (Typed { days: "0", ..typed() }, "days"),
            (Typed { subject: "other", ..typed() }, "subject"),
        ];
        for (typed, field) in cases {
            let Err(Error::Refused(problems)) = Plan::read(&typed, Whom::Unit) else {
                panic!("{field} was accepted")
            };
            assert_eq!(problems.fields[0].field, field);
        }
    }
}
