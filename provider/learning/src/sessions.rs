//! Opening a learning session: one a learner at this provider, the newest counts (domain §8).
use base::{Error, Kind, PersonId, Result, SessionId, day, person::Code, random};
use rules::learning::{Attention, Interval, Opening, Refusal, Session, is_complete};
use site::Site;

use crate::{
    enrol,
    store::{self, Held},
    store_credits::{self, Place},
    store_refusals::{self, NewRefusal},
};

/// A session just opened.
pub(crate) struct Opened {
    pub id: SessionId,
    pub seconds: i64,
    pub resume_at_ms: i64,
    pub next_seq: u64,
}

/// Opens a session and ends the learner's older one.
pub(crate) async fn open(site: &Site, learner: PersonId, lecture: &str) -> Result<Opened> {
    let lecture = catalogue::lecture(&site.db, lecture).await?;
    let course = catalogue::course(&site.db, &lecture.course).await?;
    let round = enrol::ensure(site, learner, &course).await?;
    let tx = site.db.begin().await?;
    store::hold_learner(&tx, learner).await?;
    if !course.free && !orders::begin(site, &tx, learner, (&course.id, round)).await? {
        return Err(Error::refused(Kind::Unpaid, "payment_required"));
    }
    let now = site.now();
    let before = store::latest(&tx, learner).await?;
    if let Some((id, held)) = before.as_ref().filter(|(_, held)| !held.session.ended) {
        give_up_pending(site, &tx, *id, held).await?;
    }
    store::end_open(&tx, learner, now).await?;
    let before = before.map(|(_, held)| held.session);
    let since_check = before.as_ref().map_or(0, |s| s.attention.since_check());
    // Programs' clocks may differ a little: no moment is counted in two sessions.
    let begins = before.map_or(day::millis(now), |s| s.last_at.max(day::millis(now)));
    let covered = store_credits::as_set(&store_credits::credits(&tx, learner, &lecture.id, round).await?);
    let mut opening = Opening {
        length: lecture.seconds * 1000,
        resume_at: store::position(&tx, learner, &lecture.id, round).await?,
        now: begins,
        covered,
        attention: Attention::new(random::bytes(&*site.random), since_check),
    };
    opening.resume_at = resume_at(&opening);
    let (id, session) = (site.new_id(), Session::open(opening));
    let (resume_at_ms, next_seq) = (session.position, session.seq + 1);
    let held = Held {
        learner,
        lecture: lecture.id,
        round,
        session,
        last_seq: 0,
        last_answer: None,
        last_check: 0,
        version: 0,
        run: None,
    };
    store::insert(&tx, id, &held, now).await?;
    tx.commit().await?;
    Ok(Opened { id, seconds: lecture.seconds, resume_at_ms, next_seq })
}

/// What waited for the answer to a check ends with its session: it is refused, so that it can be appealed.
async fn give_up_pending(site: &Site, tx: &db::Tx, id: SessionId, held: &Held) -> Result<()> {
    let Some(check) = held.session.check().filter(|c| !c.held.is_empty()) else { return Ok(()) };
    let place =
        Place { learner: held.learner, lecture: held.lecture.clone(), round: held.round, session: id };
    let time = check.held.total();
    let pending = NewRefusal {
        seq: held.last_seq,
        reason: Refusal::Superseded.code(),
        time,
        part: (check.position, check.position.saturating_add(time).min(held.session.length)),
        wall: (check.held_since(), held.session.last_at),
    };
    store_refusals::refuse(site, tx, &[(&place, &pending)]).await
}

/// Where the learner stopped; from the very end, the first part still missing, or the beginning.
fn resume_at(opening: &Opening) -> i64 {
    const END_MS: i64 = 1_000;
    if opening.resume_at < opening.length - END_MS {
        return opening.resume_at;
    }
    let Some(whole) = Interval::new(0, opening.length) else { return 0 };
    if is_complete(&opening.covered, opening.length) {
        return 0;
    }
    opening.covered.missing(whole).as_slice().first().map_or(0, |i| i.from)
}
