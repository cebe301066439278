//! Values that JSON holds as strings: dates, decimals, codes. Each has exactly one way to be written.
use base::{
    Category, Day, Establishment, Fen, Gender, Hours, Level, Retirement, Status, Subject, hundredths,
};
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use super::LeaveKind;
use crate::Days;
use crate::policy::ExemptionKind;

/// A value with one spelling.
pub(super) trait FromText: Sized {
    /// What is expected, for the error.
    const WHAT: &'static str;

    /// Reads it.
    fn from_text(text: &str) -> Option<Self>;
}

/// A date as `YYYY-MM-DD` and in no other form.
pub fn parse_day(text: &str) -> Option<Day> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *bytes else { return None };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |n, b| b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0')))
    };
    let year = number(&[y1, y2, y3, y4]).filter(|y| *y > 0)?;
    let small = |digits: &[u8]| number(digits).and_then(|n| i8::try_from(n).ok());
    Day::new(year, small(&[m1, m2])?, small(&[d1, d2])?).ok()
}

impl FromText for Day {
    const WHAT: &'static str = "a date as YYYY-MM-DD";
    fn from_text(text: &str) -> Option<Self> {
        parse_day(text)
    }
}

fn unsigned(text: &str) -> Option<i64> {
    hundredths::parse(text).filter(|_| !text.starts_with('-'))
}

const DECIMAL: &str = "a decimal string of at most two places, not negative";

/// A bare decimal in hundredths.
pub(super) struct Decimal(pub(super) i64);

impl FromText for Decimal {
    const WHAT: &'static str = DECIMAL;
    fn from_text(text: &str) -> Option<Self> {
        unsigned(text).map(Self)
    }
}

impl FromText for Hours {
    const WHAT: &'static str = DECIMAL;
    fn from_text(text: &str) -> Option<Self> {
        unsigned(text).map(Self::from_hundredths)
    }
}

impl FromText for Days {
    const WHAT: &'static str = DECIMAL;
    fn from_text(text: &str) -> Option<Self> {
        unsigned(text).map(Self::from_hundredths)
    }
}

impl FromText for Fen {
    const WHAT: &'static str = DECIMAL;
    fn from_text(text: &str) -> Option<Self> {
        unsigned(text).map(Self::new)
    }
}

/// The one list of codes is the serde names in `base`; this reads them without a detour over JSON.
fn coded<'de, T: Deserialize<'de>>(text: &'de str) -> Option<T> {
    T::deserialize(StrDeserializer::<Error>::new(text)).ok()
}

macro_rules! from_code {
    ($($kind:ty: $what:literal),* $(,)?) => {$(
        impl FromText for $kind {
            const WHAT: &'static str = $what;
            fn from_text(text: &str) -> Option<Self> {
                coded(text)
            }
        }
    )*};
}

from_code! {
    Gender: "a gender",
    Category: "a category",
    Subject: "a subject",
    Status: "a status",
    Establishment: "an establishment",
    Retirement: "a kind of retirement",
    ExemptionKind: "a kind of exemption",
    LeaveKind: "a kind of leave",
}

impl FromText for Level {
    const WHAT: &'static str = "a level";
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_one_spelling() {
        assert_eq!(parse_day("2023-02-28"), Some(jiff::civil::date(2023, 2, 28)));
        for text in [
            "2023-02-29",
            "20230228",
            "2023-2-28",
            "2023-02-28T00:00",
            "0000-01-01",
            "+023-01-01",
            "２０23-01",
            "",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }
}
