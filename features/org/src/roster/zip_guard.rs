//! Looking through a workbook's container before anything parses it (security item 38). What counts is what is really
//! read: the sizes that headers state may lie.
use std::io::{Cursor, Read};

use base::Result;
use zip::ZipArchive;

use super::{file::dangerous, sheet::refuse};

/// All entries together, unpacked, in bytes.
const MAX_UNPACKED: usize = 100 * 1024 * 1024;
/// Unpacked bytes for each packed one; small files may be repetitive.
const MAX_RATIO: usize = 100;
const RATIO_FROM: usize = 1024 * 1024;
const MAX_ENTRIES: usize = 1000;

/// Parts that no roster needs: macros, links to other files, files within the file.
const FOREIGN: &[&str] =
    &["vbaproject", "externallinks/", "embeddings/", "activex/", "ctrlprops/", "macrosheets/"];
const ARCHIVES: &[&[u8]] = &[b"PK\x03\x04", b"Rar!", b"7z\xBC\xAF", b"\x1F\x8B", b"\xD0\xCF\x11\xE0", b"MZ"];

/// Refuses a container that is too large, packed too well, or holds what it should not.
pub(super) fn check(file: &[u8]) -> Result<()> {
    let unreadable = |_| refuse("roster_unreadable");
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(unreadable)?;
    if archive.len() > MAX_ENTRIES {
        return Err(dangerous());
    }
    let (mut unpacked, mut has_book) = (0, false);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.to_ascii_lowercase().replace('\\', "/");
        if FOREIGN.iter().any(|f| name.contains(f)) {
            return Err(dangerous());
        }
        has_book |= name == "xl/workbook.xml";
        let is_xml = [".xml", ".rels", ".vml"].iter().any(|e| name.ends_with(e));
        through(&mut entry, is_xml, &mut |read| {
            unpacked += read;
            let is_bomb =
                unpacked > MAX_UNPACKED || (unpacked > RATIO_FROM && unpacked / MAX_RATIO > file.len());
            if is_bomb { Err(dangerous()) } else { Ok(()) }
        })?;
    }
    if has_book { Ok(()) } else { Err(refuse("roster_unreadable")) }
}

/// Reads an entry to its end without keeping it.
fn through(entry: &mut impl Read, is_xml: bool, count: &mut impl FnMut(usize) -> Result<()>) -> Result<()> {
    const MARK: usize = 9;
    let mut buffer = vec![0; 64 * 1024];
    // The end of the last piece stays before the next one, so that no declaration hides between two.
    let (mut kept, mut is_first) = (0, true);
    loop {
        let space = buffer.get_mut(kept..).unwrap_or_default();
        let read = entry.read(space).map_err(|_| refuse("roster_unreadable"))?;
        if read == 0 {
            return Ok(());
        }
        count(read)?;
        let piece = buffer.get(..kept + read).unwrap_or_default();
        if is_first && ARCHIVES.iter().any(|magic| piece.starts_with(magic)) {
            return Err(dangerous());
        }
        if is_xml && (declares(piece) || (is_first && is_wide(piece))) {
            return Err(dangerous());
        }
        is_first = false;
        let from = piece.len().saturating_sub(MARK);
        let end = piece.len();
        buffer.copy_within(from..end, 0);
        kept = end - from;
    }
}

/// A document type or an entity: workbooks have none, attacks do.
fn declares(piece: &[u8]) -> bool {
    let marks = piece.iter().enumerate().filter(|(_, b)| **b == b'!').map(|(at, _)| at);
    marks.filter_map(|at| piece.get(at..)).any(|p| p.starts_with(b"!DOCTYPE") || p.starts_with(b"!ENTITY"))
}

/// Text of two bytes a sign would pass the search for declarations.
fn is_wide(piece: &[u8]) -> bool {
    piece.iter().take(64).any(|b| *b == 0) || piece.starts_with(b"\xFF\xFE") || piece.starts_with(b"\xFE\xFF")
}
