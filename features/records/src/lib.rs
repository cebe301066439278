//! The Learning Record Store: xAPI 1.0.3 and 2.0.0 (IEEE 9274.1.1) at `/xapi/`, for the course providers' records, each
//! provider by itself. What the standard asks is checked in pure modules; `store*` holds the SQL.
pub mod check;
pub mod format;
pub mod json;
pub mod problem;
pub mod version;
