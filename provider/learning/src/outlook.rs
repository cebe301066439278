//! "Will it count?", answered before the first second from what this platform knows: the year it would count for, whether it
//! can be finished in it, and whether it was completed here already.
use base::{Instant, Year, day};

/// The outlook of a course for one learner.
pub(crate) struct Outlook {
    /// The year it would count for if it were finished in time.
    pub year: i16,
    /// Whole days left after today, as the management platform counts them.
    pub days_left: i64,
    /// From 12-29 on: what is finished after midnight of 12-31 counts for the new year.
    pub is_year_end: bool,
    /// Whether what is missing can still be learned this year, without a break.
    pub is_feasible: bool,
    /// Whether it was completed here for this year.
    pub is_done: bool,
}

/// What is to be expected now, with so many seconds of the course still to learn.
pub(crate) fn of(now: Instant, seconds_left: i64, is_done: bool) -> Outlook {
    let (year, today) = (Year::at(now), day::day_of(now));
    let days_left = i64::from((year.last_day() - today).get_days());
    let finished = day::from_millis(day::millis(now).saturating_add(seconds_left.max(0) * 1000));
    let is_feasible = Year::at(finished) == year;
    Outlook { year: year.number(), days_left, is_year_end: days_left <= 2, is_feasible, is_done }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_the_29th_on_the_new_year_is_spoken_of() {
        for (now, seconds, days, is_end, is_feasible) in [
            ("2026-11-24T10:00:00+08:00", 3_600, 37, false, true),
            ("2026-12-28T23:59:00+08:00", 3_600, 3, false, true),
            ("2026-12-29T00:00:00+08:00", 3_600, 2, true, true),
            ("2026-12-31T23:30:00+08:00", 3_600, 0, true, false),
            ("2026-12-31T23:30:00+08:00", 600, 0, true, true),
        ] {
            let outlook = of(now.parse().unwrap(), seconds, false);
            assert_eq!((outlook.year, outlook.days_left), (2026, days), "{now}");
            assert_eq!((outlook.is_year_end, outlook.is_feasible), (is_end, is_feasible), "{now}");
        }
    }
}
