//! Attention checks (domain §8): after 8–15 minutes of credited time, 60 s to answer. What is watched meanwhile is
//! held back: credited when the answer comes in time, refused when it does not.
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Intervals;

/// The least credited time between two checks, in milliseconds.
pub const SOONEST: i64 = 8 * 60_000;
/// The most.
pub const LATEST: i64 = 15 * 60_000;
/// The time to answer.
pub const TO_ANSWER: i64 = 60_000;
/// So many wrong answers, and the check counts as missed: trying every option is no attention.
pub const TRIES: u32 = 3;

/// When checks come, and the one that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    #[serde(with = "seed")]
    seed: [u8; 32],
    drawn: u32,
    credited: i64,
    due_after: i64,
    pub(super) open: Option<Check>,
}

/// A check that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its number in the session, from 1.
    pub number: u32,
    /// When it appeared.
    pub appeared_at: i64,
    /// The place in the lecture where it appeared.
    pub position: i64,
    /// What was watched since.
    pub held: Intervals,
    /// When that began, where it was before the check could be seen.
    #[serde(default)]
    held_from: Option<i64>,
    /// Whether the time to answer, or the tries, are over.
    pub overdue: bool,
    /// How often it was answered wrongly.
    #[serde(default)]
    pub wrong: u32,
}

impl Check {
    /// When what is held back began.
    pub fn held_since(&self) -> i64 {
        self.held_from.unwrap_or(self.appeared_at)
    }

    /// The first instant at which it is overdue.
    pub fn due_at(&self) -> i64 {
        self.appeared_at.saturating_add(TO_ANSWER)
    }
}

impl Attention {
    /// A schedule from a secret seed. `since_check` is what was credited since the person's last check: a new session
    /// does not postpone it.
    pub fn new(seed: [u8; 32], since_check: i64) -> Self {
        let mut new = Self { seed, drawn: 0, credited: since_check.max(0), due_after: 0, open: None };
        new.draw();
        new
    }

    /// What the person's next session begins with: credited time since the last check. Who leaves a check unanswered
    /// gets the next one at once.
    pub fn since_check(&self) -> i64 {
        if self.open.is_some() { LATEST } else { self.credited }
    }

    /// Counts what a session that this one ended was credited afterwards: it does not postpone the check.
    pub fn count_elsewhere(&mut self, credited: i64) {
        self.credited = self.credited.saturating_add(credited.max(0));
    }

    /// A number that nobody without the seed can foretell: which kind of check it is, which question, in which order.
    pub(super) fn pick(&self, check: u32, salt: u32) -> u64 {
        let digest = Sha256::new().chain_update(self.seed).chain_update(b"pick");
        let digest = digest.chain_update(check.to_be_bytes()).chain_update(salt.to_be_bytes()).finalize();
        digest.iter().take(7).fold(0_u64, |n, byte| n << 8 | u64::from(*byte))
    }

    /// Counts credited time; a check appears when enough has come together.
    pub(super) fn credit(&mut self, credited: i64, position: i64, now: i64) {
        self.credited = self.credited.saturating_add(credited);
        if self.open.is_none() && credited > 0 && self.credited >= self.due_after {
            self.appear(position, now, None);
        }
    }

    /// A check that the session before left unanswered appears before anything is credited: what is watched from `since`
    /// on waits for it, so that nobody learns on by opening session after session.
    pub(super) fn appear_if_left(&mut self, position: i64, now: i64, since: i64) {
        if self.open.is_none() && self.credited >= LATEST {
            self.appear(position, now, Some(since));
        }
    }

    fn appear(&mut self, position: i64, now: i64, held_from: Option<i64>) {
        self.credited = 0;
        let number = self.drawn;
        self.draw();
        let held = Intervals::default();
        self.open =
            Some(Check { number, appeared_at: now, position, held, held_from, overdue: false, wrong: 0 });
    }

    fn draw(&mut self) {
        self.drawn = self.drawn.saturating_add(1);
        let digest = Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize();
        let number = digest.iter().take(4).fold(0_i64, |n, byte| n << 8 | i64::from(*byte));
        self.due_after = SOONEST + number % (LATEST - SOONEST + 1);
    }
}

/// The seed is stored in hexadecimal; older programs stored its bytes as numbers.
mod seed {
    use std::fmt::Write;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Text(String),
        Bytes([u8; 32]),
    }

    pub(super) fn serialize<S: Serializer>(seed: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(64);
        for part in seed.chunks_exact(8) {
            let part = part.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
            write!(text, "{part:016x}").map_err(serde::ser::Error::custom)?;
        }
        serializer.serialize_str(&text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = match Stored::deserialize(deserializer)? {
            Stored::Bytes(seed) => return Ok(seed),
            Stored::Text(text) => text,
        };
        let byte = |n: usize| u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len().div_ceil(2)).map(byte).collect();
        bytes.and_then(|b| b.try_into().ok()).ok_or_else(|| D::Error::custom("no seed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_come_after_eight_to_fifteen_minutes_and_the_seed_decides_when() {
        let times = |seed| {
            let mut attention = Attention::new([seed; 32], 0);
            let mut times = vec![];
            for _ in 0..200 {
                times.push(attention.due_after);
                attention.draw();
            }
            times
        };
        assert!(times(1).iter().all(|t| (SOONEST..=LATEST).contains(t)));
        assert_eq!(times(1), times(1));
        assert_ne!(times(1), times(2));
    }

    #[test]
    fn a_new_session_does_not_postpone_the_check() {
        let mut attention = Attention::new([0; 32], LATEST);
        attention.appear_if_left(5_000, 9_000, 8_000);
        assert_eq!(attention.open.as_ref().map(Check::held_since), Some(8_000));
        assert_eq!(attention.since_check(), LATEST, "nor does leaving it unanswered");
        assert_eq!(attention.open.map(|c| (c.number, c.position, c.appeared_at)), Some((1, 5_000, 9_000)));
    }

    #[test]
    fn a_schedule_is_stored_shortly_and_read_as_older_programs_stored_it() {
        let seed: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 8 + 1).unwrap());
        let attention = Attention::new(seed, 5);
        let stored = serde_json::to_string(&attention).unwrap();
        assert!(stored.contains(r#""seed":"0109111921293139"#), "{stored}");
        assert_eq!(serde_json::from_str::<Attention>(&stored).unwrap(), attention);
        let mut older: serde_json::Value = serde_json::from_str(&stored).unwrap();
        older["seed"] = serde_json::json!(seed);
        assert_eq!(serde_json::from_value::<Attention>(older).unwrap(), attention);
        assert!(serde_json::from_str::<Attention>(&stored.replace("0109", "01")).is_err());
    }
}
