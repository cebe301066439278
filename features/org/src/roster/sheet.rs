//! A sheet as it was read, within limits that no file can talk us out of (security item 38).
use base::{Error, Kind, Result};

use super::words;

/// At most so many rows with content and so many columns are read.
const MAX_ROWS: usize = 50_000;
const MAX_COLUMNS: usize = 100;
/// Texts of all cells together, in bytes: one shared text may stand in millions of cells.
const MAX_TEXT: usize = 40 * 1024 * 1024;
/// A longer text is no fact of a person; the rest of it is not kept.
const MAX_CELL: usize = 500;
/// The header stands in one of the first rows.
const MAX_TITLES: usize = 30;

/// A cell's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// What someone wrote.
    Text(String),
    /// What the spreadsheet holds as a number.
    Number(String),
    /// A formula that failed.
    Broken(String),
}

impl Cell {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(t) | Self::Number(t) | Self::Broken(t) => t.trim(),
        }
    }
}

/// A row with its number in the spreadsheet.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub number: usize,
    pub cells: Vec<Option<Cell>>,
}

/// Rows as they are gathered, each cell counted.
#[derive(Default)]
pub(crate) struct Gathered {
    pub lines: Vec<Line>,
    text: usize,
}

pub(crate) fn refuse(code: &'static str) -> Error {
    Error::refused(Kind::Invalid, code)
}

impl Gathered {
    /// Takes a cell; blank ones cost nothing, wherever they stand.
    pub(crate) fn put(&mut self, (row, column): (usize, usize), cell: Cell) -> Result<()> {
        if cell.text().is_empty() {
            return Ok(());
        }
        if self.lines.last().is_none_or(|l| l.number != row) {
            if self.lines.last().is_some_and(|l| l.number > row) {
                return Err(refuse("roster_unreadable"));
            }
            self.lines.push(Line { number: row, cells: vec![] });
        }
        self.text += cell.text().len().min(MAX_CELL);
        if column >= MAX_COLUMNS || self.lines.len() > MAX_ROWS + MAX_TITLES || self.text > MAX_TEXT {
            return Err(refuse("roster_too_large"));
        }
        let Some(line) = self.lines.last_mut() else { return Ok(()) };
        if line.cells.len() <= column {
            line.cells.resize(column + 1, None);
        }
        if let Some(place) = line.cells.get_mut(column) {
            *place = Some(shortened(cell));
        }
        Ok(())
    }

    /// What a merged region says, every row of it says: the first cell's content goes down its first column.
    pub(crate) fn merge(&mut self, (first_row, last_row): (usize, usize), first: usize) {
        let from = self.lines.partition_point(|l| l.number < first_row);
        let to = self.lines.partition_point(|l| l.number <= last_row);
        let Some(lines) = self.lines.get_mut(from..to) else { return };
        let Some((head, rest)) = lines.split_first_mut() else { return };
        if head.number != first_row || first >= MAX_COLUMNS {
            return;
        }
        let Some(said) = head.cells.get(first).cloned().flatten() else { return };
        for line in rest {
            if line.cells.len() <= first {
                line.cells.resize(first + 1, None);
            }
            if let Some(place @ None) = line.cells.get_mut(first) {
                *place = Some(said.clone());
            }
        }
    }
}

fn shortened(cell: Cell) -> Cell {
    let Cell::Text(text) = cell else { return cell };
    if text.len() <= MAX_CELL {
        return Cell::Text(text);
    }
    let end = (0..=MAX_CELL).rev().find(|n| text.is_char_boundary(*n)).unwrap_or(0);
    Cell::Text(text.get(..end).unwrap_or_default().to_owned())
}

/// A sheet with its header found.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// Every row, titles and header included.
    pub lines: Vec<Line>,
    /// The known column of each place.
    pub columns: Vec<Option<&'static str>>,
    /// How many of the rows stand above the first person.
    pub head: usize,
}

/// A person's row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub number: usize,
    cells: &'a [Option<Cell>],
    columns: &'a [Option<&'static str>],
}

impl<'a> Row<'a> {
    pub(crate) fn cell(&self, column: &str) -> Option<&'a Cell> {
        let found = self.columns.iter().zip(self.cells).filter(|(name, _)| **name == Some(column));
        found.filter_map(|(_, cell)| cell.as_ref()).find(|cell| !cell.text().is_empty())
    }

    #[cfg(test)]
    pub(crate) fn text(&self, column: &str) -> Option<&'a str> {
        self.cell(column).map(Cell::text)
    }

    fn is_person(&self) -> bool {
        self.columns.iter().zip(self.cells).any(|(name, cell)| name.is_some() && cell.is_some())
    }
}

impl Sheet {
    /// Finds the header: the first of the upper rows that names both a person and a number. A second row under merged
    /// headings adds what it names. `None` for a sheet without one.
    pub(crate) fn of(gathered: Gathered) -> Option<Self> {
        let lines = gathered.lines;
        let names = |l: &Line| -> Vec<Option<&'static str>> {
            l.cells.iter().map(|c| c.as_ref().and_then(|c| words::column(c.text()))).collect()
        };
        let is_header =
            |n: &Vec<Option<&'static str>>| n.contains(&Some("name")) && n.contains(&Some("id_number"));
        let at = lines.iter().take(MAX_TITLES).position(|l| is_header(&names(l)))?;
        let mut columns = names(lines.get(at)?);
        let mut head = at + 1;
        if let Some(below) = lines.get(head).map(names).filter(is_header) {
            columns.resize(columns.len().max(below.len()), None);
            columns.iter_mut().zip(below).for_each(|(upper, lower)| *upper = lower.or(*upper));
            head += 1;
        }
        Some(Self { lines, columns, head })
    }

    /// The people's rows, blank ones left out.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines
            .iter()
            .skip(self.head)
            .map(|l| Row { number: l.number, cells: &l.cells, columns: &self.columns })
            .filter(Row::is_person)
    }
}
