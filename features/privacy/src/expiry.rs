//! The nightly removal of what was kept as long as the page promises. It goes through the inventory, so page and removal are
//! one; evidence has its own work (`files`), and ledger, decisions and trail have no term.
use base::{Day, Result, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    holding::Holding,
    store_expiry::{self as store, Over},
    terms::REFERENCES,
};

/// The job of one night.
pub(crate) const NIGHTLY: &str = "privacy.expiry";
/// An hour past midnight, behind the other nightly work.
const AT_SECONDS: i64 = 3_600;

/// Which night.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Night {
    day: String,
}

/// Puts today's run into the queue. Called when a node starts.
pub async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::day_of(site.now())).await
}

async fn enqueue(site: &Site, on: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(on)) + AT_SECONDS * 1000);
    let on = on.to_string();
    site.enqueue_at(&site.db, (NIGHTLY, &on), &Night { day: on.clone() }, at).await
}

/// The night's work; a repetition finds it done.
pub(crate) async fn run(site: Site, _night: Night) -> Result<()> {
    if let Ok(tomorrow) = day::day_of(site.now()).tomorrow() {
        enqueue(&site, tomorrow).await?;
    }
    for holding in in_order() {
        expire(&site, holding).await?;
    }
    Ok(())
}

/// What has a term, those first that refer to others.
fn in_order() -> Vec<&'static Holding> {
    let ending = crate::inventory().filter(|h| h.kept.term().is_some());
    let (mut all, others): (Vec<_>, Vec<_>) =
        ending.partition(|h| REFERENCES.iter().any(|r| r.by == h.table));
    all.extend(others);
    all
}

/// Removes a table's rows that are over, portion by portion in the order of the key, so that a night reads a table once. They
/// are looked for before the transaction, so that nobody waits to write while a large table is read.
async fn expire(site: &Site, holding: &'static Holding) -> Result<()> {
    let Some(term) = holding.kept.term() else { return Ok(()) };
    let today = day::day_of(site.now());
    let over = Over { holding, term, before: day::start_of(term.before(today)?), today };
    let mut last = over.start();
    loop {
        let found = store::find(&site.db, &over, &last).await?;
        let Some(end) = found.last() else { return Ok(()) };
        remove(site, &over, &found).await?;
        if found.len() < store::PORTION {
            return Ok(());
        }
        last.clone_from(end);
    }
}

/// Removes a portion and says so in the trail, in one transaction: whatever fails later, nothing is gone unsaid.
async fn remove(site: &Site, over: &Over, found: &[Vec<String>]) -> Result<()> {
    let tx = site.db.begin().await?;
    let removed = store::remove(&tx, over, found).await?;
    if !removed.is_empty() {
        let deed = audit::Deed {
            actor: None,
            action: "privacy.expire",
            object: "",
            unit_path: "",
            details: json!({"removed": removed}),
        };
        audit::record(site, &tx, deed).await?;
    }
    tx.commit().await
}
