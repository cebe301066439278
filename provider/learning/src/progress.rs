//! Heartbeats: what a client says, how a beat is judged on a session held in memory, and what it is answered.
use std::time::Duration;

use base::{Error, PersonId, Result, SessionId, person::Code};
use catalogue::Question;
use rules::learning::{Beat, Intervals, Refusal, Session, TOLERANCE, Verdict};
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

use crate::{
    checks::{self, WaitingCheck},
    store::Held,
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

/// What a beat did to the session in memory.
pub(crate) struct Judged {
    pub answer: String,
    /// What was credited, and since when; nothing where the beat changed nothing.
    pub change: Option<(Intervals, i64)>,
}

/// Judges a beat. An equal number gets the kept answer, a lower one changes nothing.
pub(crate) fn judge(site: &Site, held: &mut Held, bank: &[Question], said: Said) -> Result<Judged> {
    if held.learner != said.learner {
        return Err(Error::not_found());
    }
    if said.position_ms > held.session.length.saturating_add(TOLERANCE) {
        return Err(Error::invalid("position", "beyond_end"));
    }
    let since = held.session.last_at;
    let Said { seq, position_ms: position, playing, visible, at, .. } = said;
    let beat = Beat { seq, position, playing, visible, now: at };
    let verdict = held.session.beat(beat).map_err(|_| Error::conflict("superseded"))?;
    let number = i64::try_from(seq).unwrap_or(i64::MAX);
    if number == held.last_seq
        && let Some(kept) = &held.last_answer
    {
        return Ok(Judged { answer: kept.clone(), change: None });
    }
    let progress = progress(site, &held.session, bank, &verdict);
    let answer = serde_json::to_string(&progress).map_err(Error::internal)?;
    if number <= held.last_seq {
        return Ok(Judged { answer, change: None });
    }
    held.last_seq = number;
    held.last_answer = Some(answer.clone());
    Ok(Judged { answer, change: Some((verdict.added, since)) })
}

fn progress(site: &Site, session: &Session, bank: &[Question], verdict: &Verdict) -> Progress {
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
