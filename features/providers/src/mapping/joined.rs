//! A confirmation that two courses are the same holds for the whole year (domain §2): of whoever learned both of them before
//! it, the later record is stated anew under the code that the year holds already, so that the rules count the course once.
use base::{EntryId, PersonId, Result};
use hours::{Reversal, Stated};
use messages::Letter;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    catalogue::CourseListed,
    mapping, store,
    store_mapping::{self, Booked},
};

/// The job that follows a confirmation.
pub(crate) const JOINED: &str = "providers.joined";
const AT_ONCE: i64 = 200;

/// The code under which courses are the same from now on, and who said so.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Joined {
    pub code: String,
    pub by: PersonId,
}

/// Goes over what people learned of these courses who learned two of them, page by page. Done again it changes nothing.
pub(crate) async fn restate(site: Site, job: Joined) -> Result<()> {
    for id in store_mapping::members(&site.db, &job.code).await? {
        let course = CourseListed::try_from(store::course(&site.db, &id).await?)?;
        let mut after = String::new();
        loop {
            let of = (id.as_str(), job.code.as_str());
            let page = store_mapping::booked_twice(&site.db, of, (&after, AT_ONCE)).await?;
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
    for credit in ids.iter().filter_map(|id| stated.get(id)) {
        let code = mapping::code_for(site, (credit.person, credit.year), course).await?;
        if credit.facts.get("course").and_then(|c| c.as_str()) != Some(code.as_str()) {
            one(site, course, (credit, &code), by).await?;
        }
    }
    Ok(())
}

/// States one anew and tells its person why; a year that takes no more entries stays as it is.
async fn one(
    site: &Site,
    course: &CourseListed,
    (credit, code): (&Stated, &str),
    by: PersonId,
) -> Result<()> {
    let reason = site.texts.with("provider-joined", &[("title", &course.title)]);
    let tx = site.db.begin().await?;
    if hours::restate(site, &tx, (credit, "course", code), Reversal { reason: &reason, by }).await? {
        let letter = Letter {
            to: credit.person,
            kind: "course",
            text: site.texts.with("provider-joined-told", &[("title", &course.title)]),
            link: format!("/hours?year={}", credit.year),
            once: Some(format!("joined:{}", credit.entry)),
        };
        messages::post(site, &tx, &[letter]).await?;
    }
    tx.commit().await
}
