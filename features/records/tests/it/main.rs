//! The standard's clauses as cases.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests stop at the first surprise")]
mod statements;
