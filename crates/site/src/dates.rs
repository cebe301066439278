//! Dates as pages write them: absolute, with the weekday.
use base::{Day, Instant, day};

use crate::Texts;

/// `2026年12月31日（周四）`.
pub fn long(texts: &Texts, date: Day) -> String {
    let (y, m, d) = (date.year().to_string(), date.month().to_string(), date.day().to_string());
    let weekday = texts.get(weekday_key(date));
    texts.with("date-long", &[("y", &y), ("m", &m), ("d", &d), ("weekday", &weekday)])
}

/// `2026-11-23 14:05` in Shanghai.
pub fn minute(at: Instant) -> String {
    day::rfc3339(at).chars().take(16).collect::<String>().replace('T', " ")
}

/// Whole days from one day to another.
pub fn days_between(from: Day, to: Day) -> i64 {
    i64::from((to - from).get_days())
}

fn weekday_key(date: Day) -> &'static str {
    const KEYS: [&str; 7] =
        ["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"];
    let place = usize::try_from(date.weekday().to_monday_one_offset() - 1).unwrap_or(0);
    KEYS.get(place).copied().unwrap_or("weekday-1")
}
