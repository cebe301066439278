//! Learning packages: SCORM 1.2 and 2004 and cmi5, inspected when they are handed in and played in a frame of another
//! origin, so that nothing in them reaches the learner's session here. Their time is accounted by heartbeats like all
//! other time; what a package says of its own result is kept and shown.
mod api_documents;
mod api_statements;
mod inspect;
mod launch;
mod manifest;
mod package;
mod pages_content;
mod result;
mod store;
mod store_sessions;
mod structure;
mod ticket;
mod unit_session;
mod unpack;
mod xml;

pub use inspect::inspect;
pub use package::{Fault, Goals, Item, Package, Standard};
pub use pages_content::frame_source;
pub use store::{Outcome, outcomes};
pub use ticket::Ticket;
pub use unpack::Limits;

use std::path::Path;

use site::Routes;

/// The slice's routes; `folder` is where packages lie unpacked, one folder for each lecture.
pub fn routes(folder: &Path) -> Routes {
    pages_content::routes(folder).and(api_documents::routes()).and(api_statements::routes())
}
