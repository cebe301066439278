//! Leaves from a list. Each row is a leave; what is on record already is not entered twice.
use std::collections::HashSet;

use base::{Actor, Period, Result, Scope, person::Code};
use claims::leave::{self, NewLeave};
use org::{CellError, Column, NamedRow};
use rules::record::{LeaveKind, parse_day};
use site::Site;

use crate::list::{Outcome, wrong};

/// The columns beside the person's.
const COLUMNS: &[Column] = &[
    Column { code: "kind", is_needed: true },
    Column { code: "from", is_needed: true },
    Column { code: "to", is_needed: true },
];

/// Reads a list and enters it, unless something is wrong or it is a dry run.
pub(crate) async fn import(
    site: &Site,
    actor: &Actor,
    (scope, file): (&Scope, Vec<u8>),
    is_dry_run: bool,
) -> Result<Outcome> {
    let (rows, mut errors) = org::named_rows(site, &site.db, scope, (file, COLUMNS)).await?;
    let mut seen = HashSet::new();
    let mut new = vec![];
    for row in &rows {
        match read(site, row) {
            Ok(leave)
                if seen.insert((leave.person, leave.kind.code(), leave.period.from, leave.period.to)) =>
            {
                new.push(leave);
            }
            Ok(_) => errors.push(wrong(row.number, "from", "twice")),
            Err(e) => errors.push(e),
        }
    }
    let read = rows.len() + errors.len();
    if !errors.is_empty() {
        errors.sort_by_key(|e| e.row);
        return Ok(Outcome { rows: read, errors, ..Outcome::default() });
    }
    let (created, known) = leave::enter_many(site, actor, &new, is_dry_run).await?;
    Ok(Outcome { rows: read, created, known, errors })
}

fn read(site: &Site, row: &NamedRow) -> Result<NewLeave, CellError> {
    let kind = row.cell("kind");
    let is = |k: &LeaveKind| kind == k.code() || kind == site.texts.get(&format!("leave-{}", k.code()));
    let kind = [LeaveKind::Sick, LeaveKind::Maternity].into_iter().find(is);
    let kind = kind.ok_or_else(|| wrong(row.number, "kind", "wrong_value"))?;
    let day =
        |column: &'static str| day(row.cell(column)).ok_or_else(|| wrong(row.number, column, "training_day"));
    let (from, to) = (day("from")?, day("to")?);
    let period = Period::new(from, to).filter(|p| p.days() <= leave::MOST_DAYS);
    let period = period.ok_or_else(|| wrong(row.number, "to", "training_order"))?;
    Ok(NewLeave { person: row.person.id, kind, period })
}

/// A day as lists write it: `2026-01-31`, `2026/1/31`, `2026.1.31`, `20260131`.
pub(crate) fn day(text: &str) -> Option<base::Day> {
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    if let Some(day) = parse_day(text) {
        return Some(day);
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return parse_day(&format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..)?));
    }
    let parts: Vec<i16> = text.split(['/', '.', '-']).map(|p| p.parse().ok()).collect::<Option<_>>()?;
    let [year, month, day] = parts[..] else { return None };
    base::Day::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_read_as_lists_write_them() {
        for text in ["2026-01-31", "2026/1/31", "2026.01.31", "20260131", "2026-01-31 00:00:00"] {
            assert_eq!(super::day(text).unwrap().to_string(), "2026-01-31", "{text}");
        }
        assert!(super::day("31.1.26").is_none_or(|d| d.year() != 2026));
        assert!(super::day("2026-02-30").is_none());
    }
}
