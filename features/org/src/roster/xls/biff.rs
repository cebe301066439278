//! The records of a workbook (MS-XLS, BIFF8): cells with their values, formats only as far as they tell dates.
use std::collections::HashMap;

use base::Result;
use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::{f64_at, strings, u16_at, u32_at};
use crate::roster::{
    sheet::{Cell, Gathered, refuse},
    xlsx,
};

const END: u16 = 0x000A;
const BEGIN: u16 = 0x0809;
const CONTINUE: u16 = 0x003C;

/// Records from a place of the stream.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);
    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (u16_at(self.0, 0)?, usize::from(u16_at(self.0, 2)?));
        let data = self.0.get(4..4 + length)?;
        self.0 = self.0.get(4 + length..)?;
        Some((kind, data))
    }
}

/// What the workbook says for all its sheets.
#[derive(Default)]
pub(super) struct Book {
    /// Where the sheets begin.
    pub sheets: Vec<usize>,
    strings: Vec<String>,
    /// Whether a style shows a date.
    dates: Vec<bool>,
    is_1904: bool,
}

impl Book {
    /// Reads the records before the first sheet. `None` for an older format and for one under a password.
    pub(super) fn of(stream: &[u8]) -> Option<Self> {
        let mut book = Self::default();
        let (mut formats, mut styles) = (HashMap::new(), vec![]);
        let mut shared: Vec<&[u8]> = vec![];
        let mut last = 0;
        for (kind, data) in Records(stream) {
            match kind {
                BEGIN if u16_at(data, 0)? != 0x0600 => return None,
                0x002F => return None,
                0x0022 => book.is_1904 = u16_at(data, 0)? == 1,
                0x0085 if data.get(5) == Some(&0) => book.sheets.push(u32_at(data, 0)? as usize),
                0x041E => drop(formats.insert(u16_at(data, 0)?, strings::plain(data, 2).unwrap_or_default())),
                0x00E0 => styles.push(u16_at(data, 2)?),
                0x00FC => shared.push(data),
                CONTINUE if last == 0x00FC => shared.push(data),
                END => break,
                _ => {}
            }
            if kind != CONTINUE {
                last = kind;
            }
        }
        book.dates = styles.iter().map(|f| is_date(*f, formats.get(f).map(String::as_str))).collect();
        book.strings = strings::shared(shared);
        Some(book)
    }

    /// The cells of the sheet that begins there.
    pub(super) fn gather(&self, stream: &[u8], at: usize) -> Result<Gathered> {
        let mut gathered = Gathered::default();
        let mut merged = vec![];
        let mut depth = 0;
        // A formula's text comes in the record behind it.
        let mut formula = None;
        for (kind, data) in Records(stream.get(at..).unwrap_or_default()) {
            match kind {
                BEGIN => depth += 1,
                END if depth <= 1 => break,
                END => depth -= 1,
                _ if depth > 1 => {}
                0x00BD => self.many(data, &mut gathered)?,
                0x00E5 => {
                    merged.extend(data.get(2..).unwrap_or_default().chunks_exact(8).map(<[u8]>::to_vec));
                }
                0x0006 => formula = place(data),
                0x0207 => {
                    if let (Some(at), Some(text)) = (formula, strings::plain(data, 0)) {
                        gathered.put(at, Cell::Text(text))?;
                    }
                }
                _ => {}
            }
            if let (Some(at), Some(cell)) = (place(data), self.cell(kind, data).filter(|_| depth <= 1)) {
                gathered.put(at, cell)?;
            }
        }
        for region in merged.iter().take(50_000) {
            let part = |at| u16_at(region, at).map(usize::from).unwrap_or_default();
            gathered.merge((part(0) + 1, part(2) + 1), part(4));
        }
        Ok(gathered)
    }

    fn cell(&self, kind: u16, data: &[u8]) -> Option<Cell> {
        match kind {
            0x00FD => self.strings.get(u32_at(data, 6)? as usize).cloned().map(Cell::Text),
            0x0204 | 0x00D6 => strings::plain(data, 6).map(Cell::Text),
            0x027E => Some(self.number(u16_at(data, 4)?, packed(u32_at(data, 6)?))),
            0x0205 if data.get(7) == Some(&1) => Some(Cell::Broken("#".into())),
            0x0006 if u16_at(data, 12)? == 0xFFFF => {
                (data.get(6) == Some(&2)).then(|| Cell::Broken("#".into()))
            }
            0x0203 | 0x0006 => Some(self.number(u16_at(data, 4)?, f64_at(data, 6)?)),
            _ => None,
        }
    }

    fn number(&self, style: u16, value: f64) -> Cell {
        if self.dates.get(usize::from(style)).copied().unwrap_or(false) {
            return xlsx::date(&ExcelDateTime::new(value, ExcelDateTimeType::DateTime, self.is_1904));
        }
        Cell::Number(value.to_string())
    }

    /// Neighbouring numbers of one row.
    fn many(&self, data: &[u8], gathered: &mut Gathered) -> Result<()> {
        let (row, first) = place(data).ok_or_else(|| refuse("roster_unreadable"))?;
        let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
        for (n, cell) in cells.chunks_exact(6).enumerate() {
            if let (Some(style), Some(value)) = (u16_at(cell, 0), u32_at(cell, 2)) {
                gathered.put((row, first + n), self.number(style, packed(value)))?;
            }
        }
        Ok(())
    }
}

/// Row from 1 and column from 0.
fn place(data: &[u8]) -> Option<(usize, usize)> {
    Some((usize::from(u16_at(data, 0)?) + 1, usize::from(u16_at(data, 2)?)))
}

/// A number in four bytes: an integer or the upper part of a float, perhaps a hundredfold.
fn packed(rk: u32) -> f64 {
    let value = if rk & 2 == 2 {
        f64::from(rk.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(rk & 0xFFFF_FFFC) << 32)
    };
    if rk & 1 == 1 { value / 100.0 } else { value }
}

/// Whether a number format shows a date: by its fixed number, or by what its text asks for.
fn is_date(number: u16, format: Option<&str>) -> bool {
    if matches!(number, 14..=22 | 27..=36 | 45..=47 | 50..=58) {
        return true;
    }
    let (mut is_quoted, mut is_bracket) = (false, false);
    let mut asks = false;
    for sign in format.unwrap_or_default().chars() {
        match sign {
            '"' => is_quoted = !is_quoted,
            '[' => is_bracket = true,
            ']' => is_bracket = false,
            'y' | 'd' | 'Y' | 'D' => asks |= !is_quoted && !is_bracket,
            _ => {}
        }
    }
    asks
}
