//! Why hours of a credit do not count; the codes are the contract's.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::policy::Clause;

/// Why hours of a credit do not count. Every hour that is not counted has one, save what a reviewer cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not earned within the year.
    OutsideYear,
    /// A course too short for the smallest step.
    BelowMinimum,
    /// The same canonical course counted already.
    DuplicateCourse,
    /// It shares a day with a training, or time with a course, that counted already.
    Overlap,
    /// The standard has no such item.
    ItemUnknown,
    /// The same achievement counted already.
    DuplicateAchievement,
    /// The item's cap for the year is reached.
    ItemCap,
    /// Activities replace no more professional hours.
    OffsetCap,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::OutsideYear,
        Self::BelowMinimum,
        Self::DuplicateCourse,
        Self::Overlap,
        Self::ItemUnknown,
        Self::DuplicateAchievement,
        Self::ItemCap,
        Self::OffsetCap,
    ];

    /// The contract's code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OutsideYear => "outside_year",
            Self::BelowMinimum => "below_minimum",
            Self::DuplicateCourse => "duplicate_course",
            Self::Overlap => "overlap",
            Self::ItemUnknown => "item_unknown",
            Self::DuplicateAchievement => "duplicate_achievement",
            Self::ItemCap => "item_cap",
            Self::OffsetCap => "offset_cap",
        }
    }

    /// The rule that it rests on.
    pub fn clause(self) -> Clause {
        match self {
            Self::OutsideYear => Clause::Window,
            Self::BelowMinimum => Clause::Course,
            Self::DuplicateCourse | Self::Overlap => Clause::Duplicate,
            Self::ItemUnknown | Self::DuplicateAchievement | Self::ItemCap => Clause::Activity,
            Self::OffsetCap => Clause::Offset,
        }
    }
}

impl base::person::Code for Reason {}
