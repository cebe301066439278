//! Reminders and supervision (督促): what a message costs, when it may go out, whom the automatic steps reach, and who will
//! probably miss the end of the year.
use base::{Day, Hours, Instant, day, person::Code};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A message of one part holds so many characters.
const ONE_PART: usize = 70;
/// A part of a longer message holds fewer: the parts carry a header that joins them.
const JOINED_PART: usize = 67;
/// A person gets so many reminders by SMS in seven days from people; automatic steps and codes don't count.
pub const WEEKLY_LIMIT: i64 = 1;
/// Reminders go out from this hour on, in Asia/Shanghai.
const OPENS: i8 = 8;
/// And until this one.
const CLOSES: i8 = 21;
/// The recent pace is that of so many days.
pub const RECENT_DAYS: i64 = 30;

/// How many messages of the operator a text makes; characters are counted as the operators do, in UTF-16 units.
pub fn segments(text: &str) -> usize {
    match text.encode_utf16().count() {
        0 => 0,
        units if units <= ONE_PART => 1,
        units => units.div_ceil(JOINED_PART),
    }
}

/// Whether a reminder by SMS may go out at this hour of the day.
pub fn may_send_at(hour: i8) -> bool {
    (OPENS..CLOSES).contains(&hour)
}

/// When a reminder that is sent now goes out: today's or tomorrow's 8:00 in seconds since the day began; `None` for at once.
pub fn held_until(hour: i8) -> Option<i64> {
    let opens = i64::from(OPENS) * 3600;
    match hour {
        h if may_send_at(h) => None,
        h if h < OPENS => Some(opens),
        _ => Some(86_400 + opens),
    }
}

/// Whether someone who got `sent` reminders by hand in the last seven days may get another.
pub fn is_within_weekly_limit(sent: i64) -> bool {
    sent < WEEKLY_LIMIT
}

/// Whom an automatic step tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The person.
    Person,
    /// The person and the heads of the department.
    Department,
    /// These and the unit's administrators.
    Unit,
}

impl Code for Told {}

impl Told {
    /// Every one, from few to many.
    pub const ALL: [Self; 3] = [Self::Person, Self::Department, Self::Unit];
}

/// An automatic step before the end of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// So many days before 12-31.
    pub days: i64,
    /// Whom it tells, in the application.
    pub told: Told,
    /// Whether the person gets it by SMS as well, once.
    pub by_sms: bool,
}

/// So many steps at most, the first not earlier than so many days before the end.
pub const MOST_STEPS: usize = 10;
/// See [`MOST_STEPS`].
pub const EARLIEST_STEP: i64 = 180;

/// Whether steps can be used as rules: some, each day once, none earlier than half a year before.
pub fn are_usable(steps: &[Step]) -> bool {
    let days: std::collections::BTreeSet<i64> = steps.iter().map(|s| s.days).collect();
    let is_within = steps.iter().all(|s| (1..=EARLIEST_STEP).contains(&s.days));
    !steps.is_empty() && steps.len() <= MOST_STEPS && days.len() == steps.len() && is_within
}

/// The step of a day, if it has one.
pub fn step_on(steps: &[Step], days_left: i64) -> Option<Step> {
    steps.iter().copied().find(|s| s.days == days_left)
}

/// When an SMS of this instant goes out, none for at once: in the hours of reminders, and on a working day where
/// `is_working` tells such days from others. Steps and notices of the last days ask for no working day.
pub fn sms_at(now: Instant, is_working: impl Fn(Day) -> bool) -> Option<Instant> {
    let today = day::day_of(now);
    let hour = (day::millis(now) - day::millis(day::start_of(today))) / 3_600_000;
    let is_open = may_send_at(i8::try_from(hour).unwrap_or(0));
    if is_open && is_working(today) {
        return None;
    }
    let mut on = if hour < i64::from(OPENS) { today } else { today.tomorrow().unwrap_or(today) };
    // The longest holidays are nine days; a month is a guard against a table without working days.
    for _ in 0..30 {
        if is_working(on) {
            break;
        }
        on = on.tomorrow().unwrap_or(on);
    }
    Some(day::from_millis(day::millis(day::start_of(on)) + i64::from(OPENS) * 3_600_000))
}

/// Where a person stands, for the forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Hours counted since the year began.
    pub so_far: Hours,
    /// Of these, in the last thirty days.
    pub recent: Hours,
    /// What is missing.
    pub short: Hours,
    /// Days of the year that have passed, today among them.
    pub passed: i64,
    /// Days that are left.
    pub left: i64,
}

/// What the pace leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// Both paces reach the requirement.
    OnTime,
    /// One of the paces reaches it.
    Open,
    /// Neither does.
    Late,
}

/// The forecast of one person: the pace of the whole year and the pace of the last thirty days are each drawn on to 12-31.
/// Whoever misses it at both is late, at one of them open.
pub fn forecast(pace: &Pace) -> Forecast {
    if pace.short <= Hours::ZERO {
        return Forecast::OnTime;
    }
    let reaches = |earned: Hours, days: i64| {
        // earned / days × left ≥ short, without dividing.
        let gained = i128::from(earned.hundredths()) * i128::from(pace.left.max(0));
        gained >= i128::from(pace.short.hundredths()) * i128::from(days.max(1))
    };
    let by_year = reaches(pace.so_far, pace.passed);
    let by_month = reaches(pace.recent, RECENT_DAYS.min(pace.passed));
    match (by_year, by_month) {
        (true, true) => Forecast::OnTime,
        (false, false) => Forecast::Late,
        (true, false) | (false, true) => Forecast::Open,
    }
}

/// How many will miss the end of the year: at the least and at the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Who misses it at both paces.
    pub low: i64,
    /// And who misses it at one of them.
    pub high: i64,
}

impl Range {
    /// Counts one person.
    pub fn count(&mut self, forecast: Forecast) {
        match forecast {
            Forecast::OnTime => {}
            Forecast::Open => self.high += 1,
            Forecast::Late => {
                self.low += 1;
                self.high += 1;
            }
        }
    }
}

/// Days from one day to another, not less than none.
pub fn days_until(from: Day, to: Day) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()).max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_counted_in_the_operators_parts() {
        let of = |n: usize| segments(&"学".repeat(n));
        assert_eq!(
            [of(0), of(1), of(70), of(71), of(134), of(135), of(201), of(202)],
            [0, 1, 1, 2, 2, 3, 3, 4]
        );
        assert_eq!(segments(&"😀".repeat(36)), 2, "beyond the basic plane a character takes two units");
    }

    #[test]
    fn sms_wait_for_the_morning() {
        assert_eq!(
            [may_send_at(7), may_send_at(8), may_send_at(20), may_send_at(21)],
            [false, true, true, false]
        );
        assert_eq!([held_until(12), held_until(3), held_until(21)], [None, Some(28_800), Some(115_200)]);
    }

    #[test]
    fn a_reminder_waits_for_the_hours_and_for_a_working_day() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let holiday = |d: Day| !(1..=7).contains(&d.day());
        assert_eq!(sms_at(at("2026-10-08T09:00:00+08:00"), holiday), None);
        assert_eq!(sms_at(at("2026-10-08T07:59:00+08:00"), holiday), Some(at("2026-10-08T08:00:00+08:00")));
        assert_eq!(sms_at(at("2026-10-02T09:00:00+08:00"), holiday), Some(at("2026-10-08T08:00:00+08:00")));
        assert_eq!(sms_at(at("2026-09-30T21:00:00+08:00"), holiday), Some(at("2026-10-08T08:00:00+08:00")));
        assert_eq!(sms_at(at("2026-10-02T21:00:00+08:00"), |_| true), Some(at("2026-10-03T08:00:00+08:00")));
    }

    #[test]
    fn steps_are_data_within_bounds() {
        let step = |days| Step { days, told: Told::Department, by_sms: false };
        assert_eq!(step_on(&[step(7)], 7).map(|s| s.told), Some(Told::Department));
        assert_eq!(step_on(&[step(7)], 8), None);
        assert!(are_usable(&[step(30), step(1)]));
        for wrong in [vec![], vec![step(7), step(7)], vec![step(0)], vec![step(181)]] {
            assert!(!are_usable(&wrong), "{wrong:?}");
        }
        let day = |d: &str| d.parse::<Day>().unwrap();
        assert_eq!(days_until(day("2026-11-24"), day("2026-12-31")), 37);
        assert_eq!(days_until(day("2027-01-02"), day("2026-12-31")), 0);
    }

    #[test]
    fn two_paces_make_the_range() {
        let pace = |so_far, recent, short| Pace {
            so_far: Hours::whole(so_far),
            recent: Hours::whole(recent),
            short: Hours::whole(short),
            passed: 300,
            left: 60,
        };
        assert_eq!(forecast(&pace(80, 10, 10)), Forecast::OnTime);
        assert_eq!(forecast(&pace(80, 0, 10)), Forecast::Open, "fast in spring, idle now");
        assert_eq!(forecast(&pace(10, 10, 20)), Forecast::Open, "began late, fast now");
        assert_eq!(forecast(&pace(0, 0, 90)), Forecast::Late);
        assert_eq!(forecast(&pace(90, 0, 0)), Forecast::OnTime);
        let mut range = Range::default();
        for f in [Forecast::Late, Forecast::Open, Forecast::OnTime] {
            range.count(f);
        }
        assert_eq!(range, Range { low: 1, high: 2 });
    }

    proptest! {
        #[test]
        fn more_hours_never_make_it_worse(so_far in 0_i64..120, recent in 0_i64..60, short in 0_i64..90, passed in 1_i64..365) {
            let pace = Pace { so_far: Hours::whole(so_far), recent: Hours::whole(recent), short: Hours::whole(short),
                passed, left: 365 - passed };
            let rank = |p: &Pace| match forecast(p) { Forecast::Late => 0, Forecast::Open => 1, Forecast::OnTime => 2 };
            let faster = Pace { recent: pace.recent.plus(Hours::whole(1)), so_far: pace.so_far.plus(Hours::whole(1)), ..pace };
            prop_assert!(rank(&faster) >= rank(&pace));
            let at_the_end = Pace { left: 0, ..pace };
            prop_assert_eq!(rank(&at_the_end), if short == 0 { 2 } else { 0 });
        }

        #[test]
        fn the_parts_hold_the_whole_text(n in 1_usize..2000) {
            let parts = segments(&"学".repeat(n));
            prop_assert!(parts * 70 >= n);
            prop_assert!(parts == 1 || (parts - 1) * 67 < n);
        }

        #[test]
        fn nothing_held_goes_out_in_the_night(hour in 0_i8..24) {
            let seconds = held_until(hour).unwrap_or(i64::from(hour) * 3600);
            prop_assert!(may_send_at(i8::try_from(seconds / 3600 % 24).unwrap()));
        }
    }
}
