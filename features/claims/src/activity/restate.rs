//! Claims that wait when their year's rules change: what they show is what a decision would give.
use base::{Result, Year};
use site::Site;

use crate::store::claims;

/// Restates what waits in a year, and in the next one while the same rules hold there (暂按上年政策). A claim whose item is
/// gone stays as it was; its reviewer is told when deciding.
pub(crate) async fn waiting(site: &Site, year: Year) -> Result<()> {
    for year in [Some(year), Year::new(i64::from(year.number()) + 1)].into_iter().flatten() {
        let in_force = match hours::in_force(&site.db, year).await {
            Ok(in_force) => in_force,
            Err(e) if e.code() == "policy_not_published" => continue,
            Err(e) => return Err(e),
        };
        for alike in claims::under_others(&site.db, year, &in_force.version).await? {
            let Some(item) = in_force.policy.item(&alike.item) else { continue };
            let rank = u64::try_from(alike.author_rank).unwrap_or(u64::MAX);
            let worth = (item.subject, item.hours(alike.quantity, rank));
            let tx = site.db.begin().await?;
            claims::restate(&tx, (year, &in_force.version), &alike, worth).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}
