//! Statements whose completion could not be counted yet: a provider sends a signed completion again, a statement it cannot.
//! They are taken anew when the provider is live again, its course is known, or a year has its policy.
use base::{Result, Year, day};
use db::Conn;
use site::Site;

use crate::{
    complete::{Completion, Outcome},
    from_statement,
    provider::ProviderId,
    store::{kept, waiting as store},
};

/// The job that takes a provider's waiting statements anew.
pub(crate) const TAKE: &str = "providers.take_waiting";
const AT_ONCE: i64 = 200;

/// Keeps a statement that may count later, and forgets one that was decided.
pub(crate) async fn note(
    site: &Site,
    (provider, announced): (ProviderId, &records::Announced),
    (completion, outcome): (&Completion, &Outcome),
) -> Result<()> {
    match (outcome.status.as_str(), outcome.reason.as_deref()) {
        ("kept", Some(reason)) if !outcome.is_booked && reason != "sandbox" => {
            let announced = serde_json::to_string(announced).map_err(base::Error::internal)?;
            let row = store::Waiting {
                id: completion.id.clone(),
                course: completion.course.clone(),
                reason: reason.to_owned(),
                announced,
            };
            store::keep(&site.db, provider, &row, site.now()).await
        }
        _ => store::forget(&site.db, provider, &completion.id).await,
    }
}

/// Has a provider's statements taken anew, if any wait that could be taken now.
pub(crate) async fn rouse(site: &Site, conn: &impl Conn, provider: ProviderId) -> Result<()> {
    if store::page(conn, provider, "", 1).await?.is_empty() {
        return Ok(());
    }
    site.enqueue_once(conn, TAKE, &provider, &provider.to_string()).await
}

/// A year has its policy now.
pub(crate) async fn published(site: Site, year: Year) -> Result<()> {
    let next = year.last_day().tomorrow().map_err(base::Error::internal)?;
    let [from, to] = [year.first_day(), next].map(|on| day::millis(day::start_of(on)));
    kept::published(&site.db, (from, to)).await?;
    for provider in store::providers(&site.db).await? {
        site.enqueue_once(&site.db, TAKE, &provider, &provider).await?;
    }
    Ok(())
}

/// Takes a provider's waiting statements anew, page by page.
pub(crate) async fn take(site: Site, provider: ProviderId) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = store::page(&site.db, provider, &after, AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.id);
        for row in page {
            let announced = serde_json::from_str(&row.announced).map_err(base::Error::internal)?;
            from_statement::take(site.clone(), announced).await?;
        }
    }
}
