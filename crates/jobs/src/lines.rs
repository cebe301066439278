//! Lines to other platforms: jobs of one line run one after the other, those of different lines side by side. A platform
//! that lets us wait, or answers slowly forever, holds up its own jobs and nobody else's (security item 48).
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base::Result;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    queue::{self, Job},
    runner::{IDLE, Lane, Runner, found},
};

/// So many lines are served at a time.
const AT_ONCE: usize = 16;
/// So many due jobs are looked at for one whose line is free.
const SEEN: i64 = 200;
/// When none of those has a free line they wait so long, so that the ones behind them are seen.
const ASIDE: Duration = Duration::from_secs(30);

/// The lines on which a job runs.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<HashSet<String>>>);

/// A line that is taken; freed when dropped, so also by a handler that panics.
struct Taken {
    busy: Busy,
    line: String,
}

impl Busy {
    fn has(&self, line: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(line)
    }

    fn take(&self, line: String) -> Taken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(line.clone());
        Taken { busy: self.clone(), line }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.busy.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.line);
    }
}

impl<C: Clone + Send + Sync + 'static> Runner<C> {
    /// Runs the jobs that call other platforms, until `stop` turns true; jobs under way are finished first.
    pub(crate) async fn run_lines(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let (busy, mut under_way) = (Busy::default(), JoinSet::new());
        while !self.handlers.kinds(Lane::Peers).is_nothing() && !*stop.borrow() {
            let found = under_way.len() < AT_ONCE && found(self.begin(&busy, &mut under_way).await);
            if !found {
                tokio::select! {
                    () = tokio::time::sleep(IDLE) => {}
                    _ = stop.changed() => {}
                    Some(_) = under_way.join_next() => {}
                }
            }
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Begins the first due job whose line is free; false where there is none.
    async fn begin(self: &Arc<Self>, busy: &Busy, under_way: &mut JoinSet<()>) -> Result<bool> {
        let now = self.clock.now();
        let due = queue::due(&self.db, now, &self.handlers.kinds(Lane::Peers), SEEN).await?;
        let is_full = i64::try_from(due.len()).is_ok_and(|n| n == SEEN);
        let free = due.iter().map(|job| (job, self.handlers.line(job))).find(|(_, line)| !busy.has(line));
        let Some((job, line)) = free else {
            if is_full {
                queue::postpone(&self.db, &due, (now, ASIDE)).await?;
            }
            return Ok(is_full);
        };
        if queue::take_this(&self.db, job, (now, self.lease)).await? {
            let (runner, taken, job): (Arc<Self>, Taken, Job) =
                (Arc::clone(self), busy.take(line), job.clone());
            under_way.spawn(async move {
                let _taken = taken;
                if let Err(e) = runner.carry_out(job).await {
                    tracing::error!(error = %e, "job queue");
                }
            });
        }
        Ok(true)
    }
}
