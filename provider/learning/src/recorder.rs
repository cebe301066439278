//! The writers of heartbeats: each gathers what waits into one transaction and answers after it is durable (group commit).
//! Sessions in memory are only a cache: each is written under its version, so what another program or an attention
//! answer changed meanwhile is read again and judged anew.
use std::{
    collections::{BTreeMap, HashSet, btree_map::Entry},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    mem::take,
    sync::OnceLock,
};

use base::{Error, Kind, PersonId, Result, SessionId, day};
use site::Site;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};

use crate::{
    cache::{Cache, Kept},
    complete, enrol, pace,
    progress::{self, Change, Said},
    run::Run,
    store::{self, Held},
    store_credits::{self, Place},
    store_refusals,
};

/// So many beats go into one transaction.
const MOST: usize = 1024;
/// So many may wait for a writer; what comes on top is told to come again.
const QUEUE: usize = 16_384;
/// So many writers there are: one judges while the other waits for the disk. All beats of a learner are one writer's.
const WRITERS: usize = 2;
/// How often a beat is judged anew because its session changed meanwhile, or the transaction failed.
const TRIES: usize = 3;

struct Waiting {
    said: Said,
    reply: oneshot::Sender<Result<String>>,
}

/// Takes heartbeats; starts a writer with its first one.
#[derive(Default)]
pub(crate) struct Recorder {
    queues: [OnceLock<mpsc::Sender<Waiting>>; WRITERS],
    hasher: BuildHasherDefault<DefaultHasher>,
    pace: pace::Pace,
}

impl Recorder {
    /// Records a beat; the answer comes after the commit.
    pub(crate) async fn record(&self, site: &Site, said: Said) -> Result<String> {
        if !self.pace.allows(said.learner, said.at) {
            return Err(Error::refused(Kind::TooMany, "too_many_beats").retry_after(1));
        }
        let (reply, answer) = oneshot::channel();
        self.queue(site, said.learner)?.try_send(Waiting { said, reply }).map_err(|e| match e {
            TrySendError::Full(_) => busy(),
            TrySendError::Closed(_) => Error::internal("the recorder has ended"),
        })?;
        answer.await.map_err(Error::internal)?
    }

    /// What waits for the learner's writer.
    fn queue(&self, site: &Site, learner: PersonId) -> Result<&mpsc::Sender<Waiting>> {
        let which = self.hasher.hash_one(learner) % WRITERS as u64;
        let queue = usize::try_from(which).ok().and_then(|which| self.queues.get(which));
        let queue = queue.ok_or_else(|| Error::internal("no writer"))?;
        Ok(queue.get_or_init(|| {
            let (send, receive) = mpsc::channel(QUEUE);
            tokio::spawn(run(site.clone(), receive));
            send
        }))
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
    kept: Box<Kept>,
    changes: Vec<Change>,
    ended: Vec<Run>,
    answered: Vec<(Waiting, String)>,
}

impl Draft {
    const fn of(kept: Box<Kept>) -> Self {
        Self { kept, changes: vec![], ended: vec![], answered: vec![] }
    }

    /// Judges a beat; a refusal, and the repetition of what is durable, are answered at once.
    fn judge(&mut self, site: &Site, waiting: Waiting) {
        let Kept { held, taught, .. } = &mut *self.kept;
        let judged = if taught.course.is_open(day::from_millis(waiting.said.at)) {
            progress::judge(site, held, &taught.bank, waiting.said)
        } else {
            Err(enrol::withdrawn())
        };
        match judged {
            Ok(judged) if judged.change.is_some() || !self.changes.is_empty() => {
                if let Some(change) = judged.change {
                    self.ended.extend(held.credit(&change.added, change.since));
                    self.changes.push(change);
                }
                self.answered.push((waiting, judged.answer));
            }
            Ok(judged) => drop(waiting.reply.send(Ok(judged.answer))),
            Err(error) => drop(waiting.reply.send(Err(error))),
        }
    }

    /// Whether more has to be stored than the session itself: most beats only lengthen its run.
    fn has_more(&self) -> bool {
        !self.ended.is_empty()
            || self.is_at_the_end()
            || self.changes.iter().any(|c| !c.refused.is_empty() || c.event.is_some())
    }

    /// Whether the lecture became complete with these beats: that comes with a credit, not later.
    fn is_at_the_end(&self) -> bool {
        self.kept.held.session.is_complete() && self.changes.iter().any(|c| !c.added.is_empty())
    }

    fn place(&self, session: SessionId) -> Place {
        let Held { learner, lecture, round, .. } = &self.kept.held;
        Place { learner: *learner, lecture: lecture.clone(), round: *round, session }
    }
}

type Drafts = BTreeMap<SessionId, Draft>;

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
        Ok(written) => answer(cache, drafts, &written),
        Err(error) => {
            tracing::error!(%error, beats = drafts.len(), "heartbeats could not be written");
            drafts.into_values().flat_map(again).collect()
        }
    }
}

/// Judges every beat in its order.
fn judge(site: &Site, cache: &mut Cache, batch: Vec<Waiting>) -> Drafts {
    let mut drafts = Drafts::new();
    for waiting in batch {
        let id = waiting.said.session;
        let draft = match drafts.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let Some(kept) = cache.take(id) else {
                    let _ = waiting.reply.send(Err(Error::not_found()));
                    continue;
                };
                place.insert(Draft::of(kept))
            }
        };
        draft.judge(site, waiting);
    }
    // Refused and repeated beats leave their session as it was.
    for (id, unchanged) in drafts.extract_if(.., |_, draft| draft.changes.is_empty()) {
        cache.put(id, unchanged.kept);
    }
    drafts
}

/// Makes a batch durable; answers which sessions were written.
async fn commit(site: &Site, drafts: &Drafts) -> Result<HashSet<SessionId>> {
    let held: Vec<(SessionId, &Held)> = drafts.iter().map(|(id, draft)| (*id, &draft.kept.held)).collect();
    let (tx, written) = update(site, &held).await?;
    let with_more = drafts.iter().filter(|(id, draft)| draft.has_more() && written.contains(id));
    let places: Vec<(Place, &Draft)> = with_more.map(|(id, draft)| (draft.place(*id), draft)).collect();
    let ended: Vec<_> =
        places.iter().flat_map(|(place, draft)| draft.ended.iter().map(move |run| (place, *run))).collect();
    store_credits::end(site, &tx, &ended).await?;
    tell_refused(site, &tx, &places).await?;
    for (place, _) in places.iter().filter(|(_, draft)| draft.is_at_the_end()) {
        complete::note(site, &tx, place).await?;
    }
    tx.commit().await?;
    Ok(written)
}

/// Begins the transaction with the sessions; answers which were written.
async fn update(site: &Site, held: &[(SessionId, &Held)]) -> Result<(db::Tx, HashSet<SessionId>)> {
    // What can be done before the transaction does not hold up other writers.
    let update = store::Update::of(held, site.now())?;
    let tx = site.db.begin().await?;
    if update.run(&tx).await? {
        return Ok((tx, held.iter().map(|(id, _)| *id).collect()));
    }
    // Which of them was changed meanwhile is asked of a transaction that has written none.
    drop(tx);
    let update = store::Update::of(held, site.now())?;
    let tx = site.db.begin().await?;
    let written = update.run_each(&tx).await?;
    Ok((tx, written))
}

/// Keeps what was refused and which checks came up.
async fn tell_refused(site: &Site, tx: &db::Tx, places: &[(Place, &Draft)]) -> Result<()> {
    let changes = || places.iter().flat_map(|(place, draft)| draft.changes.iter().map(move |c| (place, c)));
    let refused: Vec<_> =
        changes().flat_map(|(place, c)| c.refused.iter().map(move |r| (place, r))).collect();
    let events: Vec<_> = changes().filter_map(|(_, c)| c.event.clone()).collect();
    store_refusals::refuse(site, tx, &refused).await?;
    store_refusals::note(site, tx, &events).await
}

/// Answers what was written; the rest is read and judged anew.
fn answer(cache: &mut Cache, drafts: Drafts, written: &HashSet<SessionId>) -> Vec<Waiting> {
    let mut stale = vec![];
    for (id, mut draft) in drafts {
        if !written.contains(&id) {
            stale.extend(again(draft));
            continue;
        }
        draft.kept.held.version += 1;
        cache.put(id, draft.kept);
        for (waiting, answer) in draft.answered {
            let _ = waiting.reply.send(Ok(answer));
        }
    }
    stale
}

fn again(draft: Draft) -> impl Iterator<Item = Waiting> {
    draft.answered.into_iter().map(|(waiting, _)| waiting)
}
