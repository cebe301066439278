//! 学时: fixed-point hundredths, never a float.
use std::fmt;

use crate::hundredths;

/// A number of hours (学时), kept in hundredths and written as a decimal. 1 hour is 40 minutes of an online course
/// (notice 四) or an eighth of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = String, example = "21.6")]
pub struct Hours(i64);

impl Hours {
    /// No hours.
    pub const ZERO: Self = Self(0);

    /// From hundredths of an hour.
    pub const fn from_hundredths(value: i64) -> Self {
        Self(value)
    }

    /// From whole hours.
    pub const fn whole(hours: i64) -> Self {
        Self(hours * 100)
    }

    /// In hundredths of an hour.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// Reads `"21.6"`; at most two decimals, never negative.
    pub fn parse(text: &str) -> Option<Self> {
        hundredths::parse(text).filter(|v| *v >= 0).map(Self)
    }

    /// Online hours of a course: minutes ÷ `minutes_per_hour`, rounded down to `step` (domain §2).
    pub fn of_course(minutes: u64, minutes_per_hour: u64, step: Self) -> Self {
        let raw = i128::from(minutes) * 100 / i128::from(minutes_per_hour.max(1));
        let step = i128::from(step.0.max(1));
        Self(i64::try_from(raw / step * step).unwrap_or(i64::MAX))
    }

    /// The part above zero of `self - other`.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// The sum, saturating.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// How much of `whole` this is, in percent from 0 to 100, rounded down.
    pub fn percent_of(self, whole: Self) -> u8 {
        if whole.0 <= 0 {
            return 100;
        }
        u8::try_from((i128::from(self.0) * 100 / i128::from(whole.0)).clamp(0, 100)).unwrap_or(100)
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hundredths::short(self.0, f)
    }
}

impl std::iter::Sum for Hours {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::plus)
    }
}

impl serde::Serialize for Hours {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hours {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a decimal of at most two places"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_minutes_are_an_hour_and_the_rest_is_rounded_down() {
        let step = Hours::from_hundredths(10);
        for (minutes, hours) in [(1200, "30"), (1199, "29.9"), (40, "1"), (3, "0"), (4, "0.1"), (0, "0")] {
            assert_eq!(Hours::of_course(minutes, 40, step).to_string(), hours);
        }
    }
}
