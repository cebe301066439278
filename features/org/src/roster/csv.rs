//! Text files: UTF-8 with or without a mark, UTF-16 with one, else GB18030; commas, tabs or semicolons between cells.
use std::borrow::Cow;

use base::Result;

use super::sheet::{Cell, Gathered, refuse};

pub(super) fn read(file: &[u8]) -> Result<Gathered> {
    let text = decoded(file)?;
    if text.contains('\0') {
        return Err(refuse("roster_unreadable"));
    }
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut gathered = Gathered::default();
    // A cell with line breaks is one row of the spreadsheet and several lines of the file.
    let mut breaks = 0;
    let mut record = ::csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| refuse("roster_unreadable"))? {
        let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
        let row = line.saturating_sub(breaks);
        for (column, cell) in record.iter().enumerate() {
            breaks += cell.matches('\n').count();
            gathered.put((row, column), Cell::Text(cell.to_owned()))?;
        }
    }
    Ok(gathered)
}

fn decoded(file: &[u8]) -> Result<Cow<'_, str>> {
    let (encoding, mark) = match encoding_rs::Encoding::for_bom(file) {
        Some(found) => found,
        None if std::str::from_utf8(file).is_ok() => (encoding_rs::UTF_8, 0),
        None => (encoding_rs::GB18030, 0),
    };
    let (text, has_errors) = encoding.decode_without_bom_handling(file.get(mark..).unwrap_or_default());
    if has_errors { Err(refuse("roster_unreadable")) } else { Ok(text) }
}

/// The separator that the first lines use most.
fn delimiter(text: &str) -> u8 {
    let head: String = text.lines().take(10).collect();
    let most = [b',', b'\t', b';'].into_iter().rev().max_by_key(|d| head.matches(char::from(*d)).count());
    most.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use crate::roster::file::read_now;

    const TEXT: &str = "某学院名册,,\n\n姓名,身份证号,部门\n\"张\n三\",1,教务处\n李四,2,\n";

    fn rows(file: &[u8]) -> Vec<(usize, String)> {
        let sheet = read_now(file).unwrap();
        sheet.rows().map(|r| (r.number, r.text("name").unwrap_or_default().to_owned())).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_rows_as_the_spreadsheet_numbers_them() {
        let expected = [(4, "张\n三".to_owned()), (5, "李四".to_owned())];
        let (gb, ..) = encoding_rs::GB18030.encode(TEXT);
        let utf16: Vec<u8> = "\u{feff}"
            .chars()
            .chain(TEXT.chars())
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for file in [TEXT.as_bytes().to_vec(), format!("\u{feff}{TEXT}").into_bytes(), gb.into_owned(), utf16]
        {
            assert_eq!(rows(&file), expected);
        }
        assert_eq!(rows(TEXT.replace(',', "\t").as_bytes()), expected);
        assert!(read_now(b"\x81\x20\xFF,x").is_err());
        assert_eq!(read_now(b"a,b\n1,2\n").unwrap_err().code(), "roster_no_header");
    }
}
