//! The numbers kept for those who look after many people: counted every hour for everyone, summed up the tree. Who looks
//! after few gets them counted when asking (`overview`).
use std::collections::BTreeMap;

use base::{Error, Instant, Kind, Result, Scope, Year, day};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    overview::{Moment, Row},
    store, store_kept,
};

/// The job of one hour; it puts the next one's into the queue.
pub(crate) const HOURLY: &str = "supervision.count";
const HOUR_MS: i64 = 3_600_000;
/// So many people are counted in one transaction.
const AT_ONCE: u16 = 2_000;
/// So many times the people that are counted at each asking are counted once more while nothing is kept yet. Beyond that each
/// asking would take a minute, and many ask at once.
const COUNTED_ONCE: i64 = 20;

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

/// Counts everyone of a year, where some place looks after many people, and keeps where each stands: the lists behind the
/// numbers hold whom the numbers count.
pub async fn count(site: &Site, year: Year) -> Result<()> {
    let everyone = Scope { paths: store_kept::roots(&site.db).await? };
    if everyone.paths.is_empty() || !statistics::are_many(site, &everyone, year).await? {
        return Ok(());
    }
    let moment = Moment::of(site, year).await?;
    let paths = store_kept::paths(&site.db).await?;
    let mut sums: BTreeMap<String, Row> = BTreeMap::new();
    for (unit, row) in by_unit(site, &moment).await? {
        let path = paths.get(&unit).map_or("", String::as_str);
        for code in path.split('/').filter(|c| !c.is_empty()) {
            sums.entry(code.to_owned()).or_default().add(&row);
        }
    }
    let tx = site.db.begin().await?;
    store_kept::replace(&tx, year, sums, site.now()).await?;
    tx.commit().await
}

/// Goes through everyone in small transactions, keeps where each stands, and answers the numbers by unit.
async fn by_unit(site: &Site, moment: &Moment) -> Result<BTreeMap<String, Row>> {
    let (mut sums, mut after) = (BTreeMap::<String, Row>::new(), String::new());
    loop {
        let tx = site.db.begin().await?;
        let found = store::standing(&tx, moment, (&after, AT_ONCE.into())).await?;
        let until = found.get(usize::from(AT_ONCE) - 1).map(|last| last.id.clone());
        store_kept::stand(&tx, moment.of.year(), (&after, until.as_deref()), &found).await?;
        tx.commit().await?;
        for stand in &found {
            sums.entry(stand.unit.clone()).or_default().add(&Row::of_one(stand));
        }
        let Some(until) = until else { return Ok(sums) };
        after = until;
    }
}

/// The kept numbers of a scope: the sum, and the rows directly below its places, with the time they were counted. None where
/// they have not been counted yet, or where few people are looked after; a province that is not counted yet has to wait.
pub(crate) async fn of(site: &Site, scope: &Scope, year: Year) -> Result<Option<(Row, Vec<Row>, Instant)>> {
    let people = statistics::population(site, scope, year).await?.unwrap_or(0);
    if people <= site.settings.counted_most {
        return Ok(None);
    }
    let Some(at) = store_kept::counted_at(&site.db, year).await? else {
        if people <= site.settings.counted_most.saturating_mul(COUNTED_ONCE) {
            return Ok(None);
        }
        schedule(site).await?;
        return Err(Error::refused(Kind::Unavailable, "supervision_not_counted").retry_after(60));
    };
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
