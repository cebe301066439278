//! What the slice does in the background.
use site::Site;

use crate::{
    catalogue, complete, from_statement,
    mapping::{joined, parted},
    outbox, service, trace, waiting,
};

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(catalogue::SYNC, |site: Site, name: String| async move { catalogue::sync(&site, &name).await })
        .along(catalogue::SYNC, outbox::whom)
        .on(trace::PULL, trace::pull)
        .along(trace::PULL, outbox::whom)
        .on(service::LOOK, service::look)
        .on(records::COMPLETED, from_statement::take)
        .on(joined::JOINED, joined::restate)
        .in_lane(joined::JOINED, jobs::Lane::Long)
        .on(parted::PARTED, parted::restate)
        .in_lane(parted::PARTED, jobs::Lane::Long)
        .on(waiting::TAKE, waiting::take)
        .on(hours::TIME_RELEASED, complete::regained::of_person)
        .on(hours::POLICY_PUBLISHED, waiting::published)
}
