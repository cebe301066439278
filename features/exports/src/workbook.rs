//! Rows as a workbook: one heading for each member, in words where there are any; codes in words, texts as texts.
use base::Result;
use serde_json::Value;
use sheets::{Book, Mark};
use site::Texts;

use crate::api_list::Row;

/// The workbook of these rows.
pub(crate) fn write(texts: &Texts, title: &str, rows: &[Row]) -> Result<Vec<u8>> {
    let columns = columns(rows);
    let mut book = Book::new(title);
    for (c, key) in columns.iter().enumerate() {
        book.text((0, c), &heading(texts, key), Mark::Head)?;
    }
    for (r, row) in rows.iter().enumerate() {
        for (c, key) in columns.iter().enumerate() {
            let Some((_, value)) = row.0.iter().find(|(name, _)| name == key) else { continue };
            match value {
                Value::Number(n) => book.number((r + 1, c), n.as_f64().unwrap_or(0.0))?,
                other => book.text((r + 1, c), &word(texts, key, other), Mark::None)?,
            }
        }
    }
    book.finish()
}

/// Every member that is a plain value in some row, in the order in which they first appear; inner ids are left out.
fn columns(rows: &[Row]) -> Vec<String> {
    let mut columns: Vec<String> = vec![];
    for (name, value) in rows.iter().flat_map(|r| &r.0) {
        let is_plain = !matches!(value, Value::Array(_) | Value::Object(_) | Value::Null);
        if is_plain && name != "id" && !name.ends_with("_id") && !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

fn heading(texts: &Texts, key: &str) -> String {
    let own = [format!("export-{key}"), format!("column-{key}")];
    own.into_iter().find(|k| texts.has(k)).map_or_else(|| key.to_owned(), |k| texts.get(&k))
}

/// A value as people read it.
fn word(texts: &Texts, key: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => texts.get("export-value-true"),
        Value::Bool(false) => texts.get("export-value-false"),
        Value::String(text) => {
            let name = format!("{key}-{text}");
            let is_code = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if is_code && texts.has(&name) { texts.get(&name) } else { text.clone() }
        }
        _ => String::new(),
    }
}
