//! The Learning Record Store: xAPI 1.0.3 and 2.0.0 (IEEE 9274.1.1) at `/xapi/`, for the course providers' records, each
//! provider by itself. What the standard asks is checked in pure modules; `store*` holds the SQL.
mod api;
pub mod attachments;
pub mod check;
mod completed;
mod doors;
pub mod format;
mod group;
pub mod identity;
pub mod json;
pub mod multipart;
pub mod prepared;
pub mod problem;
mod recorder;
pub mod same;
pub mod shape;
pub mod signature;
mod store;
mod store_documents;
mod store_doors;
mod store_query;
pub mod terms;
pub mod version;

pub use completed::{Announced, COMPLETED, Completed, completed};
pub use doors::{Credentials, end_older, grant, set_quota};
pub use store_doors::newest;

/// The slice's routes.
pub fn routes() -> site::Routes {
    api::routes()
}
