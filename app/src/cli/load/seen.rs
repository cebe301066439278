//! What clients saw, put together into the summary.
use std::time::Instant;

use serde_json::{Value, json};

use super::Bounds;

/// What one client saw, or all of them.
#[derive(Default)]
pub(super) struct Seen {
    /// How long each answer took.
    pub micros: Vec<u32>,
    /// Answers that should not have come, and connections that broke.
    pub errors: u64,
    /// What was acknowledged and was not there afterwards.
    pub lost: u64,
}

impl Seen {
    /// An answer to what was sent then.
    pub(super) fn answered(&mut self, sent: Instant) {
        self.micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }

    pub(super) fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.errors += other.errors;
        self.lost += other.lost;
    }

    /// The time within which so many in a hundred answers came, in milliseconds; of times in order.
    fn at(&self, percent: usize) -> f64 {
        let place = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        self.micros.get(place).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// Half and nearly all of the times, in milliseconds, for one kind of request.
    pub(super) fn in_short(&mut self) -> Value {
        self.micros.sort_unstable();
        json!({"p50": self.at(50), "p99": self.at(99)})
    }

    /// The line on stdout, times in milliseconds; `name` is what the answers are called.
    pub(super) fn summary(mut self, bounds: &Bounds, name: &str) -> Value {
        self.micros.sort_unstable();
        let at = |percent| self.at(percent);
        let count = u32::try_from(self.micros.len()).unwrap_or(u32::MAX);
        json!({
            "clients": bounds.clients, "seconds": bounds.seconds, name: count,
            "rate": (f64::from(count) / f64::from(bounds.seconds)).round(),
            "p50": at(50), "p95": at(95), "p99": at(99), "errors": self.errors, "lost": self.lost,
        })
    }
}
