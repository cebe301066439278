//! Reading a file into cells: .xlsx streamed with limits, .csv in UTF-8 or GB18030. Content decides, not the name.
use std::io::Cursor;

use base::{Error, Kind, Result};
use calamine::{DataRef, Reader, Xlsx};

use super::words;

/// At most so many rows and columns are read (security item 38).
const MAX_ROWS: u32 = 50_000;
const MAX_COLUMNS: u32 = 100;

/// A cell's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    /// A number or a date that the spreadsheet holds as one; the text is what is left of it.
    Number(String),
}

impl Cell {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(t) | Self::Number(t) => t.trim(),
        }
    }
}

/// A row with its number in the spreadsheet and its known columns.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub number: usize,
    pub cells: Vec<(&'static str, Cell)>,
}

impl Row {
    pub(crate) fn cell(&self, column: &str) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|(name, cell)| *name == column && !cell.text().is_empty())
            .map(|(_, cell)| cell)
    }

    pub(crate) fn text(&self, column: &str) -> Option<&str> {
        self.cell(column).map(Cell::text)
    }
}

type Grid = Vec<(usize, Vec<Option<Cell>>)>;

fn refuse(code: &'static str) -> Error {
    Error::refused(Kind::Invalid, code)
}

/// The rows below the header, blank ones left out.
pub(crate) fn read(file: &[u8]) -> Result<Vec<Row>> {
    let grid = if file.starts_with(b"PK") { xlsx(file)? } else { csv(file)? };
    let mut rows = grid.into_iter();
    let header = rows.find_map(|(_, cells)| header(&cells)).ok_or_else(|| refuse("roster_no_header"))?;
    let row = |(number, cells): (usize, Vec<Option<Cell>>)| {
        let known = header.iter().zip(cells).filter_map(|(name, cell)| Some(((*name)?, cell?)));
        Row { number, cells: known.collect() }
    };
    Ok(rows.map(row).filter(|r| r.cells.iter().any(|(_, c)| !c.text().is_empty())).collect())
}

/// Every row of a file as texts, with its number, for lists that have no header of a roster.
pub fn lines(file: &[u8]) -> Result<Vec<(usize, Vec<String>)>> {
    let grid = if file.starts_with(b"PK") { xlsx(file)? } else { csv(file)? };
    let texts = |cells: Vec<Option<Cell>>| {
        cells.iter().map(|c| c.as_ref().map_or_else(String::new, |c| c.text().to_owned())).collect()
    };
    Ok(grid.into_iter().map(|(number, cells)| (number, texts(cells))).collect())
}

/// The first row that names both a person and an ID number is the header; title rows above it are passed over.
fn header(cells: &[Option<Cell>]) -> Option<Vec<Option<&'static str>>> {
    let names: Vec<Option<&'static str>> =
        cells.iter().map(|c| c.as_ref().and_then(|c| words::column(c.text()))).collect();
    (names.contains(&Some("name")) && names.contains(&Some("id_number"))).then_some(names)
}

fn xlsx(file: &[u8]) -> Result<Grid> {
    let unreadable = |_| refuse("roster_unreadable");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(unreadable)?;
    let sheet = book.sheet_names().first().cloned().ok_or_else(|| refuse("roster_unreadable"))?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    let mut grid: Grid = vec![];
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        if row >= MAX_ROWS + 20 || column >= MAX_COLUMNS {
            return Err(refuse("roster_too_large"));
        }
        let number = row as usize + 1;
        if grid.last().is_none_or(|(last, _)| *last != number) {
            grid.push((number, vec![]));
        }
        let Some((_, line)) = grid.last_mut() else { continue };
        line.resize(line.len().max(column as usize), None);
        line.push(value(cell.get_value()));
    }
    Ok(grid)
}

fn value(data: &DataRef<'_>) -> Option<Cell> {
    match data {
        DataRef::Empty | DataRef::Error(_) => None,
        DataRef::String(s) => Some(Cell::Text(s.clone())),
        DataRef::SharedString(s) => Some(Cell::Text((*s).to_owned())),
        DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => Some(Cell::Text(s.clone())),
        DataRef::Int(n) => Some(Cell::Number(n.to_string())),
        DataRef::Float(n) => Some(Cell::Number(n.to_string())),
        DataRef::Bool(b) => Some(Cell::Text(b.to_string())),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            Some(Cell::Text(format!("{year:04}-{month:02}-{day:02}")))
        }
    }
}

fn csv(file: &[u8]) -> Result<Grid> {
    let bytes = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => {
            let (text, _, has_errors) = encoding_rs::GB18030.decode(bytes);
            if has_errors {
                return Err(refuse("roster_unreadable"));
            }
            text
        }
    };
    if text.contains('\0') {
        return Err(refuse("roster_unreadable"));
    }
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut grid = vec![];
    for record in reader.records() {
        let record = record.map_err(|_| refuse("roster_unreadable"))?;
        if grid.len() > MAX_ROWS as usize || record.len() > MAX_COLUMNS as usize {
            return Err(refuse("roster_too_large"));
        }
        let number = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
        grid.push((number, record.iter().map(|c| Some(Cell::Text(c.to_owned()))).collect()));
    }
    Ok(grid)
}
