//! What the link does in the background: everything that goes to the management platform.
use std::sync::Arc;

use jobs::Handlers;
use site::Site;

use crate::{accounts, completions, hub::Hub, invoices};

/// The slice's background work.
pub fn jobs(hub: Hub) -> Handlers<Site> {
    let hub = Arc::new(hub);
    let (of_one, of_accounts, of_invoices) = (Arc::clone(&hub), Arc::clone(&hub), Arc::clone(&hub));
    Handlers::default()
        .in_lane(learning::COMPLETION_JOB, jobs::Lane::Peers)
        .in_lane(completions::CATCH_UP_JOB, jobs::Lane::Peers)
        .in_lane(accounts::SEND, jobs::Lane::Peers)
        .in_lane(orders::INVOICE_JOB, jobs::Lane::Peers)
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
