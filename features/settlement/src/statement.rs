//! A statement, its lines and their arithmetic; and the rule that suspends one. Pure.
use base::{Error, Fen, Hours, Instant, Result, Subject, day, person::Code};
use serde::{Deserialize, Serialize};

/// What an hour is worth, and when a statement is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub public_rate: Fen,
    pub professional_rate: Fen,
    /// More of the month's hours than these per cent taken back or struck suspend it.
    pub suspend_percent: i64,
}

impl Terms {
    /// The rate of a subject.
    pub(crate) fn rate(self, subject: Subject) -> Fen {
        match subject {
            Subject::Public => self.public_rate,
            Subject::Professional => self.professional_rate,
        }
    }
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Both sides look at it.
    Open,
    /// Too much was taken back: nothing is paid until it is released with a reason.
    Suspended,
    /// No line is in dispute; it waits for the payment.
    Confirmed,
    /// Paid.
    Paid,
}

impl Code for State {}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineState {
    /// As the ledger says.
    Plain,
    /// Someone doubts it.
    Disputed,
    /// It was doubted and holds.
    Kept,
    /// It is not paid.
    Struck,
}

impl Code for LineState {}

/// What an entry of the ledger comes to.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub entry: String,
    /// `credit` or `reversal`.
    pub kind: String,
    pub at: Instant,
    pub person: String,
    pub title: String,
    pub subject: Subject,
    /// Negative for a reversal.
    pub hours: i64,
    pub rate: Fen,
    pub amount: Fen,
}

/// Hundredths of hours times fen an hour, rounded half up away from zero's other side so that a reversal is the credit's
/// exact opposite.
pub(crate) fn amount(hours: i64, rate: Fen) -> Fen {
    let whole = i128::from(hours.abs()) * i128::from(rate.fen());
    let fen = i64::try_from((whole + 50) / 100).unwrap_or(i64::MAX);
    Fen::new(if hours < 0 { -fen } else { fen })
}

/// What a statement's lines add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub lines: i64,
    pub disputed: i64,
    /// Hundredths of hours that were credited.
    pub credited: i64,
    /// Hundredths that were taken back, as a positive number.
    pub reversed: i64,
    /// Hundredths of credits that were struck.
    pub struck: i64,
    /// What is to be paid: all lines but those that were struck.
    pub amount: Fen,
}

impl Sums {
    /// Hours that are paid.
    pub(crate) fn hours(&self) -> Hours {
        Hours::from_hundredths(self.credited - self.reversed - self.struck)
    }

    /// Whether more was taken back or struck than the terms bear.
    pub(crate) fn suspends(&self, terms: Terms) -> bool {
        (self.reversed + self.struck) * 100 > self.credited * terms.suspend_percent
    }
}

/// The milliseconds of a month `YYYY-MM`: from its first instant to the next month's. Only a month that is over.
pub(crate) fn span(month: &str, now: Instant) -> Result<(i64, i64)> {
    let wrong = || Error::invalid("month", "settlement_month");
    let first = rules::record::parse_day(&format!("{month}-01")).ok_or_else(wrong)?;
    let next = first.last_of_month().tomorrow().map_err(|_| wrong())?;
    let (from, to) = (day::millis(day::start_of(first)), day::millis(day::start_of(next)));
    if to > day::millis(now) { Err(wrong()) } else { Ok((from, to)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversal_is_the_exact_opposite_of_its_credit() {
        for (hours, rate, fen) in [(3600, 400, 14_400), (50, 333, 167), (10, 300, 30), (1, 49, 0), (1, 50, 1)]
        {
            assert_eq!(amount(hours, Fen::new(rate)).fen(), fen);
            assert_eq!(amount(-hours, Fen::new(rate)).fen(), -fen);
        }
    }

    #[test]
    fn too_much_taken_back_suspends() {
        let terms = Terms { public_rate: Fen::ZERO, professional_rate: Fen::ZERO, suspend_percent: 5 };
        let sums = |reversed, struck| Sums { credited: 10_000, reversed, struck, ..Sums::default() };
        assert!(
            !sums(500, 0).suspends(terms) && sums(501, 0).suspends(terms) && sums(250, 251).suspends(terms)
        );
        assert!(!Sums::default().suspends(terms), "an empty month");
    }

    #[test]
    fn only_a_month_that_is_over_is_settled() {
        let now = "2026-11-23T10:00:00+08:00".parse().unwrap();
        assert!(
            span("2026-10", now).is_ok() && span("2026-11", now).is_err() && span("2026-13", now).is_err()
        );
        assert!(span("x", now).is_err());
    }
}
