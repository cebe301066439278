//! Heartbeats: each one in one transaction under the session's lock, judged by the rules, its answer kept.
use std::time::Duration;

use base::{Error, PersonId, Result, SessionId, day, person::Code};
use rules::learning::{Beat, Refusal, Session, Verdict};
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

use crate::{
    complete, store,
    store_credits::{self, Place},
};

/// How soon the next beat is wanted, in seconds.
const NEXT_IN: i64 = rules::learning::BEAT_EVERY / 1000;

/// What a client says.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    pub seq: i64,
    pub position_ms: i64,
    pub playing: bool,
    pub visible: bool,
}

/// Time that was not credited.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedTime {
    reason: String,
    seconds: f64,
}

/// An attention check that waits.
#[derive(Serialize, ToSchema)]
pub(crate) struct WaitingCheck {
    id: String,
    kind: &'static str,
    prompt: String,
    options: Vec<String>,
    due_in: i64,
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

/// Takes a heartbeat; the answer is JSON text. An equal number gets the kept answer, a lower one changes nothing.
pub(crate) async fn beat(site: &Site, learner: PersonId, id: SessionId, said: Said) -> Result<String> {
    let tx = site.db.begin().await?;
    let mut held = store::hold(&tx, id, learner).await?;
    let now = site.now();
    let since = held.session.last_at;
    let beat = Beat {
        seq: u64::try_from(said.seq).unwrap_or(0),
        position: said.position_ms,
        playing: said.playing,
        visible: said.visible,
        now: day::millis(now),
    };
    let verdict = held.session.beat(beat).map_err(|_| Error::conflict("superseded"))?;
    if said.seq == held.last_seq
        && let Some(kept) = held.last_answer
    {
        return Ok(kept);
    }
    let answer = serde_json::to_string(&progress(site, &held.session, &verdict)).map_err(Error::internal)?;
    if said.seq > held.last_seq {
        held.last_seq = said.seq;
        held.last_answer = Some(answer.clone());
        let lecture = held.lecture.clone();
        let place = Place { learner, lecture: &lecture, session: id };
        store_credits::credit(site, &tx, place, &verdict.added, since).await?;
        store_credits::move_to(&tx, place, held.session.position, now).await?;
        complete::note(site, &tx, place, &held.session).await?;
        store::keep(&tx, id, &held).await?;
        tx.commit().await?;
    }
    Ok(answer)
}

fn progress(site: &Site, session: &Session, verdict: &Verdict) -> Progress {
    let refused = |(why, time): &(Refusal, i64)| RefusedTime { reason: why.code(), seconds: seconds(*time) };
    Progress {
        credited: seconds(verdict.credited),
        total: seconds(verdict.total),
        pending: seconds(verdict.pending),
        refused: verdict.refused.iter().map(refused).collect(),
        attention: waiting_check(site, session),
        next_in: NEXT_IN,
    }
}

fn waiting_check(site: &Site, session: &Session) -> Option<WaitingCheck> {
    let check = session.check()?;
    let left = check.due_at() - day::millis(site.now());
    Some(WaitingCheck {
        id: check.number.to_string(),
        kind: "confirm",
        prompt: site.texts.get("provider-attention"),
        options: vec![],
        due_in: (left / 1000).max(0),
    })
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
