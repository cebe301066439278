//! What tests need: a database each, on both kinds; a clock that stands still; a client that speaks JSON.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must stop with its cause"
)]
mod browser;
mod client;
mod clock;
mod database;

pub use browser::{Browser, Page};
pub use client::{Answer, Client, Exchange, watch};
pub use clock::TestClock;
pub use database::{Database, databases};
