//! Heartbeats: what a client says, how a beat is judged on a session held in memory, and what it is answered.
use std::time::Duration;

use base::{Error, PersonId, Result, SessionId, person::Code};
use catalogue::Question;
use rules::learning::{Beat, Intervals, Judged, Refusal, Session, TOLERANCE, Verdict};
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

use crate::{
    checks::{self, WaitingCheck},
    store::Held,
    store_refusals::{NewEvent, NewRefusal},
};

/// How soon the next beat is wanted, in seconds.
const NEXT_IN: i64 = rules::learning::BEAT_EVERY / 1000;
/// No player counts so far: a beat of 15 s each reaches it after four centuries.
pub(crate) const MOST_SEQ: u64 = 1_000_000_000;

/// What a client says, and when it arrived.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    pub learner: PersonId,
    pub session: SessionId,
    pub seq: u64,
    pub position_ms: i64,
    pub playing: bool,
    pub visible: bool,
    pub at: i64,
}

/// Time that was not credited.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedTime {
    reason: String,
    seconds: f64,
}

/// What a heartbeat is answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Progress {
    credited: f64,
    total: f64,
    pending: f64,
    refused: Vec<RefusedTime>,
    attention: Option<WaitingCheck>,
    next_in: i64,
}

/// Shorter stretches are not kept: nothing of them could be credited on appeal.
const SHORTEST_KEPT: i64 = 1_000;

/// What a beat did to the session in memory.
pub(crate) struct Answered {
    pub answer: String,
    /// Nothing where the beat changed nothing.
    pub change: Option<Change>,
}

/// What has to be stored of a beat.
#[derive(Default)]
pub(crate) struct Change {
    /// What was credited.
    pub added: Intervals,
    /// Since when.
    pub since: i64,
    /// What was refused.
    pub refused: Vec<NewRefusal>,
    /// What else happened.
    pub event: Option<NewEvent>,
}

/// Judges a beat. An equal number gets the kept answer, a lower one changes nothing.
pub(crate) fn judge(site: &Site, held: &mut Held, bank: &[Question], said: Said) -> Result<Answered> {
    if held.learner != said.learner {
        return Err(Error::not_found());
    }
    if said.position_ms > held.session.length.saturating_add(TOLERANCE) {
        return Err(Error::invalid("position", "beyond_end"));
    }
    let before = Before::of(&held.session);
    let Said { seq, position_ms: position, playing, visible, at, .. } = said;
    let beat = Beat { seq, position, playing, visible, now: at };
    let verdict = held.session.beat(beat).map_err(|_| Error::conflict("superseded"))?;
    let number = i64::try_from(seq).unwrap_or(i64::MAX);
    if number == held.last_seq
        && let Some(kept) = &held.last_answer
    {
        return Ok(Answered { answer: kept.clone(), change: None });
    }
    let progress = progress(site, &held.session, bank, &verdict);
    let answer = serde_json::to_string(&progress).map_err(Error::internal)?;
    if number <= held.last_seq {
        return Ok(Answered { answer, change: None });
    }
    held.last_seq = number;
    held.last_answer = Some(answer.clone());
    Ok(Answered { answer, change: Some(before.change(said.session, &held.session, beat, verdict)) })
}

/// What a session was before a beat: needed to say what the beat did.
pub(crate) struct Before {
    since: i64,
    position: i64,
    check: Option<(u32, bool)>,
}

impl Before {
    pub(crate) fn of(session: &Session) -> Self {
        let check = session.check().map(|c| (c.number, c.overdue));
        Self { since: session.last_at, position: session.position, check }
    }

    /// What a beat of a batch found; checks that come up in one appear at its end.
    pub(crate) fn at(judged: &Judged, session: &Session) -> Self {
        Self { since: judged.since, position: judged.from, ..Self::of(session) }
    }

    /// What has to be stored of the beat.
    pub(crate) fn change(&self, id: SessionId, session: &Session, beat: Beat, verdict: Verdict) -> Change {
        let open = session.check().map(|c| (c.number, c.overdue));
        let kind = match (self.check, open) {
            (before, Some((number, false))) if before.is_none_or(|(n, _)| n != number) => Some("asked"),
            (Some((_, false)), Some((_, true))) => Some("missed"),
            _ => None,
        };
        let event = kind.map(|kind| NewEvent {
            session: id,
            kind,
            detail: open.map_or(String::new(), |(number, _)| number.to_string()),
            at: beat.now,
        });
        let refused = self.refused(session, beat, &verdict, kind == Some("missed"));
        Change { added: verdict.added, since: self.since, refused, event }
    }

    fn refused(&self, session: &Session, beat: Beat, verdict: &Verdict, is_missed: bool) -> Vec<NewRefusal> {
        let target = beat.position.clamp(0, session.length);
        let seq = i64::try_from(beat.seq).unwrap_or(i64::MAX);
        let one = |(why, time): &(Refusal, i64)| {
            // The time of a missed check began when it appeared; what one beat credits lies at its beginning.
            let (part, from) = match (why, session.check()) {
                (Refusal::AttentionOverdue, Some(check)) => {
                    let since = if is_missed { check.held_since() } else { self.since };
                    ((check.position, check.position.saturating_add(*time).min(session.length)), since)
                }
                (Refusal::Gap, _) => {
                    let end = verdict.position;
                    ((end.saturating_sub(*time), end), self.since.saturating_add(verdict.credited))
                }
                _ => ((self.position.min(target), target.max(self.position)), self.since),
            };
            NewRefusal { seq, reason: why.code(), time: *time, part, wall: (from, beat.now) }
        };
        let is_worth = |r: &NewRefusal| r.time >= SHORTEST_KEPT && r.wall.1 - r.wall.0 >= SHORTEST_KEPT;
        verdict.refused.iter().map(one).filter(is_worth).collect()
    }
}

pub(crate) fn progress(site: &Site, session: &Session, bank: &[Question], verdict: &Verdict) -> Progress {
    let refused = |(why, time): &(Refusal, i64)| RefusedTime { reason: why.code(), seconds: seconds(*time) };
    Progress {
        credited: seconds(verdict.credited),
        total: seconds(verdict.total),
        pending: seconds(verdict.pending),
        refused: verdict.refused.iter().map(refused).collect(),
        attention: checks::waiting(site, session, bank),
        next_in: NEXT_IN,
    }
}

/// Milliseconds as seconds.
pub(crate) fn seconds(millis: i64) -> f64 {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).as_secs_f64()
}

/// Seconds as milliseconds; what is no time from 0 on is a wrong value.
pub(crate) fn millis(seconds: f64) -> Result<i64> {
    let time = Duration::try_from_secs_f64(seconds).ok().and_then(|d| i64::try_from(d.as_millis()).ok());
    time.ok_or_else(|| Error::invalid("position", "wrong_value"))
}
