//! One credit as JSON holds it: the keys of all three kinds, of which each kind has its own.

use base::{Day, Fen, Hours, Period, Subject};
use serde::Deserialize;

use super::error::RecordError;
use super::strict::{Field, Strict, Text};
use super::text::Decimal;
use super::{Activity, Credit, Source};
use crate::Days;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireCredit<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
    #[serde(borrow, default)]
    provider: Field<Text<'a>>,
    #[serde(borrow, default)]
    course: Field<Text<'a>>,
    #[serde(default)]
    subject: Field<Strict<Subject>>,
    #[serde(default)]
    minutes: Field<u64>,
    #[serde(default)]
    completed_on: Field<Strict<Day>>,
    #[serde(default)]
    fee: Field<Strict<Fen>>,
    #[serde(default)]
    from: Field<Strict<Day>>,
    #[serde(default)]
    to: Field<Strict<Day>>,
    #[serde(default)]
    days: Field<Strict<Days>>,
    #[serde(borrow, default)]
    item: Field<Text<'a>>,
    #[serde(borrow, default)]
    title: Field<Text<'a>>,
    #[serde(default)]
    quantity: Field<Strict<Decimal>>,
    #[serde(default)]
    on: Field<Strict<Day>>,
    #[serde(default)]
    rank: Field<u64>,
    #[serde(borrow, default)]
    evidence: Field<Text<'a>>,
    #[serde(default)]
    approved_hours: Field<Strict<Hours>>,
}

impl<'a> WireCredit<'a> {
    pub(super) fn credit(self) -> Result<Credit<'a>, RecordError> {
        match &*self.kind.0 {
            "course" => self.course(),
            "unit_training" => self.unit_training(),
            "activity" => self.activity(),
            _ => Err(RecordError::Unreadable(format!("credit {}: not a kind of credit", self.id.0))),
        }
    }

    fn course(self) -> Result<Credit<'a>, RecordError> {
        self.forbid("course", self.of_training().into_iter().chain(self.of_activity()))?;
        let id = self.id.0;
        let source = Source::Course {
            provider: needed(&id, "provider", self.provider)?.0,
            course: needed(&id, "course", self.course)?.0,
            subject: needed(&id, "subject", self.subject)?.0,
            minutes: needed(&id, "minutes", self.minutes)?,
            completed_on: needed(&id, "completed_on", self.completed_on)?.0,
            fee: self.fee.optional().map_or(Fen::ZERO, |f| f.0),
        };
        Ok(Credit { id, source })
    }

    fn unit_training(self) -> Result<Credit<'a>, RecordError> {
        self.forbid("unit_training", self.of_course().into_iter().chain(self.of_activity()))?;
        let id = self.id.0;
        let (from, to) = (needed(&id, "from", self.from)?.0, needed(&id, "to", self.to)?.0);
        let period = Period::new(from, to);
        let source = Source::UnitTraining {
            period: period.ok_or_else(|| RecordError::Period { what: format!("credit {id}") })?,
            days: needed(&id, "days", self.days)?.0,
            subject: self.subject.optional().map_or(Subject::Professional, |s| s.0),
        };
        Ok(Credit { id, source })
    }

    fn activity(self) -> Result<Credit<'a>, RecordError> {
        let subject = [("subject", self.subject.is_absent())];
        self.forbid("activity", self.of_course().into_iter().chain(self.of_training()).chain(subject))?;
        let id = self.id.0;
        let source = Source::Activity(Activity {
            item: needed(&id, "item", self.item)?.0,
            title: self.title.optional().map(|t| t.0),
            quantity: self.quantity.optional().map_or(100, |q| q.0.0),
            on: needed(&id, "on", self.on)?.0,
            rank: self.rank.optional().unwrap_or(1),
            evidence: self.evidence.optional().map(|t| t.0),
            approved_hours: self.approved_hours.optional().map(|h| h.0),
        });
        Ok(Credit { id, source })
    }

    fn of_course(&self) -> [(&'static str, bool); 5] {
        [
            ("provider", self.provider.is_absent()),
            ("course", self.course.is_absent()),
            ("minutes", self.minutes.is_absent()),
            ("completed_on", self.completed_on.is_absent()),
            ("fee", self.fee.is_absent()),
        ]
    }

    fn of_training(&self) -> [(&'static str, bool); 3] {
        [("from", self.from.is_absent()), ("to", self.to.is_absent()), ("days", self.days.is_absent())]
    }

    fn of_activity(&self) -> [(&'static str, bool); 7] {
        [
            ("item", self.item.is_absent()),
            ("title", self.title.is_absent()),
            ("quantity", self.quantity.is_absent()),
            ("on", self.on.is_absent()),
            ("rank", self.rank.is_absent()),
            ("evidence", self.evidence.is_absent()),
            ("approved_hours", self.approved_hours.is_absent()),
        ]
    }

    /// Refuses keys that belong to another kind of credit.
    fn forbid(
        &self,
        kind: &'static str,
        mut foreign: impl Iterator<Item = (&'static str, bool)>,
    ) -> Result<(), RecordError> {
        match foreign.find(|(_, absent)| !absent) {
            Some((key, _)) => Err(RecordError::ForeignKey { credit: self.id.0.to_string(), kind, key }),
            None => Ok(()),
        }
    }
}

fn needed<T>(id: &str, key: &'static str, field: Field<T>) -> Result<T, RecordError> {
    field.optional().ok_or_else(|| RecordError::MissingKey { credit: id.to_string(), key })
}
