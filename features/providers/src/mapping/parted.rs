//! A confirmation that was taken back takes nothing from anyone: what was booked under a course that turned out to be
//! another one is stated anew under its own, so that both count again.
use std::collections::HashSet;

use base::{EntryId, PersonId, Result};
use hours::{Reversal, Stated};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    catalogue::CourseListed,
    mapping, store,
    store_mapping::{self, Booked},
};

/// The job that follows a course which was taken out of its group.
pub(crate) const PARTED: &str = "providers.parted";
const AT_ONCE: i64 = 200;

/// Courses that were the same until now, and who said that they are not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parted {
    pub courses: Vec<String>,
    pub by: PersonId,
}

/// Goes over what people learned of these courses, page by page.
pub(crate) async fn restate(site: Site, job: Parted) -> Result<()> {
    for id in &job.courses {
        let course = CourseListed::try_from(store::course(&site.db, id).await?)?;
        let mut after = String::new();
        loop {
            let page = store_mapping::booked(&site.db, (id, &after), AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.completion);
            of_page(&site, &course, &page, job.by).await?;
        }
    }
    Ok(())
}

async fn of_page(site: &Site, course: &CourseListed, page: &[Booked], by: PersonId) -> Result<()> {
    let ids = page.iter().map(|b| b.entry.parse()).collect::<Result<Vec<EntryId>>>()?;
    let stated = hours::credits(&site.db, &ids).await?;
    let code = |s: &Stated| s.facts.get("course").and_then(|c| c.as_str()).unwrap_or_default().to_owned();
    let codes: HashSet<String> = stated.values().map(code).collect();
    let heads = mapping::heads(&site.db, &codes).await?;
    let own = course.code();
    for id in &ids {
        let Some(credit) = stated.get(id) else { continue };
        let booked = code(credit);
        if *heads.get(&booked).unwrap_or(&booked) != own {
            one(site, course, credit, by).await?;
        }
    }
    Ok(())
}

async fn one(site: &Site, course: &CourseListed, credit: &Stated, by: PersonId) -> Result<()> {
    let code = mapping::code_for(site, (credit.person, credit.year), course).await?;
    let reason = site.texts.with("provider-parted", &[("title", &course.title)]);
    let tx = site.db.begin().await?;
    hours::restate(site, &tx, (credit, "course", &code), Reversal { reason: &reason, by }).await?;
    tx.commit().await
}
