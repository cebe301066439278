//! How much one caller may ask of a node (security item 58): far above what people and the contract's programs need, far
//! below what would slow the others down. A node counts for itself; what protects accounts is counted in the database.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base::{Error, Kind, PersonId, Result};
use tokio::time::Instant;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Any call of someone signed in, or from the network of someone who is not.
    Any,
    /// Calls that cost much: files that are made or read as a whole.
    Costly,
    /// Calls of a provider's program, by its key.
    Program,
}

impl Class {
    /// So many at once, and so many a second after that.
    const fn allowance(self) -> (f64, f64) {
        match self {
            Self::Any => (3_000.0, 100.0),
            Self::Costly => (200.0, 5.0),
            Self::Program => (3_000.0, 300.0),
        }
    }
}

/// Whose calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Someone signed in.
    Person(PersonId),
    /// A network, or a program by its key.
    Named(String),
}

/// More callers than these, and those who have long been quiet are forgotten.
const MOST: usize = 100_000;

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// The callers of a node.
#[derive(Default)]
pub struct Limits(Mutex<HashMap<(Class, Asker), Bucket>>);

impl Limits {
    /// Counts a call; refuses it where its caller asked too much.
    pub fn take(&self, class: Class, caller: &Asker) -> Result<()> {
        self.take_at(class, caller, Instant::now())
    }

    fn take_at(&self, class: Class, caller: &Asker, now: Instant) -> Result<()> {
        let (most, per_second) = class.allowance();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MOST {
            buckets.retain(|(class, _), b| refilled(*class, *b, now) < class.allowance().0);
        }
        let bucket = buckets.entry((class, caller.clone())).or_insert(Bucket { left: most, at: now });
        let left = refilled(class, *bucket, now);
        if left < 1.0 {
            let seconds = ((1.0 - left) / per_second).ceil();
            return Err(Error::refused(Kind::TooMany, "too_many_requests").retry_after(whole(seconds)));
        }
        *bucket = Bucket { left: left - 1.0, at: now };
        Ok(())
    }
}

fn refilled(class: Class, bucket: Bucket, now: Instant) -> f64 {
    let (most, per_second) = class.allowance();
    let since = now.saturating_duration_since(bucket.at).as_secs_f64();
    (bucket.left + since * per_second).min(most)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few seconds, rounded up, never negative"
)]
fn whole(seconds: f64) -> u64 {
    (seconds as u64).max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn item_58_one_caller_is_slowed_down_and_nobody_else() {
        let (limits, began) = (Limits::default(), Instant::now());
        let [a, b] = ["a", "b"].map(|name| Asker::Named(name.to_owned()));
        for n in 0..200 {
            assert!(limits.take_at(Class::Costly, &a, began).is_ok(), "{n}");
        }
        let Err(Error::Refused(p)) = limits.take_at(Class::Costly, &a, began) else { panic!("not refused") };
        assert_eq!((p.code, p.retry_after), ("too_many_requests", Some(1)));
        assert!(limits.take_at(Class::Costly, &b, began).is_ok());
        assert!(limits.take_at(Class::Any, &a, began).is_ok(), "another class");
        let later = began + Duration::from_millis(400);
        assert!(limits.take_at(Class::Costly, &a, later).is_ok());
        assert!(limits.take_at(Class::Costly, &a, later).is_ok());
        assert!(limits.take_at(Class::Costly, &a, later).is_err());
    }
}
