//! A workbook, its sheets, cells and their looks.
use base::{Error, Result};
use rust_xlsxwriter::{Color, Format, Note, Workbook, XlsxError};

/// A spreadsheet's row and column, both from 0.
pub type Place = (usize, usize);

/// How a cell looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// As any other.
    #[default]
    None,
    /// A heading.
    Head,
    /// Something is wrong.
    Bad,
}

/// A workbook. What is written goes to the sheet that was begun last.
pub struct Book(Workbook);

impl Book {
    /// An empty one; the sheet's name is cut to what spreadsheets allow.
    pub fn new(sheet: &str) -> Self {
        let mut book = Self(Workbook::new());
        book.sheet(sheet);
        book
    }

    /// Begins another sheet.
    pub fn sheet(&mut self, name: &str) {
        let name: String = name.chars().filter(|c| !r"[]:*?/\'".contains(*c)).take(31).collect();
        let page = self.0.add_worksheet();
        // An empty name keeps the default one.
        let _ = page.set_name(name);
    }

    /// Writes a text.
    pub fn text(&mut self, place: Place, text: &str, mark: Mark) -> Result<()> {
        let text = printable(text);
        let format = if is_formula_like(&text) { style(mark).set_quote_prefix() } else { style(mark) };
        let (row, column) = at(place)?;
        self.page()?.write_string_with_format(row, column, text, &format).map_err(failed)?;
        Ok(())
    }

    /// Writes a number.
    pub fn number(&mut self, place: Place, number: f64) -> Result<()> {
        let (row, column) = at(place)?;
        self.page()?.write_number(row, column, number).map_err(failed)?;
        Ok(())
    }

    /// Writes a wrong cell with a remark that says why.
    pub fn wrong(&mut self, place: Place, text: &str, why: &str) -> Result<()> {
        self.text(place, text, Mark::Bad)?;
        let (row, column) = at(place)?;
        self.page()?.insert_note(row, column, &Note::new(why).add_author_prefix(false)).map_err(failed)?;
        Ok(())
    }

    /// The file's bytes, its columns as wide as they need.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        for page in self.0.worksheets_mut() {
            page.autofit();
        }
        self.0.save_to_buffer().map_err(failed)
    }

    fn page(&mut self) -> Result<&mut rust_xlsxwriter::Worksheet> {
        let last = self.0.worksheets().len().saturating_sub(1);
        self.0.worksheet_from_index(last).map_err(failed)
    }
}

fn failed(error: XlsxError) -> Error {
    Error::internal(error)
}

fn at((row, column): Place) -> Result<(u32, u16)> {
    Ok((u32::try_from(row).map_err(Error::internal)?, u16::try_from(column).map_err(Error::internal)?))
}

fn style(mark: Mark) -> Format {
    match mark {
        Mark::None => Format::new(),
        Mark::Head => Format::new().set_bold(),
        Mark::Bad => Format::new()
            .set_background_color(Color::RGB(0x00FD_E8E6))
            .set_font_color(Color::RGB(0x00A6_1C12)),
    }
}

/// Whether a spreadsheet may take the text for a formula, also behind spaces and in full width.
pub fn is_formula_like(text: &str) -> bool {
    let first = text.trim_start_matches([' ', '\u{3000}', '\u{a0}']).chars().next();
    first.is_some_and(|c| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0')
            || matches!(c, '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    })
}

/// Without the signs that a workbook's XML cannot hold.
fn printable(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'));
    kept.take(32_767).collect()
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx};

    use super::*;

    #[test]
    fn what_looks_like_a_formula_stays_text_and_numbers_stay_numbers() {
        let mut book = Book::new("人员[1]");
        let texts = ["=1+1", "+86", "-1", "@SUM(A1)", "  =1", "＝1", "\t=1", "王芳"];
        for (n, text) in texts.iter().enumerate() {
            book.text((n, 0), text, Mark::None).unwrap();
            assert_eq!(is_formula_like(text), n < 7, "{text}");
        }
        book.number((0, 1), 90.5).unwrap();
        book.wrong((1, 1), "x", "不对").unwrap();
        let bytes = book.finish().unwrap();
        let mut read: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(read.sheet_names(), ["人员1"]);
        let range = read.worksheet_range("人员1").unwrap();
        for (n, text) in texts.iter().enumerate() {
            let row = u32::try_from(n).unwrap();
            assert_eq!(range.get_value((row, 0)), Some(&Data::String((*text).to_owned())));
        }
        assert_eq!(range.get_value((0, 1)), Some(&Data::Float(90.5)));
        assert!(read.worksheet_formula("人员1").unwrap().is_empty());
    }
}
