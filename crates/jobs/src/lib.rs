//! Durable background work in the program's own database: enqueued in the transaction of what it belongs to, run at
//! least once, retried with back-off, kept when dead. Why our own: docs/decisions.md.
mod queue;
mod runner;

pub use queue::{
    Count, Failure, Job, counts, depth, enqueue, enqueue_at, enqueue_many, enqueue_once, failures, failures_of, run_again,
};
pub use runner::{Handlers, Lane, Runner};
