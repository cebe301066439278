//! Appeals (issue "nothing is voided silently"): every refused stretch can be appealed with the bundle of what is known
//! about it. What is granted is credited within the time that really passed and was credited nowhere else, so an appeal
//! cannot outrun the clock either.
use audit::Deed;
use base::{Error, PersonId, Result, SessionId, day};
use rules::learning::{Interval, Intervals, LONGEST_BEAT};
use serde::Serialize;
use serde_json::{Value, json};
use site::Site;
use utoipa::ToSchema;

use crate::{
    complete,
    run::Run,
    store,
    store_appeals::{self as appeals, Appeal, State},
    store_credits::{self, Place, moment},
    store_refusals::{self as refusals, Refusal},
};

/// What happened so long before and after belongs to the bundle.
const AROUND_MS: i64 = 10 * 60_000;
/// A reason is a sentence or two.
const MOST_WORDS: usize = 1_000;

/// Files an appeal; filing it again answers the first one.
pub(crate) async fn file(site: &Site, learner: PersonId, refusal: SessionId, words: &str) -> Result<Appeal> {
    let words = words.trim();
    if words.is_empty() {
        return Err(Error::invalid("words", "required"));
    }
    if words.chars().count() > MOST_WORDS {
        return Err(Error::invalid("words", "too_long"));
    }
    let refused = refusals::one(&site.db, learner, refusal).await?;
    let bundle = evidence(site, learner, &refused).await?;
    let bundle = serde_json::to_string(&bundle).map_err(Error::internal)?;
    let tx = site.db.begin().await?;
    appeals::insert(&tx, site.new_id(), (learner, &refused.id), (words, &bundle), site.now()).await?;
    let appeal = appeals::of_refusal(&tx, learner, &refused.id).await?;
    tx.commit().await?;
    Ok(appeal)
}

/// Everything known about a refused stretch.
#[derive(Serialize, ToSchema)]
pub(crate) struct Evidence {
    /// The stretch (`refusal`), its `lecture` and `session`, what was `credited` and `refused` around it, the `checks`, and
    /// `made_at`.
    #[schema(value_type = Object)]
    bundle: Value,
    /// A seal over it that this platform can check again.
    seal: String,
}

/// Everything known about a refused stretch, with a seal that this platform can check again.
pub(crate) async fn evidence(site: &Site, learner: PersonId, refused: &Refusal) -> Result<Evidence> {
    let span = (refused.wall_from - AROUND_MS, refused.wall_to + AROUND_MS);
    let lecture = catalogue::lecture(&site.db, &refused.lecture_id).await?;
    let session = refusals::span(&site.db, &refused.session_id).await?;
    let credited = refusals::credited(&site.db, learner, span).await?;
    let around = refusals::around(&site.db, &refused.session_id, span).await?;
    let events = refusals::events(&site.db, &refused.session_id, span).await?;
    let bundle = json!({
        "refusal": stretch(refused),
        "lecture": {"id": lecture.id, "course": lecture.course, "title": lecture.title, "seconds": lecture.seconds},
        "session": {
            "id": refused.session_id, "opened_at": moment(session.opened_at),
            "ended_at": session.ended_at.map(moment),
        },
        "credited": credited.iter().map(|c| json!({
            "lecture": c.lecture_id, "from_ms": c.from_ms, "to_ms": c.to_ms,
            "wall_from": moment(c.wall_from), "wall_to": moment(c.wall_to),
        })).collect::<Vec<_>>(),
        "refused": around.iter().map(stretch).collect::<Vec<_>>(),
        "checks": events.iter().map(|e| json!({"at": moment(e.at), "kind": e.kind, "check": e.detail})).collect::<Vec<_>>(),
        "made_at": day::rfc3339(site.now()),
    });
    let seal = site.keys.mac("learning.evidence", &[bundle.to_string().as_bytes()]);
    Ok(Evidence { bundle, seal })
}

fn stretch(r: &Refusal) -> Value {
    json!({
        "id": r.id, "reason": r.reason, "seq": r.seq, "milliseconds": r.time_ms, "from_ms": r.from_ms, "to_ms": r.to_ms,
        "wall_from": moment(r.wall_from), "wall_to": moment(r.wall_to),
    })
}

/// Decides an appeal, once; answers it as it is then.
pub(crate) async fn decide(
    site: &Site,
    decider: PersonId,
    id: SessionId,
    (is_granted, answer): (bool, &str),
) -> Result<Appeal> {
    let answer = answer.trim();
    if answer.is_empty() || answer.chars().count() > MOST_WORDS {
        return Err(Error::invalid("answer", "required"));
    }
    let tx = site.db.begin().await?;
    let appeal = appeals::hold(&tx, id).await?;
    let learner: PersonId = appeal.learner_id.parse()?;
    if appeal.state != State::Waiting.code() {
        return Err(Error::conflict("appeal_decided"));
    }
    if learner == decider {
        return Err(Error::refused(base::Kind::Denied, "own_decision"));
    }
    let credited = if is_granted { grant(site, &tx, learner, &appeal).await? } else { 0 };
    let state = if is_granted { State::Granted } else { State::Upheld };
    appeals::decide(&tx, id, (state, answer, credited), (decider, site.now())).await?;
    let said = json!({
        "state": {"before": State::Waiting.code(), "after": state.code()},
        "learner": appeal.learner_id, "credited_seconds": credited / 1000,
    });
    audit::record(site, &tx, Deed::here(Some(decider), "appeal.decide", &id.to_string(), said)).await?;
    tx.commit().await?;
    appeals::one(&site.db, id).await
}

/// Credits what was refused as far as the time that passed bears it; answers how much.
async fn grant(site: &Site, tx: &db::Tx, learner: PersonId, appeal: &Appeal) -> Result<i64> {
    let refused = refusals::one(tx, learner, appeal.refusal_id.parse()?).await?;
    store::hold_learner(tx, learner).await?;
    let living = store::living(tx, learner, &refused.lecture_id, refused.round).await?;
    let mut covered = store_credits::as_set(
        &store_credits::credits(tx, learner, &refused.lecture_id, refused.round).await?,
    );
    if let Some((_, held)) = &living {
        covered.insert_all(&held.session.covered);
    }
    let wall = (refused.wall_from, refused.wall_to);
    let free = refusals::free(&refusals::credited(tx, learner, wall).await?, wall);
    let most = refused.time_ms.min(free.total());
    let added = worth(&covered, (refused.from_ms, refused.to_ms), most);
    let place = Place {
        learner,
        lecture: refused.lecture_id.clone(),
        round: refused.round,
        session: refused.session_id.parse()?,
    };
    let runs: Vec<_> =
        added.laid_into(&free).into_iter().map(|(part, wall)| (&place, Run { part, wall })).collect();
    store_credits::end(site, tx, &runs).await?;
    covered.insert_all(&added);
    let lecture = catalogue::lecture(tx, &refused.lecture_id).await?;
    if let Some((id, mut held)) = living {
        held.session.covered.insert_all(&added);
        store::keep(tx, (id, &held), site.now()).await?;
    }
    if !added.is_empty() && rules::learning::is_complete(&covered, lecture.seconds * 1000) {
        complete::note(site, tx, &place).await?;
    }
    Ok(added.total())
}

/// The first missing milliseconds of a part, at most so many; a beat's part is never longer than a lease's beats allow.
fn worth(covered: &Intervals, (from, to): (i64, i64), most: i64) -> Intervals {
    let Some(part) = Interval::new(from, to) else { return Intervals::default() };
    let mut left = most.clamp(0, 4 * LONGEST_BEAT);
    let take = |i: &Interval| {
        let taken = i.length().min(left);
        left -= taken;
        Interval::new(i.from, i.from + taken)
    };
    covered.missing(part).as_slice().iter().filter_map(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_is_missing_and_no_more_than_the_time_that_passed() {
        let covered: Intervals = [Interval { from: 10, to: 20 }].into_iter().collect();
        let found = |part, most| worth(&covered, part, most).as_slice().to_vec();
        assert_eq!(found((0, 40), 15), [Interval { from: 0, to: 10 }, Interval { from: 20, to: 25 }]);
        assert!(found((12, 18), 15).is_empty());
        assert!(found((0, 40), 0).is_empty());
    }
}
