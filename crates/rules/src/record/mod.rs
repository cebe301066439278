//! A training record as `assess` reads it (contract, "Training record for assess"): one person, one year.
//! [`read`] is strict; the product builds the same [`Record`] from its tables.
mod check;
mod credit;
mod error;
mod strict;
mod text;
mod wire;
mod write;

use std::borrow::Cow;

use base::{
    Category, Day, Establishment, Fen, Gender, Hours, Level, Period, Retirement, Status, Subject, Year,
};
use serde::Serialize;
use utoipa::ToSchema;

pub use check::check;
pub use error::RecordError;
pub use text::parse_day;

use crate::policy::{ExemptionKind, Policy};

/// One person's year, as far as the rules need it. Texts may be borrowed from the line they were read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Record<'a> {
    /// The record's id, given back in the assessment.
    pub id: Cow<'a, str>,
    /// The training year.
    pub year: Year,
    /// Whose year it is.
    pub person: Person<'a>,
    /// Everything that may count, in any order.
    pub credits: Vec<Credit<'a>>,
    /// Sick and maternity leave.
    pub leaves: Vec<Leave>,
    /// An exemption that was asked for.
    pub exemption: Option<Exemption>,
    /// The last day of an approved make-up.
    #[serde(serialize_with = "write::make_up")]
    #[schema(value_type = Option<write::MakeUp>)]
    pub make_up: Option<Day>,
    /// The document by which the authority relieved the person of the year (leaders trained under 干部教育 rules).
    #[serde(serialize_with = "write::relief", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<write::Relief>)]
    pub relief: Option<Cow<'a, str>>,
}

/// What the rules need to know of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person<'a> {
    /// The name; no rule looks at it.
    pub name: Option<Cow<'a, str>>,
    /// 性别
    pub gender: Gender,
    /// 出生日期
    #[schema(value_type = String, format = Date)]
    pub birth_date: Day,
    /// 岗位类别
    pub category: Category,
    /// 岗位等级
    pub level: Level,
    /// Which statutory age a woman has.
    pub retirement: Retirement,
    /// The day of retirement that HR set, in place of the computed one (domain §4).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub retires_on: Option<Day>,
    /// The first entry into public-institution service, if known.
    #[schema(value_type = Option<String>, format = Date)]
    pub joined_on: Option<Day>,
    /// 在岗状态
    pub status: Status,
    /// 编制
    pub establishment: Establishment,
}

/// Something that may count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Credit<'a> {
    /// The credit's id, unique in the record.
    pub id: Cow<'a, str>,
    /// What it is for.
    #[serde(flatten)]
    pub source: Source<'a>,
}

/// What a credit is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source<'a> {
    /// An online course that was completed.
    Course {
        /// The provider.
        provider: Cow<'a, str>,
        /// The canonical course.
        course: Cow<'a, str>,
        /// The subject.
        subject: Subject,
        /// Its length.
        minutes: u64,
        /// The day of completion.
        #[schema(value_type = String, format = Date)]
        completed_on: Day,
        /// What was paid.
        fee: Fen,
    },
    /// Training that the unit organised.
    UnitTraining {
        /// From when to when.
        #[serde(flatten)]
        period: Period,
        /// Days attended, in halves.
        days: crate::Days,
        /// The subject.
        subject: Subject,
    },
    /// A recognised activity or achievement.
    Activity(Activity<'a>),
}

/// A recognised activity or achievement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Activity<'a> {
    /// The item of the standard.
    pub item: Cow<'a, str>,
    /// Its title.
    pub title: Option<Cow<'a, str>>,
    /// How many of what the item counts, in hundredths.
    #[serde(serialize_with = "write::hundredths")]
    #[schema(value_type = String)]
    pub quantity: i64,
    /// Its day.
    #[schema(value_type = String, format = Date)]
    pub on: Day,
    /// The author rank, from 1.
    pub rank: u64,
    /// The hash of its evidence.
    pub evidence: Option<Cow<'a, str>>,
    /// What a reviewer approved; it can only lower the hours.
    pub approved_hours: Option<Hours>,
}

/// A leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Leave {
    /// Which one.
    pub kind: LeaveKind,
    /// From when to when, both included.
    #[serde(flatten)]
    pub period: Period,
}

/// The leaves that may exempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaveKind {
    /// 病假
    Sick,
    /// 产假
    Maternity,
}

impl base::person::Code for LeaveKind {}

/// An exemption that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exemption {
    /// On what ground.
    pub kind: ExemptionKind,
    /// Whether it was approved.
    pub approved: bool,
}

impl Credit<'_> {
    /// The day that decides the order of counting: completion, last day, or day of the activity (domain §3).
    pub fn day(&self) -> Day {
        match &self.source {
            Source::Course { completed_on, .. } => *completed_on,
            Source::UnitTraining { period, .. } => period.to,
            Source::Activity(activity) => activity.on,
        }
    }
}

/// Reads one record; refused as a whole if anything is wrong (domain §5, last point).
pub fn read<'a>(line: &'a str, policy: &Policy) -> Result<Record<'a>, RecordError> {
    let record = wire::record(line)?;
    check(policy, &record)?;
    Ok(record)
}
