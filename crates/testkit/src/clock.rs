//! A clock that moves only when told to.
use std::sync::atomic::{AtomicI64, Ordering};

use base::{Clock, Instant, day};

/// A clock for tests.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at a time such as `2026-11-23T10:00:00+08:00`.
    pub fn at(time: &str) -> Self {
        let at: Instant = time.parse().expect("a time in RFC 3339");
        Self(AtomicI64::new(day::millis(at)))
    }

    /// What it shows, in milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves the clock to so many seconds, parts of them too, after an instant in milliseconds.
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a test")]
    pub fn move_to(&self, began: i64, seconds: f64) {
        self.0.store(began + (seconds * 1000.0).round() as i64, Ordering::SeqCst);
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        day::from_millis(self.0.load(Ordering::SeqCst))
    }
}
