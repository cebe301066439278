//! Answers to attention checks.
use base::person::Code;
use base::{Error, PersonId, Result, SessionId, day};
use rules::learning::{Answered, Intervals, Refusal};
use serde_json::Value;
use site::Site;

use crate::{
    checks, complete, store,
    store_credits::{self, Place},
    store_refusals::{self, NewEvent, NewRefusal},
};

/// What an answer did.
pub(crate) struct Outcome {
    /// `in_time` or `late`.
    pub outcome: &'static str,
    /// What was credited of the time that waited.
    pub credited_ms: i64,
    /// Credited of the lecture in all.
    pub total_ms: i64,
    /// Where learning goes on.
    pub position_ms: i64,
}

/// Takes an answer; the same answer sent again is taken again. A wrong one says so and brings another question.
pub(crate) async fn answer(
    site: &Site,
    learner: PersonId,
    id: SessionId,
    (check, answer): (&str, &Value),
) -> Result<Outcome> {
    let number: u32 = check.parse().map_err(|_| Error::conflict("check_unknown"))?;
    let tx = site.db.begin().await?;
    let mut held = store::hold(&tx, id, learner).await?;
    let course = catalogue::course(&tx, &catalogue::lecture(&tx, &held.lecture).await?.course).await?;
    let bank = catalogue::questions(&tx, &course.id).await?;
    let now = site.now();
    let since = held.session.check().map_or(0, rules::learning::Check::held_since);
    let is_right = checks::is_right(&held.session, &bank, answer);
    let place = Place { learner, lecture: held.lecture.clone(), round: held.round, session: id };
    let answered = held
        .session
        .answer_check(number, is_right, day::millis(now))
        .map_err(|_| Error::conflict("superseded"))?;
    let (outcome, added) = match answered {
        Answered::InTime { added } => ("in_time", added),
        Answered::Late { position, refused } => {
            let at = day::millis(now);
            let part = (position, position.saturating_add(refused).min(held.session.length));
            let reason = Refusal::AttentionOverdue.code();
            let late = NewRefusal { seq: held.last_seq, reason, time: refused, part, wall: (since, at) };
            if refused > 0 {
                store_refusals::refuse(site, &tx, &[(&place, &late)]).await?;
            }
            ("late", Intervals::default())
        }
        Answered::Wrong => {
            note(site, &tx, id, ("wrong", number)).await?;
            let next = checks::waiting(site, &held.session, &bank);
            store::keep(&tx, (id, &held), now).await?;
            tx.commit().await?;
            let next = serde_json::to_value(next).map_err(Error::internal)?;
            return Err(Error::invalid("answer", "answer_wrong").with("attention", next));
        }
        Answered::NoCheck if held.last_check == i64::from(number) && number > 0 => {
            ("in_time", Intervals::default())
        }
        Answered::NoCheck => return Err(Error::conflict("check_unknown")),
    };
    held.last_check = i64::from(number);
    note(site, &tx, id, (outcome, number)).await?;
    let ended: Vec<_> = held.credit(&added, since).into_iter().map(|run| (&place, run)).collect();
    store::keep(&tx, (id, &held), now).await?;
    store_credits::end(site, &tx, &ended).await?;
    if held.session.is_complete() {
        complete::note(site, &tx, &place).await?;
    }
    tx.commit().await?;
    let (total_ms, position_ms) = (held.session.total(), held.session.position);
    Ok(Outcome { outcome, credited_ms: added.total(), total_ms, position_ms })
}

async fn note(
    site: &Site,
    tx: &db::Tx,
    session: SessionId,
    (kind, check): (&'static str, u32),
) -> Result<()> {
    let event = NewEvent { session, kind, detail: check.to_string(), at: day::millis(site.now()) };
    store_refusals::note(site, tx, &[event]).await
}
