//! The record as JSON holds it. Unknown and doubled keys are refused by the derives, arrays by [`Object`].
use base::{Category, Day, Establishment, Gender, Level, Period, Retirement, Status, Year};
use serde::Deserialize;

use super::credit::WireCredit;
use super::error::RecordError;
use super::strict::{Object, Strict, Text};
use super::{Exemption, Leave, LeaveKind, Person, Record};
use crate::policy::ExemptionKind;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRecord<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    year: i64,
    #[serde(borrow)]
    person: Object<WirePerson<'a>>,
    #[serde(borrow)]
    credits: Vec<Object<WireCredit<'a>>>,
    leaves: Option<Vec<Object<WireLeave>>>,
    exemption: Option<Object<WireExemption>>,
    make_up: Option<Object<WireMakeUp>>,
    #[serde(borrow)]
    relief: Option<Object<WireRelief<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePerson<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    gender: Strict<Gender>,
    birth_date: Strict<Day>,
    category: Strict<Category>,
    level: Strict<Level>,
    retirement: Option<Strict<Retirement>>,
    retires_on: Option<Strict<Day>>,
    joined_on: Option<Strict<Day>>,
    status: Strict<Status>,
    establishment: Option<Strict<Establishment>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLeave {
    kind: Strict<LeaveKind>,
    from: Strict<Day>,
    to: Strict<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireExemption {
    kind: Strict<ExemptionKind>,
    approved: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMakeUp {
    until: Strict<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRelief<'a> {
    #[serde(borrow)]
    document: Text<'a>,
}

pub(super) fn record(line: &str) -> Result<Record<'_>, RecordError> {
    let Object(wire) = serde_json::from_str::<Object<WireRecord<'_>>>(line)
        .map_err(|e| RecordError::Unreadable(e.to_string()))?;
    let year =
        Year::new(wire.year).ok_or_else(|| RecordError::Unreadable("not a training year".to_owned()))?;
    let credits = wire.credits.into_iter().map(|Object(c)| c.credit()).collect::<Result<_, _>>()?;
    let leaves = wire.leaves.unwrap_or_default();
    Ok(Record {
        id: wire.id.0,
        year,
        person: person(wire.person.0),
        credits,
        leaves: leaves.into_iter().map(|Object(l)| leave(l)).collect::<Result<_, _>>()?,
        exemption: wire.exemption.map(|Object(e)| Exemption { kind: e.kind.0, approved: e.approved }),
        make_up: wire.make_up.map(|Object(m)| m.until.0),
        relief: wire.relief.map(|Object(r)| r.document.0),
    })
}

fn person(wire: WirePerson<'_>) -> Person<'_> {
    Person {
        name: wire.name.map(|t| t.0),
        gender: wire.gender.0,
        birth_date: wire.birth_date.0,
        category: wire.category.0,
        level: wire.level.0,
        retirement: wire.retirement.map_or_else(Retirement::default, |r| r.0),
        retires_on: wire.retires_on.map(|d| d.0),
        joined_on: wire.joined_on.map(|d| d.0),
        status: wire.status.0,
        establishment: wire.establishment.map_or_else(Establishment::default, |e| e.0),
    }
}

fn leave(wire: WireLeave) -> Result<Leave, RecordError> {
    let period = Period::new(wire.from.0, wire.to.0);
    let period = period.ok_or_else(|| RecordError::Period { what: "a leave".to_owned() })?;
    Ok(Leave { kind: wire.kind.0, period })
}
