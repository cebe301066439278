//! What the slice does in the background.
use crate::{nightly, what_if};

/// The slice's background work.
pub fn jobs() -> jobs::Handlers<site::Site> {
    jobs::Handlers::default()
        .on(nightly::NIGHTLY, |site: site::Site, night| async move { nightly::run(&site, night).await })
        .on(what_if::TRIAL, |site: site::Site, id: String| async move { what_if::run(&site, &id).await })
        .in_lane(nightly::NIGHTLY, jobs::Lane::Long)
        .in_lane(what_if::TRIAL, jobs::Lane::Long)
}
