//! How many beats one learner may send: a player needs one every 15 s and some at pauses and jumps. Whoever sends thousands
//! is refused before anything is read or written, so that others do not feel it.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base::PersonId;

/// So many at once.
const BURST: i64 = 200;
/// One more every so many milliseconds.
const EVERY_MS: i64 = 50;
/// Beyond so many learners those are forgotten who could send a whole burst again.
const MOST: usize = 100_000;

/// See the module.
#[derive(Default)]
pub(crate) struct Pace(Mutex<HashMap<PersonId, i64>>);

impl Pace {
    /// Whether the learner may send a beat now. Held is the time up to which the beats sent so far are paid for.
    pub(crate) fn allows(&self, learner: PersonId, now: i64) -> bool {
        let mut paid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.len() > MOST {
            paid.retain(|_, until| *until > now);
        }
        let until = paid.entry(learner).or_insert(now);
        let next = (*until).max(now) + EVERY_MS;
        let is_allowed = next - now <= BURST * EVERY_MS;
        if is_allowed {
            *until = next;
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_does_not() {
        let (pace, learner) = (Pace::default(), "0190a5d4-0000-7000-8000-000000000000".parse().unwrap());
        let passed = (0..10_000).filter(|_| pace.allows(learner, 1_000)).count();
        assert_eq!(passed, 200);
        assert_eq!((0..100).filter(|_| pace.allows(learner, 2_000)).count(), 20, "20 a second afterwards");
    }
}
