//! Stories over HTTP through the composed program, each on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]
mod access;
mod accounts;
mod audit_trail;
mod buying;
mod courses;
mod learning;
mod ledger;
mod lock;
mod main_job;
mod school;
mod snapshots;
mod studying;
mod support;
mod world;
mod xapi;
