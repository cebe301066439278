//! One row of a roster, every cell checked against the rules; all its errors at once.
use base::{Category, Day, Gender, Paper, PaperKind, Phone};
use site::Site;

use super::{
    CellError,
    dates::{self, Written},
    sheet::{Cell, Row},
    words,
};
use crate::{
    people::{fault_code, read_paper, unprintable},
    person::Facts,
};

/// What a row says.
pub(super) struct ReadRow {
    pub row: usize,
    pub name: String,
    pub paper: Paper,
    pub lookup: String,
    pub gender: Gender,
    pub birth_date: Day,
    pub facts: Facts,
}

/// A row under the reader's eyes, and what is wrong with it.
struct Reader<'a> {
    row: Row<'a>,
    errors: Vec<CellError>,
}

impl Reader<'_> {
    fn wrong(&mut self, column: &'static str, code: &'static str) {
        if !self.errors.iter().any(|e| e.column == column) {
            self.errors.push(CellError::new(self.row.number, column, code));
        }
    }

    fn wrong_about(&mut self, column: &'static str, code: &'static str, about: String) {
        self.wrong(column, code);
        self.errors.iter_mut().filter(|e| e.code == code).for_each(|e| e.about.clone_from(&about));
    }

    /// A cell's value; an empty cell has none, and one that does not read is an error.
    fn value<T>(
        &mut self,
        column: &'static str,
        code: &'static str,
        read: impl Fn(&Cell) -> Option<T>,
    ) -> Option<T> {
        let cell = self.row.cell(column)?;
        if matches!(cell, Cell::Broken(_)) {
            self.wrong(column, "cell_broken");
            return None;
        }
        let value = read(cell);
        if value.is_none() {
            self.wrong(column, code);
        }
        value
    }

    fn date(&mut self, column: &'static str) -> Option<Written> {
        self.value(column, "date_form", |cell| match cell {
            Cell::Number(n) => dates::number(n),
            Cell::Text(t) | Cell::Broken(t) => dates::day(t),
        })
    }

    fn paper(&mut self) -> Option<Paper> {
        let kind = self.value("id_type", "unknown_id_type", |c| words::id_type(c.text()));
        let Some(cell) = self.row.cell("id_number") else {
            self.wrong("id_number", "required");
            return None;
        };
        let text = cell.text().trim_start_matches('\'');
        if has_lost_digits(cell, text) {
            self.wrong("id_number", "number_cell");
            return None;
        }
        let read = read_paper(kind, text);
        if let Err(fault) = read {
            let is_resident = kind.unwrap_or_default() == PaperKind::ResidentId;
            let code = if is_resident && text.len() == 18 && text.ends_with("000") {
                "number_cell"
            } else {
                fault_code(kind.unwrap_or_default(), fault)
            };
            self.wrong("id_number", code);
        }
        read.ok()
    }

    /// Gender and birth date: from the number where it carries them, compared with what the row says.
    fn nature(&mut self, paper: Option<&Paper>) -> (Option<Gender>, Option<Day>) {
        let gender = self.value("gender", "unknown_gender", |c| words::gender(c.text()));
        let birth = self.date("birth_date");
        let Some((carried_gender, carried_birth)) = paper.and_then(Paper::carries) else {
            if paper.is_some() && gender.is_none() {
                self.wrong("gender", "required_for_paper");
            }
            if paper.is_some() && birth.is_none_or(|b| !b.has_day) {
                self.wrong("birth_date", "required_for_paper");
            }
            return (gender, birth.map(|b| b.day));
        };
        if gender.is_some_and(|g| g != carried_gender) {
            self.wrong("gender", "gender_mismatch");
        }
        if birth.is_some_and(|b| !agrees(b, carried_birth)) {
            self.wrong("birth_date", "birth_mismatch");
        }
        (Some(carried_gender), Some(carried_birth))
    }

    fn facts(&mut self) -> Facts {
        let category = self.value("category", "unknown_category", |c| words::category(c.text()));
        let level = self.value("level", "unknown_level", |c| words::level_of(c.text(), category));
        if let (Some(category), Some(level)) = (category, level)
            && !fits(category, level)
        {
            self.wrong("level", "level_mismatch");
        }
        Facts {
            department: self.value("department", "department_form", |c| words::department(c.text())),
            category,
            level,
            status: self.value("status", "unknown_status", |c| words::status(c.text())),
            joined_on: self.date("joined_on").map(|d| d.day),
            contact_phone: self.value("phone", "phone_form", |c| Phone::parse(c.text())),
            staff_no: self.value("staff_no", "staff_no_form", |c| words::staff_no(c.text())),
            establishment: self
                .value("establishment", "unknown_establishment", |c| words::establishment(c.text())),
            retirement: self.value("retirement", "unknown_retirement", |c| words::retirement(c.text())),
        }
    }
}

fn fits(category: Category, level: base::Level) -> bool {
    level.fits(category)
}

fn agrees(written: Written, carried: Day) -> bool {
    let month = |d: Day| (d.year(), d.month());
    if written.has_day { written.day == carried } else { month(written.day) == month(carried) }
}

/// Spreadsheets keep 15 digits of a number: a longer one was cut, also where a text shows it as 4.30102E+17.
fn has_lost_digits(cell: &Cell, text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_scientific = text.to_ascii_uppercase().split_once("E+").is_some_and(|(m, e)| {
        !m.is_empty()
            && m.chars().all(|c| c.is_ascii_digit() || c == '.')
            && e.chars().all(|c| c.is_ascii_digit())
    });
    is_scientific || (matches!(cell, Cell::Number(_)) && digits > 15)
}

/// Reads a row; what is wrong goes to `errors`, and a row with errors gives nothing.
pub(super) fn read(site: &Site, today: Day, row: Row<'_>, errors: &mut Vec<CellError>) -> Option<ReadRow> {
    let mut reader = Reader { row, errors: vec![] };
    if row.cell("name").is_none() {
        reader.wrong("name", "required");
    }
    let name = reader.value("name", "name_form", |c| base::name::person_name(c.text()));
    if let Some(unprintable) = name.as_deref().and_then(unprintable) {
        reader.wrong_about("name", "name_glyph", unprintable);
    }
    let paper = reader.paper();
    let (gender, birth_date) = reader.nature(paper.as_ref());
    if birth_date.is_some_and(|d| d > today) {
        reader.wrong("birth_date", "day_in_future");
    }
    let facts = reader.facts();
    let is_right = reader.errors.is_empty();
    errors.append(&mut reader.errors);
    let (name, paper) = (name?, paper?);
    let lookup = accounts::paper_lookup(site, &paper);
    let (gender, birth_date) = (gender?, birth_date?);
    is_right.then_some(ReadRow { row: row.number, name, paper, lookup, gender, birth_date, facts })
}
