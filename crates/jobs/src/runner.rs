//! Takes due jobs and runs their handlers until told to stop.
use std::{collections::HashMap, convert::Infallible, future::Future, pin::Pin, sync::Arc, time::Duration};

use base::{Clock, Error, Result};
use db::Db;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::queue::{self, Job, Kinds};

type Work<C> = Arc<dyn Fn(C, String) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// Jobs of one lane never wait for those of another: a platform that does not answer must not hold up a code (security
/// item 48).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Work of the house's own.
    House,
    /// Messages to people.
    Messages,
    /// Calls to other platforms, those of one line one after the other.
    Peers,
    /// Work over everyone: in a province it takes minutes, and nobody's year or certificate may wait for it.
    Long,
}

/// What each kind of job does, over a context `C`. Several slices may follow one kind: all of them run, in the order
/// added, and a failure of one repeats all, so each must bear a repetition.
pub struct Handlers<C> {
    work: HashMap<&'static str, Vec<Work<C>>>,
    apart: HashMap<&'static str, Lane>,
    lines: HashMap<&'static str, Line>,
}

/// Which line a job's payload belongs to, if it says.
type Line = fn(&str) -> Option<String>;

impl<C> Default for Handlers<C> {
    fn default() -> Self {
        Self { work: HashMap::new(), apart: HashMap::new(), lines: HashMap::new() }
    }
}

impl<C: Send + 'static> Handlers<C> {
    /// Adds the handler of a kind; the payload is read as `P`.
    pub fn on<P, F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        F: Fn(C, P) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<()>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let work: Work<C> = Arc::new(move |context, payload: String| {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let payload = serde_json::from_str(&payload).map_err(Error::internal)?;
                handler(context, payload).await
            })
        });
        self.work.entry(kind).or_default().push(work);
        self
    }

    /// Jobs of that kind run in a lane apart from the house's.
    pub fn in_lane(mut self, kind: &'static str, lane: Lane) -> Self {
        self.apart.insert(kind, lane);
        self
    }

    /// As [`Handlers::in_lane`] of peers; the payload says whom a job calls.
    pub fn along(mut self, kind: &'static str, line: Line) -> Self {
        self.lines.insert(kind, line);
        self.in_lane(kind, Lane::Peers)
    }

    /// The line on which a job runs; its kind's, where the payload names none.
    pub(crate) fn line(&self, job: &Job) -> String {
        let named = self.lines.get(job.kind.as_str()).and_then(|line| line(&job.payload));
        named.unwrap_or_else(|| job.kind.clone())
    }

    /// The kinds that run in a lane; for the house, those that do not.
    pub(crate) fn kinds(&self, lane: Lane) -> Kinds {
        let apart = self.apart.iter().filter(|(_, l)| lane == Lane::House || **l == lane);
        let named = apart.map(|(kind, _)| *kind).collect();
        if lane == Lane::House { Kinds::AllBut(named) } else { Kinds::Only(named) }
    }

    /// The handlers of both.
    pub fn and(mut self, other: Self) -> Self {
        self.apart.extend(other.apart);
        self.lines.extend(other.lines);
        for (kind, work) in other.work {
            self.work.entry(kind).or_default().extend(work);
        }
        self
    }
}

/// Runs jobs of one database.
pub struct Runner<C> {
    /// The database that holds the queue.
    pub db: Db,
    /// The clock that says what is due.
    pub clock: Arc<dyn Clock>,
    /// What handlers are given.
    pub context: C,
    /// What each kind does.
    pub handlers: Handlers<C>,
    /// How long a job is kept from other runners. Whoever works prolongs it, so it only says how soon the job of a node
    /// that died is taken up by another.
    pub lease: Duration,
}

/// The lease of a runner in use.
pub const LEASE: Duration = Duration::from_mins(5);

/// How soon a new job is seen when nothing else wakes the runner.
pub(crate) const IDLE: Duration = Duration::from_millis(150);

/// Whether a turn found work. A queue that cannot be read is said to the operator and read again after a rest.
pub(crate) fn found(turn: Result<bool>) -> bool {
    turn.unwrap_or_else(|e| {
        tracing::error!(error = %e, "job queue");
        false
    })
}

impl<C: Clone + Send + Sync + 'static> Runner<C> {
    /// Runs due jobs until `stop` turns true; a job under way is finished first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let runner = Arc::new(self);
        tokio::join!(
            runner.run_lane(Lane::House, stop.clone()),
            runner.run_lane(Lane::Messages, stop.clone()),
            Arc::clone(&runner).run_lines(stop.clone()),
            runner.run_lane(Lane::Long, stop)
        );
    }

    async fn run_lane(&self, lane: Lane, mut stop: watch::Receiver<bool>) {
        let kinds = self.handlers.kinds(lane);
        while !kinds.is_nothing() && !*stop.borrow() {
            if !found(self.step(&kinds).await) {
                tokio::select! {
                    () = tokio::time::sleep(IDLE) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }

    /// Runs everything that is due now; for tests and one-off commands.
    pub async fn drain(&self) -> Result<()> {
        let all = Kinds::AllBut(vec![]);
        while self.step(&all).await? {}
        Ok(())
    }

    async fn step(&self, kinds: &Kinds) -> Result<bool> {
        let Some(job) = queue::take(&self.db, (self.clock.now(), self.lease), kinds).await? else {
            return Ok(false);
        };
        self.carry_out(job).await?;
        Ok(true)
    }

    /// Does a job that was taken, and notes how it went.
    pub(crate) async fn carry_out(&self, job: Job) -> Result<()> {
        // Both are polled side by side: the work may hold the very connection that the renewal waits for.
        let outcome = tokio::select! {
            outcome = self.work(&job) => outcome,
            Err(lost) = self.keep(&job) => Err(lost),
        };
        match outcome {
            Ok(()) => queue::done(&self.db, &job).await?,
            Err(e) => {
                tracing::warn!(kind = %job.kind, id = %job.id, attempts = job.attempts, error = %e, "job failed");
                queue::failed(&self.db, &job, self.clock.now(), &e.to_string()).await?;
            }
        }
        Ok(())
    }

    /// Prolongs the lease again and again; ends only when another runner has the job, and the work here has to stop.
    async fn keep(&self, job: &Job) -> Result<Infallible> {
        loop {
            tokio::time::sleep(self.lease / 3).await;
            match queue::renew(&self.db, job, (self.clock.now(), self.lease)).await {
                Ok(true) => {}
                Ok(false) => return Err(Error::internal("another runner has taken the job")),
                // The next try comes before the lease is over.
                Err(e) => {
                    tracing::warn!(kind = %job.kind, id = %job.id, error = %e, "job's lease not renewed");
                }
            }
        }
    }

    async fn work(&self, job: &Job) -> Result<()> {
        let Some(work) = self.handlers.work.get(job.kind.as_str()) else {
            return Err(Error::internal(format!("no handler for jobs of kind {}", job.kind)));
        };
        for one in work {
            one(self.context.clone(), job.payload.clone()).await?;
        }
        Ok(())
    }
}
