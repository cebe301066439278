//! What a player did without a network, under a lease of the server (domain §8): beats with times that the lease vouches
//! for. They are judged like any others, at the times told; a check that came due meanwhile appears when it can be seen.
use super::{Beat, LATEST, Refusal, Session, Superseded, TOLERANCE, Verdict};

/// A lease vouches for so much time at most, in milliseconds.
pub const LONGEST_LEASE: i64 = 10 * 60_000;

/// A beat of a batch, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The beat.
    pub beat: Beat,
    /// The time of the beat before it: what it credits lies after it.
    pub since: i64,
    /// The position before it.
    pub from: i64,
    /// What became of it.
    pub verdict: Verdict,
}

/// The time that a server vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// When it was issued.
    pub issued_at: i64,
    /// When it ends, at most [`LONGEST_LEASE`] later.
    pub ends_at: i64,
}

impl Lease {
    /// A lease from now on.
    pub fn at(now: i64) -> Self {
        Self { issued_at: now, ends_at: now.saturating_add(LONGEST_LEASE) }
    }

    /// The moment so long after it was issued; never beyond its end, nor after the present.
    fn moment(self, after: i64, arrived: i64) -> i64 {
        self.issued_at.saturating_add(after.max(0)).min(self.ends_at).min(arrived)
    }
}

impl Session {
    /// Takes a batch that arrives now. `beats` carry, as their time, how long after the lease's issue they were made.
    pub fn offline(&mut self, lease: Lease, beats: &[Beat], arrived: i64) -> Result<Vec<Judged>, Superseded> {
        if !beats.is_empty() {
            self.attention.appear_if_left(self.position, arrived, self.last_at);
        }
        let was_open = self.check().is_some();
        let mut due = None;
        let mut judged = Vec::with_capacity(beats.len());
        for said in beats {
            let beat = Beat { now: lease.moment(said.now, arrived), ..*said };
            let (since, from, is_new) = (self.last_at, self.position, beat.seq > self.seq);
            let verdict = self.beat(beat)?;
            if !was_open && let Some(check) = self.attention.open.take() {
                due.get_or_insert(check);
            }
            if is_new {
                judged.push(Judged { beat, since, from, verdict });
            }
        }
        if let Some(mut check) = due {
            check.appeared_at = arrived;
            check.position = self.position;
            self.attention.open = Some(check);
        }
        Ok(judged)
    }

    /// Takes what a session that a newer one ended at `over` had not told yet. Its beats count up to that moment and not
    /// beyond, so no moment counts in both. `since_check` is what the person was credited since the last check: nothing is
    /// taken while one waits or is long due, so that nobody learns on in ended sessions only.
    pub fn left_over(
        &mut self,
        lease: Lease,
        beats: &[Beat],
        (over, since_check): (i64, i64),
    ) -> Vec<Judged> {
        let was_open = self.check().is_some();
        let is_shut = was_open || since_check >= LATEST;
        let mut told = (self.position, self.last_at);
        let mut judged = Vec::with_capacity(beats.len());
        for said in beats {
            if said.seq <= self.seq {
                continue;
            }
            let beat = Beat { now: lease.moment(said.now, i64::MAX), ..*said };
            let (since, from) = (self.last_at, self.position);
            let verdict =
                if is_shut { self.superseded(beat, told) } else { self.judge_until(beat, over, told) };
            told = (beat.position, beat.now);
            self.attention.open = self.attention.open.take().filter(|_| was_open);
            self.last_at = self.last_at.max(beat.now.min(over));
            self.seq = beat.seq;
            judged.push(Judged { beat: Beat { now: self.last_at, ..beat }, since, from, verdict });
        }
        judged
    }

    /// Judges a beat of which only the part before `over` counts.
    fn judge_until(&mut self, beat: Beat, over: i64, told: (i64, i64)) -> Verdict {
        let room = over.saturating_sub(self.last_at);
        if beat.now <= over {
            return self.judge(beat);
        }
        let advance = beat.position.clamp(0, self.length) - self.position;
        let is_jump = advance > (beat.now - self.last_at).saturating_add(TOLERANCE);
        if room <= 0 || is_jump || advance <= 0 {
            return self.superseded(beat, told);
        }
        let counted = advance.min(room);
        let mut verdict = self.judge(Beat { position: self.position + counted, now: over, ..beat });
        if advance > counted {
            verdict.refused.push((Refusal::Superseded, advance - counted));
        }
        verdict
    }

    /// Refuses what was played since the beat before, whose position and time those are.
    fn superseded(&self, beat: Beat, (position, at): (i64, i64)) -> Verdict {
        let advance = beat.position.clamp(0, self.length) - position.clamp(0, self.length);
        let elapsed = beat.now.saturating_sub(at).max(0);
        Verdict { refused: vec![(Refusal::Superseded, advance.clamp(0, elapsed))], ..self.nothing() }
    }
}
