//! One person's year assessed anew after a change. The row is held while the year is read, so that of two runs the later
//! one reads what the earlier one could not see.
use std::collections::BTreeSet;

use base::{PersonId, Result, Year, day};
use site::Site;

use crate::{keep, outcome::Outcome, recount, store};

pub(crate) async fn year(site: &Site, person: PersonId, year: Year) -> Result<()> {
    let tx = site.db.begin().await?;
    store::hold(&tx, &[person], year).await?;
    match hours::standing(&tx, person, year).await {
        Ok(s) => {
            let row = (person, Outcome::of(&s.assessment));
            store::save(&tx, (year, &s.policy_version), &[row], site.now()).await?;
        }
        Err(e) if matches!(e.code(), "profile_incomplete" | "policy_not_published" | "not_found") => {
            store::forget(&tx, &[person], year).await?;
        }
        Err(e) => return Err(e),
    }
    count(site, &tx, person, year).await?;
    tx.commit().await
}

/// Counts one person in the figures of a year, where there are rules for it.
async fn count(site: &Site, tx: &db::Tx, person: PersonId, year: Year) -> Result<()> {
    match hours::grounds(tx, year, day::day_of(site.now())).await {
        Ok(of) => recount::recount(tx, &[person], &of).await,
        Err(e) if e.code() == "policy_not_published" => Ok(()),
        Err(e) => Err(e),
    }
}

/// Every year that the person has hours or a result in; after a move every year with a policy, because a past year goes by
/// the facts of its last day.
pub(crate) async fn all_years(site: &Site, person: PersonId) -> Result<()> {
    let mut years: BTreeSet<Year> = hours::years_of(&site.db, person).await?.into_iter().collect();
    years.extend(store::years_of(&site.db, person).await?);
    if !org::moved(&site.db, db::People::These(&[person])).await?.is_empty() {
        years.extend(hours::published_years(&site.db).await?);
    }
    let counted = keep::years(site).await?;
    for one in &years {
        year(site, person, *one).await?;
    }
    let tx = site.db.begin().await?;
    for one in counted.into_iter().filter(|y| !years.contains(y)) {
        count(site, &tx, person, one).await?;
    }
    tx.commit().await
}

/// People who came in are counted in every year that has figures; nothing was learned yet.
pub(crate) async fn added(site: &Site, people: &[PersonId]) -> Result<()> {
    let tx = site.db.begin().await?;
    for year in keep::years(site).await? {
        let of = hours::grounds(&tx, year, day::day_of(site.now())).await?;
        recount::recount(&tx, people, &of).await?;
    }
    tx.commit().await
}
