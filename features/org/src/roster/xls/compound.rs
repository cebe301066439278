//! The compound file around a workbook (MS-CFB): a file system of chained sectors. Every chain ends at the file's end.
use super::{u16_at, u32_at};

const END: u32 = 0xFFFF_FFFE;

struct Compound<'a> {
    file: &'a [u8],
    size: usize,
    fat: Vec<u32>,
}

/// A stream of the file by its name.
pub(super) fn stream(file: &[u8], name: &str) -> Option<Vec<u8>> {
    let size = 1_usize.checked_shl(u32::from(u16_at(file, 30)?)).filter(|s| matches!(s, 512 | 4096))?;
    let mut compound = Compound { file, size, fat: vec![] };
    compound.fat = compound.table()?;
    let directory = compound.chain(u32_at(file, 48)?, usize::MAX)?;
    let entry = directory.chunks_exact(128).find(|e| is_named(e, name))?;
    let (start, length) = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
    if length >= u32_at(file, 56)? as usize {
        return compound.chain(start, length);
    }
    let root = directory.get(..128)?;
    let mini = compound.chain(u32_at(root, 116)?, u32_at(root, 120)? as usize)?;
    let table = compound.chain(u32_at(file, 60)?, usize::MAX)?;
    small(&mini, &words(&table), start, length)
}

fn is_named(entry: &[u8], name: &str) -> bool {
    let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    u16_at(entry, 64).is_some_and(|n| usize::from(n) == wanted.len() + 2) && entry.starts_with(&wanted)
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|c| u32_at(c, 0)).collect()
}

/// A stream below the cut-off lies in the root's stream, in sectors of 64 bytes.
fn small(mini: &[u8], table: &[u32], start: u32, length: usize) -> Option<Vec<u8>> {
    let mut found = vec![];
    let mut at = start;
    while at < END && found.len() < length {
        let from = at as usize * 64;
        found.extend_from_slice(mini.get(from..from + 64)?);
        if found.len() > mini.len() {
            return None;
        }
        at = *table.get(at as usize)?;
    }
    found.truncate(length);
    Some(found)
}

impl Compound<'_> {
    fn sector(&self, number: u32) -> Option<&[u8]> {
        let from = (number as usize).checked_add(1)?.checked_mul(self.size)?;
        let end = from.checked_add(self.size)?.min(self.file.len());
        self.file.get(from..end).filter(|s| !s.is_empty())
    }

    /// The table of chains; its own sectors are listed in the header and in a chain of lists.
    fn table(&self) -> Option<Vec<u32>> {
        let mut listed = words(self.file.get(76..512)?);
        let mut at = u32_at(self.file, 68)?;
        let mut steps = 0;
        while at < END {
            let mut more = words(self.sector(at)?);
            at = more.pop()?;
            listed.extend(more);
            steps += 1;
            if steps * self.size > self.file.len() {
                return None;
            }
        }
        let mut table = vec![];
        for number in listed.into_iter().filter(|n| *n < END - 2) {
            table.extend(words(self.sector(number)?));
            if table.len() * 4 > self.file.len() {
                return None;
            }
        }
        Some(table)
    }

    fn chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut found = vec![];
        let mut at = start;
        while at < END && found.len() < length {
            found.extend_from_slice(self.sector(at)?);
            if found.len() > self.file.len() {
                return None;
            }
            at = *self.fat.get(at as usize)?;
        }
        found.truncate(length);
        Some(found)
    }
}
