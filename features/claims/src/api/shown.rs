//! What claims and exemptions have in common when programs see them.
use base::day;
use files::Cited;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::events::Event;

/// A piece of evidence.
#[derive(Serialize, ToSchema)]
pub(super) struct FileShown {
    id: String,
    sha256: String,
    name: String,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(super) struct EventShown {
    at: String,
    what: String,
    by: Option<String>,
    hours: Option<String>,
    remark: String,
}

pub(super) fn files(cited: Vec<Cited>) -> Vec<FileShown> {
    cited.into_iter().map(|f| FileShown { id: f.id, sha256: f.sha256, name: f.name }).collect()
}

pub(super) fn events(events: Vec<Event>) -> Vec<EventShown> {
    let one = |e: Event| EventShown {
        at: day::rfc3339(e.at),
        what: e.what,
        by: e.by_name,
        hours: e.hours.map(|h| h.to_string()),
        remark: e.remark,
    };
    events.into_iter().map(one).collect()
}
