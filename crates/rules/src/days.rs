//! Days of training (天): fixed-point hundredths; the smallest unit that counts is half a day (domain §1).
use std::fmt;

use base::{Hours, hundredths};

/// A number of days, kept in hundredths and written as a decimal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, example = "2.5")]
pub struct Days(i64);

impl Days {
    /// No days.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a day.
    pub const fn from_hundredths(value: i64) -> Self {
        Self(value)
    }

    /// In hundredths of a day.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// Reads `"2.5"`; at most two decimals, no sign.
    pub fn parse(text: &str) -> Option<Self> {
        hundredths::parse(text).filter(|_| !text.starts_with('-')).map(Self)
    }

    /// Whether it is a number of half days, and not none.
    pub fn is_half_days(self) -> bool {
        self.0 > 0 && self.0 % 50 == 0
    }

    /// The hours of so many days of `per_day` hours.
    pub fn hours(self, per_day: Hours) -> Hours {
        let hours = i128::from(self.0) * i128::from(per_day.hundredths()) / 100;
        Hours::from_hundredths(i64::try_from(hours).unwrap_or(i64::MAX))
    }

    /// The days that counted hours are, rounded down to half a day.
    pub fn of_hours(hours: Hours, per_day: Hours) -> Self {
        let per_day = i128::from(per_day.hundredths().max(1));
        let days = i128::from(hours.hundredths()) * 100 / per_day;
        Self(i64::try_from(days / 50 * 50).unwrap_or(i64::MAX))
    }

    /// The sum, saturating.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hundredths::short(self.0, f)
    }
}

impl serde::Serialize for Days {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_become_days_rounded_down_to_half_a_day() {
        for (hours, days) in
            [("24", "3"), ("26", "3"), ("6", "0.5"), ("3.99", "0"), ("4", "0.5"), ("20", "2.5")]
        {
            let hours = Hours::parse(hours).unwrap();
            assert_eq!(Days::of_hours(hours, Hours::whole(8)).to_string(), days);
        }
    }
}
