//! Leases (domain §8): the server vouches for at most ten minutes of a session's time, and a batch of beats made without
//! a network meanwhile is credited within them. Lease and batch are signed, so neither times nor beats can be made up
//! for another session. At most the lease is gained, and never more than the clock. What a session had not told before a
//! newer one ended it is taken too, up to that moment: who changes the device loses nothing that was learned.
use base::{Error, Kind, PersonId, Result, SessionId, day};
use rules::learning::{Beat, Intervals, Judged, LONGEST_LEASE, Lease, Refusal, TOLERANCE, Verdict};
use site::Site;

use crate::{
    complete, enrol,
    progress::{self, Before, Change, MOST_SEQ, Progress},
    run::Run,
    store::{self, Held},
    store_credits::{self, Place},
    store_refusals,
};

/// One beat a second for the whole lease is more than any player sends.
pub(crate) const MOST_BEATS: usize = 600;

/// A lease as it is given away.
pub(crate) struct Issued {
    pub lease: String,
    pub key: String,
    pub seconds: i64,
}

/// A beat of a batch: when, in milliseconds after the lease was issued, and what a beat says.
#[derive(Clone, Copy)]
pub(crate) struct Late {
    pub after_ms: i64,
    pub seq: u64,
    pub position_ms: i64,
    pub playing: bool,
    pub visible: bool,
}

/// Issues a lease for the learner's living session.
pub(crate) async fn issue(site: &Site, learner: PersonId, id: SessionId) -> Result<Issued> {
    let found = store::sessions(&site.db, &[id]).await?.pop();
    let Some((_, held)) = found.filter(|(_, h)| h.learner == learner) else { return Err(Error::not_found()) };
    if held.session.ended {
        return Err(Error::conflict("superseded"));
    }
    let text = format!("{id}.{}", day::millis(site.now()));
    let lease = format!("{text}.{}", site.keys.mac("learning.lease", &[text.as_bytes()]));
    let key = site.keys.mac("learning.lease.key", &[lease.as_bytes()]);
    Ok(Issued { lease, key, seconds: LONGEST_LEASE / 1000 })
}

/// The lease's time, if it was issued here for the session.
fn read(site: &Site, id: SessionId, lease: &str) -> Option<Lease> {
    let (text, mac) = lease.rsplit_once('.')?;
    let is_ours = site.keys.mac_holds("learning.lease", &[text.as_bytes()], mac);
    let (session, at) = text.split_once('.')?;
    let is_its = is_ours && session == id.to_string();
    at.parse().ok().filter(|_| is_its).map(Lease::at)
}

/// What the batch's signature is over: the lease, then a line for each beat.
fn signed_text(lease: &str, beats: &[Late]) -> String {
    let line = |b: &Late| {
        let Late { after_ms, seq, position_ms, playing, visible } = b;
        format!("\n{after_ms} {seq} {position_ms} {} {}", u8::from(*playing), u8::from(*visible))
    };
    std::iter::once(lease.to_owned()).chain(beats.iter().map(line)).collect()
}

/// Takes a batch; the same one again changes nothing.
pub(crate) async fn take(
    site: &Site,
    learner: PersonId,
    id: SessionId,
    (lease, beats, signature): (&str, &[Late], &str),
) -> Result<Progress> {
    let vouched = read(site, id, lease).ok_or_else(refused)?;
    let key = site.keys.mac("learning.lease.key", &[lease.as_bytes()]);
    if !secrets::hmac_holds(key.as_bytes(), signed_text(lease, beats).as_bytes(), signature) {
        return Err(refused());
    }
    let tx = site.db.begin().await?;
    store::hold_learner(&tx, learner).await?;
    let mut held = store::hold(&tx, id, learner).await?;
    check(&held, beats)?;
    let course = catalogue::course(&tx, &catalogue::lecture(&tx, &held.lecture).await?.course).await?;
    if !course.is_open(site.now()) {
        return Err(enrol::withdrawn());
    }
    enrol::check_held(&tx, learner, &course, held.round).await?;
    let place = Place { learner, lecture: held.lecture.clone(), round: held.round, session: id };
    let said: Vec<Beat> = beats.iter().map(beat).collect();
    let before = Before::of(&held.session);
    let told = if held.session.ended {
        let left = Left { id, lease: vouched, said: &said, before };
        hand_over(site, &tx, &place, (&mut held, left)).await?
    } else {
        let judged = held.session.offline(vouched, &said, day::millis(site.now()));
        let judged = judged.map_err(|_| Error::conflict("superseded"))?;
        let told = Told::of(id, &mut held, before, judged);
        store::keep(&tx, (id, &held), site.now()).await?;
        told
    };
    keep(site, &tx, &place, &told).await?;
    if told.verdict.credited > 0 && held.session.is_complete() {
        complete::note(site, &tx, &place).await?;
    }
    let bank = catalogue::questions(&tx, &course.id).await?;
    tx.commit().await?;
    let total = held.session.total();
    let pending = held.session.check().map_or(0, |c| c.held.total());
    Ok(progress::progress(site, &held.session, &bank, &Verdict { total, pending, ..told.verdict }))
}

/// What an ended session had not told.
struct Left<'a> {
    id: SessionId,
    lease: Lease,
    said: &'a [Beat],
    before: Before,
}

/// What a batch was worth, what has to be stored of it, and the runs that it ended.
struct Told {
    verdict: Verdict,
    changes: Vec<Change>,
    ended: Vec<Run>,
}

impl Told {
    /// After a batch there is no answer to a single beat to repeat.
    fn of(id: SessionId, held: &mut Held, before: Before, judged: Vec<Judged>) -> Self {
        held.last_seq = i64::try_from(held.session.seq).unwrap_or(held.last_seq).max(held.last_seq);
        held.last_answer = None;
        let verdict = sum(&judged);
        let changes = changes(id, held, before, judged);
        let ended = changes.iter().flat_map(|c| held.credit(&c.added, c.since)).collect();
        Self { verdict, changes, ended }
    }
}

/// Judges what a session had not told when a newer one ended it. The living session hears of it: what was credited is
/// covered there too, and brings its next check nearer.
async fn hand_over(
    site: &Site,
    tx: &db::Tx,
    place: &Place,
    (held, left): (&mut Held, Left<'_>),
) -> Result<Told> {
    let living = store::open_one(tx, place.learner).await?;
    let credits = store_credits::credits(tx, place.learner, &place.lecture, place.round).await?;
    held.session.covered = store_credits::as_set(&credits);
    let over = store_refusals::span(tx, &left.id.to_string()).await?.ended_at.unwrap_or_default();
    let checked = living.as_ref().map_or(&held.session, |(_, next)| &next.session);
    let since_check = checked.attention.since_check();
    let judged = held.session.left_over(left.lease, left.said, (over, since_check));
    let added = judged.iter().flat_map(|j| j.verdict.added.as_slice().iter().copied());
    let added: Intervals = added.collect();
    let told = Told::of(left.id, held, left.before, judged);
    store::keep_ended(tx, left.id, held).await?;
    if let Some((id, mut next)) = living.filter(|_| !added.is_empty()) {
        next.session.attention.count_elsewhere(added.total());
        if next.lecture == place.lecture && next.round == place.round {
            next.session.covered.insert_all(&added);
        }
        store::keep(tx, (id, &next), site.now()).await?;
    }
    Ok(told)
}

fn refused() -> Error {
    Error::refused(Kind::Invalid, "lease_refused")
}

fn check(held: &Held, beats: &[Late]) -> Result<()> {
    if beats.is_empty() || beats.len() > MOST_BEATS {
        return Err(Error::invalid("beats", "wrong_value"));
    }
    if beats.iter().any(|b| b.seq > MOST_SEQ || b.position_ms < 0 || b.after_ms < 0) {
        return Err(Error::invalid("beats", "wrong_value"));
    }
    if beats.iter().any(|b| b.position_ms > held.session.length.saturating_add(TOLERANCE)) {
        return Err(Error::invalid("position", "beyond_end"));
    }
    Ok(())
}

fn beat(late: &Late) -> Beat {
    let Late { after_ms, seq, position_ms, playing, visible } = *late;
    Beat { seq, position: position_ms, playing, visible, now: after_ms }
}

/// The batch's answer: what its beats were worth together.
fn sum(judged: &[Judged]) -> Verdict {
    let mut refused: Vec<(Refusal, i64)> = vec![];
    for (why, time) in judged.iter().flat_map(|j| &j.verdict.refused) {
        match refused.iter_mut().find(|(known, _)| known == why) {
            Some((_, sum)) => *sum = sum.saturating_add(*time),
            None => refused.push((*why, *time)),
        }
    }
    Verdict {
        credited: judged.iter().map(|j| j.verdict.credited).sum(),
        total: 0,
        pending: 0,
        refused,
        added: judged.iter().flat_map(|j| j.verdict.added.as_slice().iter().copied()).collect(),
        position: judged.last().map_or(0, |j| j.verdict.position),
    }
}

fn changes(id: SessionId, held: &Held, first: Before, judged: Vec<Judged>) -> Vec<Change> {
    let mut before = Some(first);
    let one = |j: Judged| {
        let known = before.take().unwrap_or_else(|| Before::at(&j, &held.session));
        known.change(id, &held.session, j.beat, j.verdict)
    };
    judged.into_iter().map(one).collect()
}

async fn keep(site: &Site, tx: &db::Tx, place: &Place, told: &Told) -> Result<()> {
    let Told { changes, ended, .. } = told;
    let ended: Vec<_> = ended.iter().map(|run| (place, *run)).collect();
    store_credits::end(site, tx, &ended).await?;
    let refused: Vec<_> = changes.iter().flat_map(|c| c.refused.iter().map(|r| (place, r))).collect();
    store_refusals::refuse(site, tx, &refused).await?;
    let events: Vec<_> = changes.iter().filter_map(|c| c.event.clone()).collect();
    store_refusals::note(site, tx, &events).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_text_is_what_the_player_writes() {
        let beat = Late { after_ms: 15_000, seq: 7, position_ms: 30_000, playing: true, visible: false };
        assert_eq!(signed_text("lease", &[beat]), "lease\n15000 7 30000 1 0");
    }
}
