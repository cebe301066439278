//! Workbooks of today: streamed cell by cell, so that a stated dimension costs nothing; formulas are read as values.
use std::io::Cursor;

use base::Result;
use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::{
    file::first,
    sheet::{Cell, Gathered, refuse},
    zip_guard,
};

/// Sheets are looked at in order until one has a header.
const MAX_SHEETS: usize = 20;
/// Merged regions that are followed.
const MAX_MERGED: usize = 50_000;

pub(super) fn read<T>(file: &[u8], pick: impl Fn(Gathered) -> Option<T>) -> Result<T> {
    zip_guard::check(file)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(unreadable)?;
    let names: Vec<String> = book.sheet_names().into_iter().take(MAX_SHEETS).collect();
    first(names.iter().map(|name| gather(&mut book, name)), pick)
}

fn unreadable(_: XlsxError) -> base::Error {
    refuse("roster_unreadable")
}

fn gather(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    let mut cells = book.worksheet_cells_reader(name).map_err(unreadable)?;
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        if let Some(value) = value(cell.get_value()) {
            gathered.put((row as usize + 1, column as usize), value)?;
        }
    }
    drop(cells);
    let merged = book.merge_cells_by_sheet_name(name).map_err(unreadable)?;
    for region in merged.iter().take(MAX_MERGED).filter(|r| r.end.0 > r.start.0) {
        let rows = (region.start.0 as usize + 1, region.end.0 as usize + 1);
        gathered.merge(rows, region.start.1 as usize);
    }
    Ok(gathered)
}

fn value(data: &DataRef<'_>) -> Option<Cell> {
    match data {
        DataRef::Empty => None,
        DataRef::Error(e) => Some(Cell::Broken(e.to_string())),
        DataRef::SharedString(s) => Some(Cell::Text((*s).to_owned())),
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => Some(Cell::Text(s.clone())),
        DataRef::Int(n) => Some(Cell::Number(n.to_string())),
        DataRef::Float(n) => Some(Cell::Number(n.to_string())),
        DataRef::Bool(b) => Some(Cell::Text(b.to_string())),
        DataRef::DateTime(at) => Some(date(at)),
    }
}

/// A date as text. A number that only looks like a date for its style stays a number.
pub(super) fn date(at: &calamine::ExcelDateTime) -> Cell {
    if !(1.0..=80_000.0).contains(&at.as_f64()) {
        return Cell::Number(at.as_f64().to_string());
    }
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    Cell::Text(format!("{year:04}-{month:02}-{day:02}"))
}
