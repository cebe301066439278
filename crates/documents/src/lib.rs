//! Typeset documents: a template and data in, a PDF/A or pictures out.
//!
//! Nothing here reads the clock, the network or any file but Debian's fonts, so the same manuscript
//! always gives the same bytes.

mod error;
mod everyday;
mod fonts;
mod mask;
mod qr;
mod reading;
mod sealed;
mod typesetter;
mod world;

pub use error::TypesetError;
pub use qr::qr_svg;
pub use reading::{Word, read_words};
pub use sealed::{Sealing, Unsealed, prepare};
pub use typesetter::{Identity, Manuscript, Typesetter, missing_glyphs};
