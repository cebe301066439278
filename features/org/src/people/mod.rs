//! One person by hand: what is stated, adding, changing.
mod change;
mod create;
mod stated;

/// The first character of a name that no font can print (䶮 has one, the private code points of old systems have none),
/// with its code point; fonts that can't be looked at are the doctor's business.
pub(crate) fn unprintable(name: &str) -> Option<String> {
    let missing = documents::missing_glyphs(name).unwrap_or_default();
    missing.first().map(|c| format!("{c} (U+{:04X})", u32::from(*c)))
}

pub(crate) use change::{change, confirm_post, may_leave, since};
pub(crate) use create::create;
pub(crate) use stated::{Stated, fault_code, read_paper};
