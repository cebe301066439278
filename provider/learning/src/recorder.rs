//! The one writer of heartbeats: gathers what waits into one transaction and answers after it is durable (group commit).
//! Sessions in memory are only a cache: each is written under its version, so what another program or an attention
//! answer changed meanwhile is read again and judged anew.
use std::{
    collections::BTreeMap,
    mem::take,
    sync::{Arc, OnceLock},
};

use base::{Error, Kind, Result, SessionId, day};
use site::Site;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use crate::{
    cache::{Cache, Taught},
    complete, enrol, pace,
    progress::{self, Change, Said},
    store::{self, Held},
    store_credits::{self, Credited, Place},
    store_refusals,
};

/// So many beats go into one transaction.
const MOST: usize = 1024;
/// So many may wait; what comes on top is told to come again.
const QUEUE: usize = 32_768;
/// How often a beat is judged anew because its session changed meanwhile, or the transaction failed.
const TRIES: usize = 3;

struct Waiting {
    said: Said,
    reply: oneshot::Sender<Result<String>>,
}

/// Takes heartbeats; starts its writer with the first one.
#[derive(Default)]
pub(crate) struct Recorder {
    queue: OnceLock<mpsc::Sender<Waiting>>,
    pace: pace::Pace,
}

impl Recorder {
    /// Records a beat; the answer comes after the commit.
    pub(crate) async fn record(&self, site: &Site, said: Said) -> Result<String> {
        if !self.pace.allows(said.learner, said.at) {
            return Err(Error::refused(Kind::TooMany, "too_many_beats").retry_after(1));
        }
        let (reply, answer) = oneshot::channel();
        let queue = self.queue.get_or_init(|| {
            let (send, receive) = mpsc::channel(QUEUE);
            tokio::spawn(run(site.clone(), receive));
            send
        });
        queue.try_send(Waiting { said, reply }).map_err(|e| match e {
            TrySendError::Full(_) => busy(),
            TrySendError::Closed(_) => Error::internal("the recorder has ended"),
        })?;
        answer.await.map_err(Error::internal)?
    }
}

fn busy() -> Error {
    Error::refused(Kind::Unavailable, "recorder_busy").retry_after(2)
}

async fn run(site: Site, mut queue: mpsc::Receiver<Waiting>) {
    let mut cache = Cache::default();
    let mut waiting = Vec::with_capacity(MOST);
    while queue.recv_many(&mut waiting, MOST).await > 0 {
        for _ in 0..TRIES {
            waiting = record(&site, &mut cache, take(&mut waiting)).await;
            if waiting.is_empty() {
                break;
            }
        }
        for late in waiting.drain(..) {
            let _ = late.reply.send(Err(busy()));
        }
    }
}

/// A session with what waits for its commit.
struct Draft {
    held: Held,
    taught: Arc<Taught>,
    changes: Vec<Change>,
    answered: Vec<(Waiting, String)>,
}

/// Judges and commits a batch; gives back what has to be judged anew.
async fn record(site: &Site, cache: &mut Cache, batch: Vec<Waiting>) -> Vec<Waiting> {
    let ids: Vec<SessionId> = batch.iter().map(|w| w.said.session).collect();
    if let Err(error) = cache.load(site, &ids).await {
        tracing::error!(%error, "learning sessions could not be read");
        return batch;
    }
    let drafts = judge(site, cache, batch);
    if drafts.is_empty() {
        return vec![];
    }
    match commit(site, &drafts).await {
        Ok(kept) => answer(cache, drafts, &kept),
        Err(error) => {
            tracing::error!(%error, beats = drafts.len(), "heartbeats could not be written");
            drafts.into_iter().flat_map(|(id, draft)| again(cache, id, draft)).collect()
        }
    }
}

/// Judges every beat in its order; refusals and repetitions are answered at once.
fn judge(site: &Site, cache: &Cache, batch: Vec<Waiting>) -> BTreeMap<SessionId, Draft> {
    let mut drafts: BTreeMap<SessionId, Draft> = BTreeMap::new();
    for waiting in batch {
        let id = waiting.said.session;
        let Some((held, taught)) = cache.get(id) else {
            let _ = waiting.reply.send(Err(Error::not_found()));
            continue;
        };
        let is_new = !drafts.contains_key(&id);
        let draft = drafts.entry(id).or_insert_with(|| Draft {
            held: held.clone(),
            taught: Arc::clone(taught),
            changes: vec![],
            answered: vec![],
        });
        let judged = if draft.taught.course.is_open(day::from_millis(waiting.said.at)) {
            progress::judge(site, &mut draft.held, &draft.taught.bank, waiting.said)
        } else {
            Err(enrol::withdrawn())
        };
        match judged {
            Ok(judged) if judged.change.is_some() || !draft.changes.is_empty() => {
                draft.changes.extend(judged.change);
                draft.answered.push((waiting, judged.answer));
                continue;
            }
            Ok(judged) => drop(waiting.reply.send(Ok(judged.answer))),
            Err(error) => drop(waiting.reply.send(Err(error))),
        }
        if is_new {
            drafts.remove(&id);
        }
    }
    drafts
}

/// Makes a batch durable; answers which sessions were written.
async fn commit(
    site: &Site,
    drafts: &BTreeMap<SessionId, Draft>,
) -> Result<std::collections::HashSet<SessionId>> {
    let now = site.now();
    let tx = site.db.begin().await?;
    let held: Vec<(SessionId, &Held)> = drafts.iter().map(|(id, draft)| (*id, &draft.held)).collect();
    let kept = store::keep(&tx, &held, now).await?;
    let places: Vec<(Place, &Draft)> = drafts
        .iter()
        .filter(|(id, _)| kept.contains(id))
        .map(|(id, draft)| {
            let Held { learner, lecture, round, .. } = &draft.held;
            let place = Place { learner: *learner, lecture: lecture.clone(), round: *round, session: *id };
            (place, draft)
        })
        .collect();
    let credited: Vec<Credited<'_>> = places
        .iter()
        .flat_map(|(place, draft)| {
            draft.changes.iter().map(|c| Credited { place, added: &c.added, since: c.since })
        })
        .collect();
    store_credits::credit(site, &tx, &credited).await?;
    tell_refused(site, &tx, &places).await?;
    // Few of a batch: those that came to their lecture's end with this very beat.
    for (place, _) in places.iter().filter(|(_, d)| d.held.session.is_complete() && is_news(d)) {
        complete::note(site, &tx, place).await?;
    }
    tx.commit().await?;
    Ok(kept)
}

/// Keeps what was refused and which checks came up; most beats bring neither.
async fn tell_refused(site: &Site, tx: &db::Tx, places: &[(Place, &Draft)]) -> Result<()> {
    let changes = || places.iter().flat_map(|(place, draft)| draft.changes.iter().map(move |c| (place, c)));
    let refused: Vec<_> =
        changes().flat_map(|(place, c)| c.refused.iter().map(move |r| (place, r))).collect();
    let events: Vec<_> = changes().filter_map(|(_, c)| c.event.clone()).collect();
    store_refusals::refuse(site, tx, &refused).await?;
    store_refusals::note(site, tx, &events).await
}

/// Whether the batch credited anything: a lecture becomes complete with a credit, not later.
fn is_news(draft: &Draft) -> bool {
    draft.changes.iter().any(|c| !c.added.is_empty())
}

/// Answers what was written; the rest is forgotten and judged anew.
fn answer(
    cache: &mut Cache,
    drafts: BTreeMap<SessionId, Draft>,
    kept: &std::collections::HashSet<SessionId>,
) -> Vec<Waiting> {
    let mut stale = vec![];
    for (id, mut draft) in drafts {
        if !kept.contains(&id) {
            stale.extend(again(cache, id, draft));
            continue;
        }
        draft.held.version += 1;
        for (waiting, answer) in draft.answered {
            let _ = waiting.reply.send(Ok(answer));
        }
        cache.put(id, draft.held);
    }
    stale
}

fn again(cache: &mut Cache, id: SessionId, draft: Draft) -> Vec<Waiting> {
    cache.forget(id);
    draft.answered.into_iter().map(|(waiting, _)| waiting).collect()
}
