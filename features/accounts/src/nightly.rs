//! What happens once a day on any number of nodes: wrong entries that have served their time are removed. What else is kept for
//! safety goes by the inventory of `privacy`.
use base::{Day, Result, day};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{shares, store};

/// The job of one day; it puts the next day's into the queue.
pub(crate) const NIGHTLY: &str = "accounts.nightly";
/// Twenty minutes past midnight.
const AT_SECONDS: i64 = 1200;
/// Failures count for thirty days at the longest (security 3.2, rule 11).
const FAILURES_MS: i64 = 30 * 86_400_000;

/// Which day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Night {
    day: String,
}

/// Puts today's run into the queue; where it was done already it only leads on to tomorrow's. Called when a node starts.
pub async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::day_of(site.now())).await
}

/// The day's work.
pub(crate) async fn run(site: Site, _night: Night) -> Result<()> {
    if let Ok(tomorrow) = day::day_of(site.now()).tomorrow() {
        enqueue(&site, tomorrow).await?;
    }
    let before = day::from_millis(day::millis(site.now()) - FAILURES_MS);
    let tx = site.db.begin().await?;
    shares::lapse(&site, &tx).await?;
    store::forget_failures(&tx, before).await?;
    tx.commit().await
}

async fn enqueue(site: &Site, day: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(day)) + AT_SECONDS * 1000);
    let day = day.to_string();
    site.enqueue_at(&site.db, (NIGHTLY, &day), &Night { day: day.clone() }, at).await
}
