//! One person's year assessed anew after a change. The row is held while the year is read, so that of two runs the later
//! one reads what the earlier one could not see.
use std::collections::BTreeSet;

use base::{PersonId, Result, Year};
use site::Site;

use crate::{outcome::Outcome, store};

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
    tx.commit().await
}

/// Every year that the person has hours or a result in; after a move every year with a policy, because a past year goes by
/// the facts of its last day.
pub(crate) async fn all_years(site: &Site, person: PersonId) -> Result<()> {
    let mut years: BTreeSet<Year> = hours::years_of(&site.db, person).await?.into_iter().collect();
    years.extend(store::years_of(&site.db, person).await?);
    if !org::moved(&site.db, &[person]).await?.is_empty() {
        years.extend(hours::published_years(&site.db).await?);
    }
    for one in years {
        year(site, person, one).await?;
    }
    Ok(())
}
