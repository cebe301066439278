//! One heartbeat: the first rule of domain §8 that holds decides.
use std::borrow::Cow;

use super::{Beat, Interval, Intervals, LONGEST_BEAT, Refusal, Session, TOLERANCE, Verdict, WAITS};

impl Session {
    /// Judges a beat and moves the position; the caller keeps number, time and answer.
    pub(super) fn judge(&mut self, beat: Beat) -> Verdict {
        let elapsed = beat.now.saturating_sub(self.last_at).max(0);
        let target = beat.position.clamp(0, self.length);
        let advance = target - self.position;
        let claimed = advance.max(0);
        if let Some(missed) = self.overdue(beat.now) {
            return self.refuse(Refusal::AttentionOverdue, missed.saturating_add(claimed.min(elapsed)));
        }
        let is_jump = advance > elapsed.saturating_add(TOLERANCE);
        let from = self.position;
        // Going on without credit is harmless; only a leap to what was never watched is held back.
        if !is_jump || self.watched().reaches(target) {
            self.position = target;
        }
        if !beat.playing {
            self.refuse(Refusal::Paused, claimed)
        } else if !beat.visible {
            self.refuse(Refusal::Hidden, claimed)
        } else if is_jump {
            self.refuse(Refusal::Jump, claimed)
        } else if advance <= 0 {
            self.refuse(Refusal::Replay, 0)
        } else {
            self.credit(from, advance, elapsed, beat.now)
        }
    }

    /// What a check whose time is over costs: what was held back the first time, nothing afterwards. The player goes
    /// back to where it appeared and stays there until the answer comes.
    fn overdue(&mut self, now: i64) -> Option<i64> {
        let check = self.attention.open.as_mut().filter(|c| c.overdue || now >= c.due_at())?;
        check.overdue = true;
        self.position = check.position;
        Some(std::mem::take(&mut check.held).total())
    }

    fn refuse(&self, why: Refusal, time: i64) -> Verdict {
        Verdict { refused: vec![(why, time)], ..self.nothing() }
    }

    fn credit(&mut self, from: i64, told: i64, elapsed: i64, now: i64) -> Verdict {
        let waits = (1..=WAITS).contains(&(told - elapsed));
        let advance = if waits { elapsed } else { told };
        self.position = from + advance;
        let reach = advance.min(elapsed).min(LONGEST_BEAT);
        let fresh = match Interval::new(from, from + reach) {
            Some(watched) => self.watched().missing(watched),
            None => Intervals::default(),
        };
        let time = fresh.total();
        let refused = [(Refusal::Gap, advance - reach), (Refusal::Replay, reach - time)];
        let refused = refused.into_iter().filter(|(_, time)| *time > 0).collect();
        if time > 0 {
            self.attention.appear_if_left(from, now, now.saturating_sub(elapsed));
        }
        if let Some(check) = &mut self.attention.open {
            check.held.insert_all(&fresh);
            return Verdict { refused, ..self.nothing() };
        }
        self.covered.insert_all(&fresh);
        self.attention.credit(time, self.position, now);
        Verdict { credited: time, added: fresh, refused, ..self.nothing() }
    }

    /// What was covered or is held back.
    fn watched(&self) -> Cow<'_, Intervals> {
        let Some(check) = &self.attention.open else { return Cow::Borrowed(&self.covered) };
        let mut watched = self.covered.clone();
        watched.insert_all(&check.held);
        Cow::Owned(watched)
    }
}
