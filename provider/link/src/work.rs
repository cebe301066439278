//! What the link does in the background: everything that goes to the management platform.
use std::sync::Arc;

use base::Result;
use jobs::Handlers;
use site::Site;

use crate::{accounts, completions, courses, hub::Hub, invoices};

/// What is to be told at every start: the courses that are offered, and whatever waits.
pub async fn begin(site: &Site) -> Result<()> {
    catalogue::changed(site, &site.db).await?;
    completions::catch_up(site).await
}

/// The slice's background work.
pub fn jobs(hub: Hub) -> Handlers<Site> {
    let hub = Arc::new(hub);
    let (of_one, of_accounts, of_invoices) = (Arc::clone(&hub), Arc::clone(&hub), Arc::clone(&hub));
    let of_courses = Arc::clone(&hub);
    Handlers::default()
        .in_lane(learning::COMPLETION_JOB, jobs::Lane::Peers)
        .in_lane(completions::CATCH_UP_JOB, jobs::Lane::Peers)
        .in_lane(accounts::SEND, jobs::Lane::Peers)
        .in_lane(catalogue::CHANGED, jobs::Lane::Peers)
        .in_lane(orders::INVOICE_JOB, jobs::Lane::Peers)
        .on(catalogue::CHANGED, move |site: Site, _: catalogue::Changed| {
            let hub = Arc::clone(&of_courses);
            async move { courses::send(&site, &hub).await }
        })
        .on(orders::INVOICE_JOB, move |site: Site, job: orders::InvoiceJob| {
            let hub = Arc::clone(&of_invoices);
            async move { invoices::send(&site, &hub, Some(&job.order)).await }
        })
        .on(accounts::SEND, move |site: Site, job: accounts::Month| {
            let hub = Arc::clone(&of_accounts);
            async move { accounts::send(&site, &hub, &job).await }
        })
        .on(learning::COMPLETION_JOB, move |site: Site, job: learning::CompletionJob| {
            let hub = Arc::clone(&of_one);
            async move { completions::send(&site, &hub, Some(&job.completion_id)).await }
        })
        .on(completions::CATCH_UP_JOB, move |site: Site, _: completions::CatchUp| {
            let hub = Arc::clone(&hub);
            async move {
                // Neither waits for the other.
                let invoices = invoices::send(&site, &hub, None).await;
                completions::send(&site, &hub, None).await?;
                invoices
            }
        })
}
