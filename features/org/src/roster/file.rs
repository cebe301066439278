//! What a file is by its content, and reading it into a sheet. Name and declared type must not say otherwise
//! (security items 37 and 38).
use std::sync::LazyLock;

use base::{Error, Kind, Result};
use tokio::sync::Semaphore;

use super::{
    csv,
    sheet::{Cell, Gathered, Sheet, refuse},
    xls, xlsx,
};

/// So many files are read at once; others wait, so that memory stays bounded.
static READERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// The formats of rosters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Xlsx,
    Xls,
    Csv,
}

impl Format {
    /// The format that the bytes show.
    pub(crate) fn of(file: &[u8]) -> Result<Self> {
        if file.starts_with(b"PK\x03\x04") {
            return Ok(Self::Xlsx);
        }
        if file.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            return Ok(Self::Xls);
        }
        let is_binary =
            [&b"%PDF"[..], b"PK", b"Rar!", b"7z\xBC\xAF", b"\x1F\x8B", b"\x89PNG", b"\xFF\xD8\xFF"]
                .iter()
                .any(|magic| file.starts_with(magic));
        if is_binary { Err(refuse("roster_unreadable")) } else { Ok(Self::Csv) }
    }

    /// Whether a file name says nothing else; a name without an ending says nothing.
    pub(crate) fn fits_name(self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
        match ending.as_deref() {
            Some("xlsx") => self == Self::Xlsx,
            Some("xls") => self == Self::Xls,
            Some("csv" | "txt") => self == Self::Csv,
            Some(_) => false,
            None => true,
        }
    }

    /// Whether a declared type says nothing else. Browsers on Windows call a .csv an Excel file.
    pub(crate) fn fits_type(self, declared: &str) -> bool {
        let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => self == Self::Xlsx,
            "application/vnd.ms-excel" => self != Self::Xlsx,
            "text/csv" | "text/plain" => self == Self::Csv,
            _ => true,
        }
    }
}

/// Reads a file on a thread of its own.
pub(crate) async fn read(file: Vec<u8>) -> Result<Sheet> {
    let _turn = READERS.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || read_now(&file)).await.map_err(Error::internal)?
}

/// Reads the first sheet that has a header.
pub(crate) fn read_now(file: &[u8]) -> Result<Sheet> {
    picked(file, Sheet::of)
}

/// Every row of a file as texts, with its number, for lists that have no header of a roster.
pub fn lines(file: &[u8]) -> Result<Vec<(usize, Vec<String>)>> {
    let gathered = picked(file, |g| Some(g).filter(|g| !g.lines.is_empty()))?;
    let text = |c: Option<Cell>| c.map_or_else(String::new, |c| c.text().to_owned());
    let texts = |cells: Vec<Option<Cell>>| cells.into_iter().map(text).collect();
    Ok(gathered.lines.into_iter().map(|l| (l.number, texts(l.cells))).collect())
}

fn picked<T>(file: &[u8], pick: impl Fn(Gathered) -> Option<T>) -> Result<T> {
    match Format::of(file)? {
        Format::Xlsx => xlsx::read(file, pick),
        Format::Xls => xls::read(file, pick),
        Format::Csv => first(std::iter::once(csv::read(file)), pick),
    }
}

/// The first sheet that is what is looked for.
pub(super) fn first<T>(
    sheets: impl Iterator<Item = Result<Gathered>>,
    pick: impl Fn(Gathered) -> Option<T>,
) -> Result<T> {
    for gathered in sheets {
        if let Some(picked) = pick(gathered?) {
            return Ok(picked);
        }
    }
    Err(refuse("roster_no_header"))
}

/// A refusal of a file that tries something.
pub(super) fn dangerous() -> Error {
    Error::refused(Kind::Invalid, "roster_dangerous")
}
