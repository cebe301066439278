//! The numbers kept for those who look after many people: counted every hour for everyone, summed up the tree. Who looks
//! after few gets them counted when asking (`overview`).
use std::collections::BTreeMap;

use base::{Instant, Result, Scope, Year, day};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    overview::{Moment, Row},
    store::{self, Recent},
    store_kept,
};

/// The job of one hour; it puts the next one's into the queue.
pub(crate) const HOURLY: &str = "supervision.count";
const HOUR_MS: i64 = 3_600_000;

/// Which hour, in hours since 1970.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hour {
    hour: i64,
}

/// Puts the present hour's run into the queue. Run twice, it counts twice and keeps the same.
pub(crate) async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::millis(site.now()) / HOUR_MS).await
}

async fn enqueue(site: &Site, hour: i64) -> Result<()> {
    let at = day::from_millis(hour * HOUR_MS);
    site.enqueue_at(&site.db, (HOURLY, &hour.to_string()), &Hour { hour }, at).await
}

/// The hour's work.
pub(crate) async fn run(site: Site, _hour: Hour) -> Result<()> {
    enqueue(&site, day::millis(site.now()) / HOUR_MS + 1).await?;
    let mut years = vec![site.this_year(), site.desk_year()];
    years.dedup();
    for year in years {
        match count(&site, year).await {
            Err(e) if e.code() != "policy_not_published" => return Err(e),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Counts everyone of a year, where some place looks after many people.
pub async fn count(site: &Site, year: Year) -> Result<()> {
    let everyone = Scope { paths: store_kept::roots(&site.db).await? };
    if everyone.paths.is_empty() || !statistics::are_many(site, &everyone, year).await? {
        return Ok(());
    }
    let moment = Moment::of(site, year).await?;
    let rows = store::rows(&site.db, &everyone, &moment, Recent::Together).await?;
    let paths = store_kept::paths(&site.db).await?;
    let mut sums: BTreeMap<String, Row> = BTreeMap::new();
    for row in rows {
        let path = paths.get(&row.unit).map_or("", String::as_str);
        for code in path.split('/').filter(|c| !c.is_empty()) {
            sums.entry(code.to_owned()).or_default().add(&row);
        }
    }
    let tx = site.db.begin().await?;
    store_kept::replace(&tx, year, sums, site.now()).await?;
    tx.commit().await
}

/// The kept numbers of a scope: the sum, and the rows directly below its places, with the time they were counted. None where
/// they have not been counted yet, or where few people are looked after.
pub(crate) async fn of(site: &Site, scope: &Scope, year: Year) -> Result<Option<(Row, Vec<Row>, Instant)>> {
    if !statistics::are_many(site, scope, year).await? {
        return Ok(None);
    }
    let Some(at) = store_kept::counted_at(&site.db, year).await? else { return Ok(None) };
    let tops: Vec<String> = scope
        .paths
        .iter()
        .filter(|p| !scope.paths.iter().any(|o| o != *p && p.starts_with(o.as_str())))
        .filter_map(|p| p.trim_end_matches('/').rsplit('/').next().map(str::to_owned))
        .collect();
    let mut all = Row::default();
    for row in store_kept::units(&site.db, year, &tops).await? {
        all.add(&row);
    }
    let rows = store_kept::below(&site.db, year, &tops).await?;
    Ok(Some((all, rows, day::from_millis(at))))
}
