//! From where the facts of people are seen: today, a past instant, or a past day as it was known by an instant (domain §1:
//! status and unit of a past year are those of its 12-31; without history the first known ones apply back).
use base::{Day, Instant, day};

/// From where facts are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Viewpoint {
    /// As rows stood just before this instant; as they stand now without one.
    at: Option<Instant>,
    past: Option<Past>,
}

/// A day as it was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    /// The day whose facts count.
    pub on: Day,
    /// What was recorded later is not known; who was first recorded later counts by the first record.
    pub known_by: Instant,
}

/// A fact of people that is kept with the day from which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacedFact {
    /// 在岗状态
    Status,
    /// 编制
    Establishment,
    /// 岗位类别
    Category,
    /// 岗位等级
    Level,
}

impl PlacedFact {
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Establishment => "establishment",
            Self::Category => "category",
            Self::Level => "level",
        }
    }
}

impl Viewpoint {
    /// Everything as it is now.
    pub const TODAY: Self = Self { at: None, past: None };

    /// Everything as its rows stood just before an instant.
    pub const fn at(at: Instant) -> Self {
        Self { at: Some(at), past: None }
    }

    /// Unit, department and status as of a day, and what was known of it before an instant; who was first recorded later
    /// counts by the first record.
    #[must_use]
    pub fn of_day(self, on: Day, known_by: Instant) -> Self {
        let known_by = self.at.map_or(known_by, |at| known_by.min(at));
        Self { past: Some(Past { on, known_by }), ..self }
    }

    /// The past day that is looked at, if one is.
    pub(crate) fn past(&self) -> Option<&Past> {
        self.past.as_ref()
    }

    /// The instant up to which rows are seen, in milliseconds, if not as they are now.
    pub(crate) fn instant(&self) -> Option<i64> {
        self.at.map(day::millis)
    }
}
