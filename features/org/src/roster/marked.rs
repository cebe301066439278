//! The sender's own file with what came of every row: wrong cells red with a remark, and a last column that says it.
use std::collections::HashMap;

use base::Result;
use sheets::{Book, Mark};
use site::Texts;

use super::{CellError, Plan, Sheet};

/// The marked-up copy as a workbook.
pub(crate) fn marked(sheet: &Sheet, plan: &Plan, texts: &Texts) -> Result<Vec<u8>> {
    let errors = by_row(&plan.errors);
    let said = said(plan, texts);
    let last = sheet.lines.iter().map(|l| l.cells.len()).max().unwrap_or(0);
    let mut book = Book::new(&texts.get("marked-sheet"));
    for (n, line) in sheet.lines.iter().enumerate() {
        let row = line.number.saturating_sub(1);
        for (column, cell) in line.cells.iter().enumerate() {
            if let Some(cell) = cell {
                book.text((row, column), cell.text(), if n < sheet.head { Mark::Head } else { Mark::None })?;
            }
        }
        if n + 1 == sheet.head {
            book.text((row, last), &texts.get("marked-column"), Mark::Head)?;
        }
        let Some(wrong) = errors.get(&line.number) else {
            if let Some(text) = said.get(&line.number) {
                book.text((row, last), text, Mark::None)?;
            }
            continue;
        };
        let mut all = vec![];
        for error in wrong {
            let text = error.text(texts);
            all.push(format!("{}: {text}", texts.get(&format!("column-{}", error.column))));
            if let Some(column) = sheet.columns.iter().position(|c| *c == Some(error.column)) {
                let content = line.cells.get(column).and_then(Option::as_ref).map_or("", |c| c.text());
                book.wrong((row, column), content, &text)?;
            }
        }
        book.text((row, last), &all.join(&texts.get("list-separator")), Mark::Bad)?;
    }
    book.finish()
}

fn by_row(errors: &[CellError]) -> HashMap<usize, Vec<&CellError>> {
    let mut rows: HashMap<usize, Vec<&CellError>> = HashMap::new();
    for error in errors {
        rows.entry(error.row).or_default().push(error);
    }
    rows
}

/// What comes of the rows without errors.
fn said(plan: &Plan, texts: &Texts) -> HashMap<usize, String> {
    let mut said: HashMap<usize, String> =
        plan.created.iter().map(|n| (n.row, texts.get("marked-created"))).collect();
    for change in &plan.changed {
        let parts = change.differences.iter().map(|d| {
            let key = if d.kept.is_some() { "marked-kept" } else { "marked-changed" };
            let column = texts.get(&format!("column-{}", d.column));
            texts.with(
                key,
                &[
                    ("column", &column),
                    ("old", &word(texts, d.column, &d.old)),
                    ("new", &word(texts, d.column, &d.new)),
                ],
            )
        });
        said.insert(change.row, parts.collect::<Vec<_>>().join(&texts.get("list-separator")));
    }
    said
}

/// A value in words: codes of a column have texts, anything else stands for itself.
pub(crate) fn word(texts: &Texts, column: &str, value: &str) -> String {
    let key = format!("{column}-{value}");
    if value.is_empty() {
        texts.get("nothing-stated")
    } else if texts.has(&key) {
        texts.get(&key)
    } else {
        value.to_owned()
    }
}
