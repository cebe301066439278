//! What happens once a day on any number of nodes: the checkpoint over all chains, and the look at the wall-clock law.
use base::{Day, Result, day};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{checkpoint, occupied, store_occupied as store};

/// The job of one day; it puts the next day's into the queue.
pub(crate) const NIGHTLY: &str = "hours.nightly";
/// Ten minutes past midnight.
const AT_SECONDS: i64 = 600;

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
pub(crate) async fn run(site: &Site, _night: Night) -> Result<()> {
    if let Ok(tomorrow) = day::day_of(site.now()).tomorrow() {
        enqueue(site, tomorrow).await?;
    }
    checkpoint::make(site).await?;
    look(site).await
}

/// Looks for breaks of the wall-clock law, once a day; what is found is published with the checkpoints, and an operator is
/// told in the log. Nothing is held while it looks.
async fn look(site: &Site) -> Result<()> {
    let today = day::day_of(site.now());
    if store::last_look(&site.db).await?.is_some_and(|(day, _)| day == today.to_string()) {
        return Ok(());
    }
    let found = occupied::overlaps(site).await?;
    let tx = site.db.begin().await?;
    if !store::claim_look(&tx, today, site.now()).await? {
        return Ok(());
    }
    if found > 0 {
        tracing::error!(found, "more learning is counted than time passed");
    }
    store::keep_look(&tx, today, found).await?;
    tx.commit().await
}

async fn enqueue(site: &Site, day: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(day)) + AT_SECONDS * 1000);
    let day = day.to_string();
    site.enqueue_at(&site.db, (NIGHTLY, &day), &Night { day: day.clone() }, at).await
}
