//! Checking every row against the rules of the roster and against who is there already.
use std::collections::HashSet;

use base::{Day, IdNumber, Level, Phone, Result, Status, id_number::IdNumberFault};
use site::Site;

use super::{
    CellError, Outcome,
    cells::{Cell, Row},
    words,
};
use crate::{
    Person, Unit,
    person::{Facts, NewPerson},
    store,
};

/// What an import would do.
pub(crate) struct Plan {
    pub rows: usize,
    pub created: Vec<NewPerson>,
    pub changed: Vec<Change>,
    pub errors: Vec<CellError>,
}

/// A person who is known and changes.
pub(crate) struct Change {
    pub before: Person,
    pub name: String,
    pub facts: Facts,
}

impl Plan {
    pub(crate) fn outcome(&self) -> Outcome {
        let writes = self.errors.is_empty();
        Outcome {
            rows: self.rows,
            created: if writes { self.created.len() } else { 0 },
            updated: if writes { self.changed.len() } else { 0 },
            errors: self.errors.clone(),
        }
    }
}

struct Read {
    row: usize,
    name: String,
    number: IdNumber,
    lookup: String,
    facts: Facts,
}

/// Reads every row, collects every error, and sorts people into new and changed.
pub(crate) async fn make(site: &Site, unit: &Unit, rows: Vec<Row>) -> Result<Plan> {
    let mut plan = Plan { rows: rows.len(), created: vec![], changed: vec![], errors: vec![] };
    let mut seen = HashSet::new();
    let mut read = vec![];
    for row in &rows {
        if let Some(r) = read_row(site, row, &mut plan.errors) {
            if seen.insert(r.lookup.clone()) {
                read.push(r);
            } else {
                plan.errors.push(CellError {
                    row: row.number,
                    column: "id_number",
                    code: "duplicate_in_file",
                });
            }
        }
    }
    let lookups: Vec<String> = read.iter().map(|r| r.lookup.clone()).collect();
    let mut known = store::by_id_numbers(&site.db, &lookups).await?;
    for r in read {
        match known.remove(&r.lookup) {
            None => plan.created.push(NewPerson {
                id: site.new_id(),
                account: site.new_id(),
                name: r.name,
                id_number: Some(r.number),
                facts: r.facts,
            }),
            Some(person) if person.unit != unit.id => {
                plan.errors.push(CellError { row: r.row, column: "id_number", code: "person_elsewhere" });
            }
            Some(before) => plan.changed.extend(change(before, r)),
        }
    }
    plan.errors.sort_by_key(|e| (e.row, words::COLUMNS.iter().position(|c| *c == e.column)));
    Ok(plan)
}

/// The change of a known person; empty cells keep what is there.
fn change(before: Person, r: Read) -> Option<Change> {
    let facts = Facts {
        department: r.facts.department.or_else(|| before.department.clone()),
        category: r.facts.category.or(before.category),
        level: r.facts.level.or(before.level),
        ..r.facts
    };
    let is_same = before.name == r.name
        && before.department == facts.department
        && before.category == facts.category
        && before.level == facts.level
        && before.status == facts.status
        && (before.joined_on.is_some() || facts.joined_on.is_none());
    (!is_same).then_some(Change { before, name: r.name, facts })
}

fn read_row(site: &Site, row: &Row, errors: &mut Vec<CellError>) -> Option<Read> {
    let first = errors.len();
    let mut wrong = |column: &'static str, code: &'static str| {
        errors.push(CellError { row: row.number, column, code });
    };
    let name = row.text("name").map(str::to_owned);
    match &name {
        None => wrong("name", "required"),
        Some(n) if n.chars().count() > 60 || n.chars().any(is_unprintable) => wrong("name", "name_form"),
        Some(_) => {}
    }
    let number = match row.cell("id_number") {
        None => Err("required"),
        Some(Cell::Number(_)) => Err("number_cell"),
        Some(Cell::Text(text)) => IdNumber::parse(text).map_err(|fault| match fault {
            IdNumberFault::Form => "id_number_form",
            IdNumberFault::Birth => "id_number_birth",
            IdNumberFault::Check => "id_number_check",
        }),
    };
    if let Err(code) = &number {
        wrong("id_number", code);
    }
    let facts = facts(row, &mut wrong);
    let (name, number) = (name?, number.ok()?);
    let lookup = accounts::id_number_lookup(site, &number);
    (errors.len() == first).then_some(Read { row: row.number, name, number, lookup, facts })
}

fn facts(row: &Row, wrong: &mut impl FnMut(&'static str, &'static str)) -> Facts {
    let mut read = |column: &'static str, code: &'static str, known: bool| {
        if !known && row.cell(column).is_some() {
            wrong(column, code);
        }
    };
    let category = row.text("category").and_then(words::category);
    read("category", "unknown_category", category.is_some());
    let level = row.text("level").and_then(words::level);
    read("level", "unknown_level", level.is_some());
    let status = row.text("status").map_or(Some(Status::OnPost), words::status);
    read("status", "unknown_status", status.is_some());
    let joined_on = row.text("joined_on").and_then(day);
    read("joined_on", "date_form", joined_on.is_some());
    let contact_phone = row.text("phone").and_then(Phone::parse);
    read("phone", "phone_form", contact_phone.is_some());
    if let (Some(category), Some(level)) = (category, level) {
        let fits = Level::fits(level, category);
        read("level", "level_mismatch", fits);
    }
    let department = row.text("department").map(str::to_owned);
    Facts { department, category, level, status: status.unwrap_or(Status::OnPost), joined_on, contact_phone }
}

/// Control and direction signs, which fake a name's look (security item 42).
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A date as people write it: `2012-09-01`, `2012/9/1`, `2012.9.1`, `20120901`, or with year, month and day signs.
fn day(text: &str) -> Option<Day> {
    let text = words::plain(text);
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|p| !p.is_empty()).collect();
    let (year, month, day) = match parts.as_slice() {
        [y, m, d, ..] => (*y, *m, *d),
        [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        _ => return None,
    };
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Day::new(year, month, day).ok().filter(|d| d.year() >= 1900)
}
