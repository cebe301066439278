//! The audit trail: who did what to whom, append-only and hash-chained, written in the transaction of the deed.
mod api;
mod pages;
mod store;
mod store_reading;
mod verify;

use base::{PersonId, Result};
use db::Tx;
use serde_json::Value;
use site::{Routes, Site};

pub use api::docs;
pub use store_reading::{Happened, Noted, Wanted, count_since, happened, last_object, networks, noted};
pub use verify::{Break, verify};

/// Tables that the database itself keeps from being changed.
pub const APPEND_ONLY: &[&str] = &["audit_entries"];

/// Something done.
pub struct Deed<'a> {
    /// Who did it; none for the system and for strangers at the door.
    pub actor: Option<PersonId>,
    /// What was done, such as `roster.import`.
    pub action: &'static str,
    /// To what or whom: an id or a code, never personal data in clear.
    pub object: &'a str,
    /// The unit's path where it was done, for scoped reading.
    pub unit_path: &'a str,
    /// What changed, personal data masked.
    pub details: Value,
}

impl<'a> Deed<'a> {
    /// A deed on a course platform, which is one place.
    pub fn here(actor: Option<PersonId>, action: &'static str, object: &'a str, details: Value) -> Self {
        Self { actor, action, object, unit_path: "/", details }
    }
}

/// Writes the deed into the trail, in the caller's transaction.
pub async fn record(site: &Site, tx: &Tx, deed: Deed<'_>) -> Result<()> {
    store::append(site, tx, deed).await
}

/// The slice's routes.
pub fn routes() -> Routes {
    api::routes().and(pages::routes())
}
