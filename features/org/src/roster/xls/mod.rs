//! Workbooks of Excel 97 to 2003 (.xls): a compound file that holds a stream of records. Read by hand, because a
//! record may state dimensions that a reader must not believe.
mod biff;
mod compound;
mod strings;

use base::Result;

use super::{
    file::first,
    sheet::{Gathered, refuse},
};

/// Sheets are looked at in order until one has a header.
const MAX_SHEETS: usize = 20;

pub(super) fn read<T>(file: &[u8], pick: impl Fn(Gathered) -> Option<T>) -> Result<T> {
    let unreadable = || refuse("roster_unreadable");
    let stream = compound::stream(file, "Workbook").ok_or_else(unreadable)?;
    let book = biff::Book::of(&stream).ok_or_else(unreadable)?;
    first(book.sheets.iter().take(MAX_SHEETS).map(|at| book.gather(&stream, *at)), pick)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use crate::roster::file::read_now;

    /// Made by another program: a title over merged cells, dates as serials and texts, merged departments, a number
    /// that lost its digits.
    const SAMPLE: &[u8] = include_bytes!("../../../data/tests/roster.xls");

    #[test]
    fn an_old_workbook_is_read() {
        let sheet = read_now(SAMPLE).unwrap();
        let rows: Vec<Vec<Option<&str>>> = sheet
            .rows()
            .map(|r| ["name", "id_number", "department", "joined_on", "staff_no"].map(|c| r.text(c)).to_vec())
            .collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(
            rows[0],
            [Some("张三"), Some("430102198005010017"), Some("教务处"), Some("2012-09-01"), Some("1001")]
        );
        assert_eq!(rows[1][2..], [Some("教务处"), Some("2013年9月1日"), Some("1002.5")]);
        assert_eq!(rows[2][1], Some("430102198005010050"));
    }

    #[test]
    fn a_cut_or_twisted_workbook_is_refused_and_costs_nothing() {
        for end in (0..SAMPLE.len()).step_by(97) {
            let _ = read_now(&SAMPLE[..end]);
        }
        for at in (512..SAMPLE.len()).step_by(13) {
            let mut twisted = SAMPLE.to_vec();
            twisted[at] = 0xFF;
            let _ = read_now(&twisted);
        }
    }
}
