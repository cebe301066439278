//! When an account locks and opens again (notice 三.5 R5, manual C R8). Pure arithmetic over
//! rows a store holds: one [`Guard`] per counter, and its [`Failure`]s. A store takes the guard's row, asks
//! [`Guard::gate`], verifies, and writes what the other methods changed before it lets the row go.
//! All times are microseconds since 1970, so that nothing is ever rounded.
mod scenario;

use serde::{Deserialize, Serialize};

pub use scenario::{Outcomes, Scenario, ScenarioError};

/// Everything recorded at `t` lives on `[t, t + WINDOW)`.
pub const WINDOW: i64 = 1_800_000_000;
/// R5: so many wrong passwords since the last accepted one lock.
pub const R5_LIMIT: usize = 5;
/// R8: so many wrong entries of either kind lock.
pub const R8_LIMIT: usize = 8;

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A password.
    Password,
    /// An SMS code, whatever its purpose.
    Code,
}

impl base::person::Code for Kind {}

/// A row: one verified wrong entry. Rows are written once and never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its number in the order in which attempts took the counter, from 1.
    pub number: i64,
    /// What was wrong.
    pub kind: Kind,
    /// When, in microseconds.
    pub at: i64,
}

/// The row of a counter: account, or unknown name. A new one is `Guard::default()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// The number of the newest failure.
    pub last: i64,
    /// Failures up to this number came before the last accepted password: R5 leaves them out.
    pub accepted: i64,
    /// Failures up to this number were cleared by a lock or a reset: nothing counts them.
    pub cleared: i64,
    /// When the lock ends, in microseconds; may lie in the past.
    pub locked_until: Option<i64>,
}

/// Whether an attempt may be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// It may not: nothing is compared, counted or extended.
    Locked {
        /// The first microsecond at which it may again.
        until: i64,
    },
}

/// The rule that locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// Five wrong passwords.
    R5,
    /// Eight wrong entries.
    R8,
}

/// What a wrong entry did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing more than count.
    Counted,
    /// It locked the account.
    Locked {
        /// By which rule; R5 if by both.
        rule: Rule,
        /// The first microsecond at which it is open again.
        until: i64,
    },
}

impl Guard {
    /// Whether an attempt may be verified now.
    pub fn gate(&self, now: i64) -> Gate {
        match self.locked_until {
            Some(until) if now < until => Gate::Locked { until },
            _ => Gate::Open,
        }
    }

    /// Counts a verified wrong entry. `rows` are the counter's failures, at least those of the last [`WINDOW`], in any
    /// order; the failure given back is to be added to them.
    pub fn fail(&mut self, rows: &[Failure], kind: Kind, now: i64) -> (Failure, Wrong) {
        self.last = self.last.saturating_add(1);
        let failure = Failure { number: self.last, kind, at: now };
        let living = || rows.iter().filter(|f| self.is_living(f, now)).chain([&failure]);
        let passwords = living().filter(|f| f.kind == Kind::Password && f.number > self.accepted).count();
        let r5 = kind == Kind::Password && passwords >= R5_LIMIT;
        let r8 = living().count() >= R8_LIMIT;
        let rule = if r5 { Rule::R5 } else { Rule::R8 };
        if !r5 && !r8 {
            return (failure, Wrong::Counted);
        }
        let until = now.saturating_add(WINDOW);
        self.locked_until = Some(until);
        self.cleared = self.last;
        (failure, Wrong::Locked { rule, until })
    }

    /// An accepted password ends the run that R5 counts, and nothing else: else four wrong, one right, four wrong …
    /// would never end (manual C). A right code changes nothing and needs no call.
    pub fn accept_password(&mut self) {
        self.accepted = self.last;
    }

    /// A successful reset clears both counts and ends the lock (manual C, 注).
    pub fn reset(&mut self) {
        self.cleared = self.last;
        self.locked_until = None;
    }

    /// Rows recorded before this need not be kept.
    pub fn forget_before(now: i64) -> i64 {
        now.saturating_sub(WINDOW)
    }

    fn is_living(&self, failure: &Failure, now: i64) -> bool {
        failure.number > self.cleared && now < failure.at.saturating_add(WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(guard: &mut Guard, rows: &mut Vec<Failure>, kind: Kind, now: i64) -> Wrong {
        let (row, wrong) = guard.fail(rows, kind, now);
        rows.push(row);
        wrong
    }

    #[test]
    fn a_failure_exactly_as_old_as_the_window_is_gone_and_the_lock_ends_sharp() {
        let (mut guard, mut rows) = (Guard::default(), vec![]);
        for t in [0, 1, 2, 3] {
            assert_eq!(fail(&mut guard, &mut rows, Kind::Password, t), Wrong::Counted);
        }
        // The one at 0 is gone, those at 1, 2 and 3 live.
        assert_eq!(fail(&mut guard, &mut rows, Kind::Password, WINDOW), Wrong::Counted);
        let until = 2 * WINDOW;
        let locked = fail(&mut guard, &mut rows, Kind::Password, WINDOW);
        assert_eq!(locked, Wrong::Locked { rule: Rule::R5, until });
        assert_eq!(guard.gate(until - 1), Gate::Locked { until });
        assert_eq!(guard.gate(until), Gate::Open);
    }

    #[test]
    fn a_right_password_at_the_same_instant_ends_the_run_of_what_came_before_it() {
        let (mut guard, mut rows) = (Guard::default(), vec![]);
        for _ in 0..4 {
            fail(&mut guard, &mut rows, Kind::Password, 7);
        }
        guard.accept_password();
        for _ in 0..3 {
            assert_eq!(fail(&mut guard, &mut rows, Kind::Password, 7), Wrong::Counted);
        }
        let wrong = fail(&mut guard, &mut rows, Kind::Password, 7);
        assert_eq!(wrong, Wrong::Locked { rule: Rule::R8, until: 7 + WINDOW });
    }

    #[test]
    fn a_reset_opens_and_clears() {
        let (mut guard, mut rows) = (Guard::default(), vec![]);
        for _ in 0..5 {
            fail(&mut guard, &mut rows, Kind::Password, 0);
        }
        guard.reset();
        assert_eq!(guard.gate(0), Gate::Open);
        for _ in 0..4 {
            assert_eq!(fail(&mut guard, &mut rows, Kind::Password, 0), Wrong::Counted);
        }
    }
}
