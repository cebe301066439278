//! In-person trainings (issue: supervision): when a code holds, when one may sign in and out, and what a stay is worth.
//! Instants are milliseconds since 1970.
use base::Hours;

use crate::Days;

/// A code changes this often.
pub const STEP_MS: i64 = 15_000;
/// Signing in opens this long before the beginning.
const OPENS_MS: i64 = 2 * 60_000;
/// Signing out stays open this long after the end.
const CLOSES_MS: i64 = 30 * 60_000;
/// A ticket holds its instant this long.
pub const TICKET_MS: i64 = 10 * 60_000;
/// Who scans again earlier than this means the same sign-in.
const SAME_MS: i64 = 10 * 60_000;
/// Half of a hundredth of an hour, in milliseconds: an hour in a hall is one of the clock.
const HALF_HUNDREDTH_MS: i64 = 18_000;
/// Half a day, in hundredths.
const HALF_DAY: i64 = 50;

/// The step in which an instant lies.
pub fn step(at: i64) -> i64 {
    at.div_euclid(STEP_MS)
}

/// Whether a code of a step still holds: the present one, and the one before for whoever scanned as it changed.
pub fn holds(code_step: i64, at: i64) -> bool {
    let now = step(at);
    code_step == now || code_step == now - 1
}

/// Whether one may sign in or out at an instant.
pub fn is_open(at: i64, (from, to): (i64, i64)) -> bool {
    at >= from - OPENS_MS && at <= to + CLOSES_MS
}

/// What a scan means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// The person comes.
    In,
    /// The person goes; a later one moves the time on.
    Out,
    /// The person has just come: nothing changes.
    Again,
}

/// What a scan at an instant means for someone who came at `in_at`, if at all.
pub fn scan(at: i64, in_at: Option<i64>) -> Scan {
    match in_at {
        None => Scan::In,
        Some(came) if at - came < SAME_MS => Scan::Again,
        Some(_) => Scan::Out,
    }
}

/// How long someone stayed within the training: never more than the time that passed, nothing without both ends.
pub fn stay(in_at: i64, out_at: Option<i64>, (from, to): (i64, i64)) -> i64 {
    out_at.map_or(0, |out| (out.min(to) - in_at.max(from)).max(0))
}

/// The days that a stay is worth: whole half days, each of half the hours that the policy counts a day for, at most what was
/// planned. So the hours never exceed the stay.
pub fn worth(stay_ms: i64, planned: Days, hours_per_day: Hours) -> Days {
    let halves = stay_ms.max(0) / half_day_ms(hours_per_day);
    Days::from_hundredths((halves * HALF_DAY).min(planned.hundredths()))
}

/// The time that so many half days take, in milliseconds: the shortest stay that is [`worth`] them.
pub fn time(days: Days, hours_per_day: Hours) -> i64 {
    (days.hundredths() / HALF_DAY).saturating_mul(half_day_ms(hours_per_day))
}

fn half_day_ms(hours_per_day: Hours) -> i64 {
    hours_per_day.hundredths().max(1).saturating_mul(HALF_HUNDREDTH_MS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_code_holds_for_its_step_and_the_next() {
        let at = 1_000 * STEP_MS;
        assert!(
            holds(step(at), at) && holds(step(at), at + STEP_MS) && holds(step(at), at + 2 * STEP_MS - 1)
        );
        assert!(
            !holds(step(at), at + 2 * STEP_MS) && !holds(step(at) + 1, at),
            "neither older nor of the future"
        );
    }

    #[test]
    fn doors_open_two_minutes_early_and_close_half_an_hour_late() {
        let span = (10 * HOUR, 18 * HOUR);
        for (at, open) in [
            (span.0 - OPENS_MS - 1, false),
            (span.0 - OPENS_MS, true),
            (span.1 + CLOSES_MS, true),
            (span.1 + CLOSES_MS + 1, false),
        ] {
            assert_eq!(is_open(at, span), open);
        }
    }

    #[test]
    fn the_second_scan_goes_unless_it_is_the_first_once_more() {
        assert_eq!(
            [scan(0, None), scan(SAME_MS - 1, Some(0)), scan(SAME_MS, Some(0))],
            [Scan::In, Scan::Again, Scan::Out]
        );
    }

    #[test]
    fn a_stay_is_worth_its_whole_half_days() {
        let day = Days::from_hundredths(100);
        let worth_of = |per_day, hours: i64| worth(hours * HOUR, day, Hours::whole(per_day)).hundredths();
        assert_eq!([3, 4, 7, 8, 12].map(|h| worth_of(8, h)), [0, 50, 50, 100, 100]);
        assert_eq!([2, 3, 5, 6, 12].map(|h| worth_of(6, h)), [0, 50, 50, 100, 100]);
        assert_eq!(stay(0, None, (0, HOUR)), 0, "who never signed out has no end");
    }

    proptest! {
        #[test]
        fn never_more_than_the_time_that_passed(came in 0_i64..24, long in 0_i64..24, from in 0_i64..24, span in 1_i64..24,
            per_day in 1_i64..24) {
            let (came, out) = (came * HOUR, (came + long) * HOUR);
            let of = (from * HOUR, (from + span) * HOUR);
            let stayed = stay(came, Some(out), of);
            prop_assert!(stayed <= out - came && stayed <= of.1 - of.0 && stayed >= 0);
            let per_day = Hours::whole(per_day);
            let hours = worth(stayed, Days::from_hundredths(300), per_day).hours(per_day).hundredths();
            prop_assert!(hours * HOUR / 100 <= stayed);
        }

        #[test]
        fn half_days_are_worth_the_time_that_they_take(halves in 0_i64..60, per_day in 1_i64..2_400) {
            let (days, per_day) = (Days::from_hundredths(halves * HALF_DAY), Hours::from_hundredths(per_day));
            let time = time(days, per_day);
            prop_assert_eq!(worth(time, days, per_day), days);
            prop_assert!(halves == 0 || worth(time - 1, days, per_day) < days);
            prop_assert!(days.hours(per_day).hundredths() * HOUR / 100 <= time);
        }
    }
}
