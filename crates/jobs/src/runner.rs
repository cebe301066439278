//! Takes due jobs and runs their handlers until told to stop.
use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use base::{Clock, Error, Result};
use db::Db;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::queue::{self, Job, Kinds};

type Work<C> = Arc<dyn Fn(C, String) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// What each kind of job does, over a context `C`. Several slices may follow one kind: all of them run, in the order
/// added, and a failure of one repeats all, so each must bear a repetition.
pub struct Handlers<C> {
    work: HashMap<&'static str, Vec<Work<C>>>,
    outward: Vec<&'static str>,
}

impl<C> Default for Handlers<C> {
    fn default() -> Self {
        Self { work: HashMap::new(), outward: vec![] }
    }
}

/// Which part of the work a runner does. What waits for another platform's answer has a lane of its own, so that one
/// which is slow delays nothing of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// All of it.
    Whole,
    /// What needs nobody else.
    Inside,
    /// What calls another platform.
    Outward,
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

    /// Work of this kind calls another platform.
    pub fn outward(mut self, kind: &'static str) -> Self {
        self.outward.push(kind);
        self
    }

    /// The handlers of both.
    pub fn and(mut self, other: Self) -> Self {
        self.outward.extend(other.outward);
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
    pub handlers: Arc<Handlers<C>>,
    /// Which part of it this runner does.
    pub lane: Lane,
}

/// How soon a new job is seen when nothing else wakes the runner.
const IDLE: Duration = Duration::from_millis(150);

impl<C: Clone + Send + Sync + 'static> Runner<C> {
    /// Runs due jobs until `stop` turns true; a job under way is finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let found = self.step().await.unwrap_or_else(|e| {
                tracing::error!(error = %e, "job queue");
                false
            });
            if !found {
                tokio::select! {
                    () = tokio::time::sleep(IDLE) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }

    /// Runs everything that is due now; for tests and one-off commands.
    pub async fn drain(&self) -> Result<()> {
        while self.step().await? {}
        Ok(())
    }

    async fn step(&self) -> Result<bool> {
        let outward = || self.handlers.outward.clone();
        let kinds = match self.lane {
            Lane::Whole => Kinds::All,
            Lane::Inside => Kinds::But(outward()),
            Lane::Outward => Kinds::Only(outward()),
        };
        let Some(job) = queue::take(&self.db, self.clock.now(), &kinds).await? else { return Ok(false) };
        match self.work(&job).await {
            Ok(()) => queue::done(&self.db, &job).await?,
            Err(e) => {
                tracing::warn!(kind = %job.kind, id = %job.id, attempts = job.attempts, error = %e, "job failed");
                queue::failed(&self.db, &job, self.clock.now(), &e.to_string()).await?;
            }
        }
        Ok(true)
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
