//! Formats of single values, by the standards that xAPI names.
mod address;
mod duration;
mod instant;
mod iri;
mod language;

pub use address::{is_mailto, is_media_type, is_sha1, is_sha2, is_uuid};
pub use duration::{compared, is_duration, seconds as duration_seconds};
pub use instant::{Moment, micros_to_text, moment};
pub use iri::is_iri;
pub use language::{is_language, pick, ranges};
