//! The one writer: requests that wait at the same time are written together, and each is answered when it is durable.
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI64, Ordering},
};

use base::{Error, Result};
use site::Site;
use tokio::sync::{mpsc, oneshot};

use crate::{
    format,
    group::{self, Batch, Outcome},
};

/// A group takes no further request when it has so many statements.
const MOST: usize = 8000;
/// So many requests may wait; more wait at their sender's.
const WAITING: usize = 4096;

/// The writer of a program. Cheap to clone; it begins with the first request.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sender: OnceLock<mpsc::Sender<Waiting>>,
    progress: Arc<Progress>,
}

/// How far statements can be read, in microseconds.
#[derive(Default)]
struct Progress {
    /// When the group that is being written began; 0 when none is.
    began: AtomicI64,
    /// The last `stored` that is durable.
    last: AtomicI64,
}

struct Waiting {
    batch: Batch,
    reply: oneshot::Sender<Result<Outcome>>,
}

impl Recorder {
    /// Stores a batch; answers when it is durable.
    pub async fn store(&self, site: &Site, batch: Batch) -> Result<Outcome> {
        let sender = self.0.sender.get_or_init(|| {
            let (sender, receiver) = mpsc::channel(WAITING);
            tokio::spawn(run(site.clone(), receiver, Arc::clone(&self.0.progress)));
            sender
        });
        let (reply, answer) = oneshot::channel();
        let stopped = || Error::internal("the writer of statements has stopped");
        sender.send(Waiting { batch, reply }).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// The time up to which every stored statement can be read (Communication 2.1.3.s2.b5).
    pub fn consistent_through(&self, site: &Site) -> String {
        // The clock is read first: a group that begins after it gives only later times.
        let now = site.now().as_microsecond();
        let began = self.0.progress.began.load(Ordering::SeqCst);
        let last = self.0.progress.last.load(Ordering::SeqCst);
        let through = if began == 0 { now } else { now.min(began - 1) };
        format::micros_to_text(through.max(last))
    }
}

async fn run(site: Site, mut receiver: mpsc::Receiver<Waiting>, progress: Arc<Progress>) {
    while let Some(first) = receiver.recv().await {
        let mut size = first.batch.statements.len();
        let mut waiting = vec![first];
        while size < MOST
            && let Ok(next) = receiver.try_recv()
        {
            size += next.batch.statements.len();
            waiting.push(next);
        }
        progress.began.store(site.now().as_microsecond(), Ordering::SeqCst);
        write(&site, waiting, &progress).await;
        progress.began.store(0, Ordering::SeqCst);
    }
}

/// Writes a group; where that fails, each request by itself, so that one which cannot be stored harms no other.
async fn write(site: &Site, waiting: Vec<Waiting>, progress: &Progress) {
    let (batches, replies): (Vec<Batch>, Vec<_>) = waiting.into_iter().map(|w| (w.batch, w.reply)).unzip();
    let written = group::write(site, &batches).await;
    if written.is_err() && batches.len() > 1 {
        for (batch, reply) in batches.into_iter().zip(replies) {
            let one = group::write(site, &[batch]).await;
            answer(one, vec![reply], progress);
        }
        return;
    }
    answer(written, replies, progress);
}

fn answer(
    written: Result<(Vec<Outcome>, i64)>,
    replies: Vec<oneshot::Sender<Result<Outcome>>>,
    progress: &Progress,
) {
    match written {
        Ok((outcomes, last)) => {
            progress.last.fetch_max(last, Ordering::SeqCst);
            for (outcome, reply) in outcomes.into_iter().zip(replies) {
                // Whoever asked may be gone; what is stored stays stored.
                let _ = reply.send(Ok(outcome));
            }
        }
        Err(e) => {
            tracing::error!(error = %e, "statements were not stored");
            for reply in replies {
                let _ = reply.send(Err(Error::internal("statements were not stored")));
            }
        }
    }
}
