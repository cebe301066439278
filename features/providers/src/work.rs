//! What the slice does in the background.
use site::Site;

use crate::{catalogue, from_statement, service, trace};

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(catalogue::SYNC, |site: Site, name: String| async move { catalogue::sync(&site, &name).await })
        .in_lane(catalogue::SYNC, jobs::Lane::Peers)
        .on(trace::PULL, trace::pull)
        .in_lane(trace::PULL, jobs::Lane::Peers)
        .on(service::LOOK, service::look)
        .on(records::COMPLETED, from_statement::take)
}
