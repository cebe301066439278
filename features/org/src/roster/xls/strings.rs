//! Strings of a workbook's records (MS-XLS): the shared ones run over several records.
use super::{u16_at, u32_at};

/// Reads over the pieces that a long record was cut into.
struct Pieces<'a> {
    pieces: Vec<&'a [u8]>,
    piece: usize,
    at: usize,
}

impl Pieces<'_> {
    fn left(&self) -> usize {
        self.pieces.get(self.piece).map_or(0, |p| p.len().saturating_sub(self.at))
    }

    fn byte(&mut self) -> Option<u8> {
        while self.left() == 0 {
            (self.piece, self.at) = (self.piece + 1, 0);
            self.pieces.get(self.piece)?;
        }
        let byte = self.pieces.get(self.piece)?.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn word(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            if self.left() == 0 {
                self.byte()?;
                count -= 1;
                continue;
            }
            let step = self.left().min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    /// Characters; where a piece ends among them, the next one says anew how wide they are.
    fn characters(&mut self, count: usize, mut is_wide: bool) -> Option<String> {
        let mut units: Vec<u16> = vec![];
        while units.len() < count {
            if self.left() == 0 {
                is_wide = self.byte()? & 1 == 1;
            }
            units.push(if is_wide { self.word()? } else { u16::from(self.byte()?) });
        }
        Some(String::from_utf16_lossy(&units))
    }

    fn shared(&mut self) -> Option<String> {
        let count = usize::from(self.word()?);
        let flags = self.byte()?;
        let runs = if flags & 8 == 8 { usize::from(self.word()?) } else { 0 };
        let extra = if flags & 4 == 4 {
            let low = usize::from(self.word()?);
            low | usize::from(self.word()?) << 16
        } else {
            0
        };
        let text = self.characters(count, flags & 1 == 1)?;
        self.skip(runs * 4 + extra)?;
        Some(text)
    }
}

/// The shared strings, as many as there are.
pub(super) fn shared(pieces: Vec<&[u8]>) -> Vec<String> {
    let count = pieces.first().and_then(|p| u32_at(p, 4)).unwrap_or(0);
    let mut pieces = Pieces { pieces, piece: 0, at: 8 };
    (0..count).map_while(|_| pieces.shared()).collect()
}

/// A string with a length of two bytes at a place of a record.
pub(super) fn plain(record: &[u8], at: usize) -> Option<String> {
    let count = usize::from(u16_at(record, at)?);
    let flags = *record.get(at + 2)?;
    let mut pieces = Pieces { pieces: vec![record.get(at + 3..)?], piece: 0, at: 0 };
    pieces.characters(count, flags & 1 == 1)
}
