//! Durable background work in the program's own database: enqueued in the transaction of what it belongs to, run at
//! least once, retried with back-off, kept when dead. Why our own: docs/decisions.md.
mod lines;
mod queue;
mod runner;
mod step;
mod store_progress;

pub use queue::{
    Count, Failure, Job, counts, depth, enqueue, enqueue_at, enqueue_many, enqueue_once, failures,
    failures_of, run_again, try_soon,
};
pub use runner::{Handlers, LEASE, Lane, Runner};
pub use step::Step;
pub use store_progress::{Progress, advance, end, followed, of as progress_of, own as own_progress, tell};
