//! An OFD file is a ZIP; the invoice's data lie in it as XML.
use std::io::{Cursor, Read};

use super::{Original, Unusable, fields};

/// An invoice's OFD holds a few dozen files.
const MOST_ENTRIES: usize = 300;
/// The data are some kilobytes; more is not unpacked.
const MOST_BYTES: u64 = 1024 * 1024;

/// Reads the first of the XML files inside that is an invoice.
pub(super) fn read(bytes: &[u8]) -> Result<Original, Unusable> {
    let unreadable = |_| Unusable::Unreadable;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Unusable::Unreadable);
    }
    let mut outcome = Err(Unusable::Unreadable);
    for place in 0..archive.len() {
        let Ok(entry) = archive.by_index(place) else { continue };
        let is_xml = entry.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with(".xml"));
        if !entry.is_file() || !is_xml {
            continue;
        }
        let mut text = String::new();
        if entry.take(MOST_BYTES).read_to_string(&mut text).is_err() {
            continue;
        }
        match fields::read(text.trim_start_matches('\u{feff}')) {
            Ok(original) => return Ok(original),
            Err(Unusable::Red) => outcome = Err(Unusable::Red),
            Err(Unusable::Unreadable | Unusable::Uncertain | Unusable::Edited) => {}
        }
    }
    outcome
}
