//! A record as JSON in the contract's form, so that whoever reads it back gets the same numbers.
use base::{Fen, Hours};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::{Credit, Exemption, Leave, Person, Record, Source};

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct MakeUp {
            until: base::Day,
        }
        #[derive(serde::Serialize)]
        struct Relief<'a> {
            document: &'a str,
        }
        let mut out = s.serialize_struct("Record", 7 + usize::from(self.relief.is_some()))?;
        out.serialize_field("id", &self.id)?;
        out.serialize_field("year", &self.year)?;
        out.serialize_field("person", &self.person)?;
        out.serialize_field("credits", &self.credits)?;
        out.serialize_field("leaves", &self.leaves)?;
        out.serialize_field("exemption", &self.exemption)?;
        out.serialize_field("make_up", &self.make_up.map(|until| MakeUp { until }))?;
        if let Some(document) = &self.relief {
            out.serialize_field("relief", &Relief { document })?;
        }
        out.end()
    }
}

impl Serialize for Person<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Person", 9 + usize::from(self.retires_on.is_some()))?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("gender", &self.gender)?;
        out.serialize_field("birth_date", &self.birth_date)?;
        out.serialize_field("category", &self.category)?;
        out.serialize_field("level", &self.level)?;
        out.serialize_field("retirement", &self.retirement)?;
        if let Some(day) = &self.retires_on {
            out.serialize_field("retires_on", day)?;
        }
        out.serialize_field("joined_on", &self.joined_on)?;
        out.serialize_field("status", &self.status)?;
        out.serialize_field("establishment", &self.establishment)?;
        out.end()
    }
}

impl Serialize for Credit<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_map(None)?;
        out.serialize_entry("id", &self.id)?;
        match &self.source {
            Source::Course { provider, course, subject, minutes, completed_on, fee } => {
                out.serialize_entry("kind", "course")?;
                out.serialize_entry("provider", provider)?;
                out.serialize_entry("course", course)?;
                out.serialize_entry("subject", subject)?;
                out.serialize_entry("minutes", minutes)?;
                out.serialize_entry("completed_on", completed_on)?;
                out.serialize_entry::<_, Fen>("fee", fee)?;
            }
            Source::UnitTraining { period, days, subject } => {
                out.serialize_entry("kind", "unit_training")?;
                out.serialize_entry("from", &period.from)?;
                out.serialize_entry("to", &period.to)?;
                out.serialize_entry("days", days)?;
                out.serialize_entry("subject", subject)?;
            }
            Source::Activity(a) => {
                out.serialize_entry("kind", "activity")?;
                out.serialize_entry("item", &a.item)?;
                out.serialize_entry("title", &a.title)?;
                out.serialize_entry("quantity", &Hours::from_hundredths(a.quantity))?;
                out.serialize_entry("on", &a.on)?;
                out.serialize_entry("rank", &a.rank)?;
                out.serialize_entry("evidence", &a.evidence)?;
                out.serialize_entry("approved_hours", &a.approved_hours)?;
            }
        }
        out.end()
    }
}

impl Serialize for Leave {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Leave", 3)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("from", &self.period.from)?;
        out.serialize_field("to", &self.period.to)?;
        out.end()
    }
}

impl Serialize for Exemption {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Exemption", 2)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("approved", &self.approved)?;
        out.end()
    }
}
