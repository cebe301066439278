//! Learning time (domain §8): which seconds of a lecture a heartbeat credits, and why the others not. Positions and
//! times are whole milliseconds. Credited time never exceeds elapsed time, and each credited second lies in an interval.
mod attention;
mod beat;
mod intervals;
mod offline;

use serde::{Deserialize, Serialize};

pub use attention::{Attention, Check, LATEST, SOONEST, TO_ANSWER, TRIES};
pub use intervals::{Interval, Intervals};
pub use offline::{Judged, LONGEST_LEASE, Lease};

/// A beat may be ahead of the clock by so much, in milliseconds.
pub const TOLERANCE: i64 = 2_000;
/// So much ahead of the clock, in milliseconds, is not refused but waits: the position stays where the clock is, so the next
/// beat tells of it again, and is credited no more than its own time. Beats differ by their way through the network: with
/// these milliseconds refused, every second beat of an honest learner left a hole in the lecture.
pub const WAITS: i64 = 250;
/// One beat credits at most so much.
pub const LONGEST_BEAT: i64 = 30_000;
/// A client beats this often.
pub const BEAT_EVERY: i64 = 15_000;
/// The platform's own player tells so often: what an interruption can cost where nothing was kept of it, and what is
/// watched twice after the lecture was taken up on another device while the first one still played.
pub const REPORT_EVERY: i64 = 10_000;
/// A lecture is complete at so many percent.
pub const COMPLETE_PERCENT: i64 = 98;

/// One person at one lecture on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The lecture's length.
    pub length: i64,
    /// The last position.
    pub position: i64,
    /// The time of the last beat.
    pub last_at: i64,
    /// The seconds credited, in this session and before it.
    pub covered: Intervals,
    /// The number of the last beat; none came yet at 0.
    pub seq: u64,
    /// What the last beat was answered; whoever stores the session keeps the answer as it was sent.
    #[serde(skip)]
    pub answer: Option<Verdict>,
    /// Whether a newer session ended this one.
    pub ended: bool,
    /// Attention checks.
    pub attention: Attention,
}

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The lecture's length.
    pub length: i64,
    /// Where it is taken up again.
    pub resume_at: i64,
    /// The server's time.
    pub now: i64,
    /// What was covered before.
    pub covered: Intervals,
    /// When attention checks come.
    pub attention: Attention,
}

/// What a client says every 15 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Above the last one.
    pub seq: u64,
    /// Where the player is.
    pub position: i64,
    /// Whether it played since the last beat.
    pub playing: bool,
    /// Whether it was visible since the last beat.
    pub visible: bool,
    /// The server's time.
    pub now: i64,
}

/// Why time is not credited; the codes are domain §8's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A check was not answered in time.
    AttentionOverdue,
    /// It did not play.
    Paused,
    /// It was not visible.
    Hidden,
    /// The position is ahead of the clock.
    Jump,
    /// It was watched before.
    Replay,
    /// The time lies beyond what one beat, or the clock, can credit.
    Gap,
    /// Another session was opened before its check was answered, or before it was told.
    Superseded,
}

impl base::person::Code for Refusal {}

/// The answer to a beat. Of each forward move every millisecond is credited, pending or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Credited by this beat.
    pub credited: i64,
    /// Credited of the lecture in all.
    pub total: i64,
    /// Held back until the check is answered.
    pub pending: i64,
    /// What was refused, and why. The reason that decided stands here even if it cost no time.
    pub refused: Vec<(Refusal, i64)>,
    /// The intervals this beat added.
    pub added: Intervals,
    /// Where the server holds the player to be; after a jump or a missed check the player goes there.
    pub position: i64,
}

/// What a beat or an answer meets in a session that a newer one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("superseded")]
pub struct Superseded;

/// What an answer to a check did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// In time: what was held back is credited.
    InTime {
        /// The intervals this added.
        added: Intervals,
    },
    /// Too late: what was held back is refused, and learning goes on from `position`.
    Late {
        /// Where the check appeared.
        position: i64,
        /// What was refused.
        refused: i64,
    },
    /// Wrong: it may be tried again, after [`TRIES`] times as a missed one.
    Wrong,
    /// No check waits under that number.
    NoCheck,
}

impl Session {
    /// Begins a session: the last time is now, the last position where it is taken up.
    pub fn open(opening: Opening) -> Self {
        let length = opening.length.max(0);
        Self {
            length,
            position: opening.resume_at.clamp(0, length),
            last_at: opening.now,
            covered: opening.covered,
            seq: 0,
            answer: None,
            ended: false,
            attention: opening.attention,
        }
    }

    /// Ends it because a newer one was opened.
    pub fn supersede(&mut self) {
        self.ended = true;
    }

    /// Takes a heartbeat. An equal number is answered as before, a lower one changes nothing.
    pub fn beat(&mut self, beat: Beat) -> Result<Verdict, Superseded> {
        if self.ended {
            return Err(Superseded);
        }
        if beat.seq <= self.seq {
            let same = self.answer.as_ref().filter(|_| beat.seq == self.seq);
            return Ok(same.cloned().unwrap_or_else(|| self.nothing()));
        }
        let verdict = self.judge(beat);
        self.last_at = self.last_at.max(beat.now);
        self.seq = beat.seq;
        self.answer = Some(verdict.clone());
        Ok(verdict)
    }

    /// Takes an answer to a check; who knows the question says whether it is right.
    pub fn answer_check(&mut self, number: u32, right: bool, now: i64) -> Result<Answered, Superseded> {
        if self.ended {
            return Err(Superseded);
        }
        let Some(open) = self.attention.open.as_mut().filter(|c| c.number == number) else {
            return Ok(Answered::NoCheck);
        };
        if !right {
            open.wrong = open.wrong.saturating_add(1);
            open.overdue |= open.wrong >= TRIES;
            return Ok(Answered::Wrong);
        }
        let Some(check) = self.attention.open.take() else { return Ok(Answered::NoCheck) };
        if check.overdue || now >= check.due_at() {
            // Learning goes on from now: the time that passed unanswered credits nothing later.
            self.position = check.position;
            self.last_at = self.last_at.max(now);
            return Ok(Answered::Late { position: check.position, refused: check.held.total() });
        }
        let added = check.held.minus(&self.covered);
        self.covered.insert_all(&added);
        self.attention.credit(added.total(), self.position, now);
        Ok(Answered::InTime { added })
    }

    /// The check that waits for an answer.
    pub fn check(&self) -> Option<&Check> {
        self.attention.open.as_ref()
    }

    /// A number from the session's secret seed, the same for the same check and salt.
    pub fn pick(&self, check: u32, salt: u32) -> u64 {
        self.attention.pick(check, salt)
    }

    /// Credited milliseconds of the lecture.
    pub fn total(&self) -> i64 {
        self.covered.total()
    }

    /// Whether enough of the lecture is covered.
    pub fn is_complete(&self) -> bool {
        !self.covered.is_empty() && is_complete(&self.covered, self.length)
    }

    fn nothing(&self) -> Verdict {
        Verdict {
            credited: 0,
            total: self.total(),
            pending: self.check().map_or(0, |c| c.held.total()),
            refused: vec![],
            added: Intervals::default(),
            position: self.position,
        }
    }
}

/// Whether so much of a lecture of that length is covered that it is complete.
pub fn is_complete(covered: &Intervals, length: i64) -> bool {
    i128::from(covered.total()) * 100 >= i128::from(length) * i128::from(COMPLETE_PERCENT)
}
