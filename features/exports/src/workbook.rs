//! Rows as a workbook: one heading for each member, in words that say what it holds in this list; codes in words, texts as
//! texts.
use std::borrow::Cow;

use base::Result;
use serde_json::Value;
use sheets::{Book, Mark};
use site::Texts;

use crate::{api_list::Row, words};

/// A member of a row, by its name.
type Member<'a> = (Cow<'a, str>, &'a Value);

/// The workbook of these rows of a list, by its title and the name that the locale has for it.
pub(crate) fn write(texts: &Texts, (title, list): (&str, &str), rows: &[Row]) -> Result<Vec<u8>> {
    let rows: Vec<Vec<Member<'_>>> = rows.iter().map(members).collect();
    let columns = columns(&rows);
    let mut book = Book::new(title);
    for (c, key) in columns.iter().enumerate() {
        book.text((0, c), &words::heading(texts, list, key), Mark::Head)?;
    }
    for (r, row) in rows.iter().enumerate() {
        for (c, key) in columns.iter().enumerate() {
            let Some((_, value)) = row.iter().find(|(name, _)| name == key) else { continue };
            match value {
                Value::Number(n) => book.number((r + 1, c), n.as_f64().unwrap_or(0.0))?,
                other => book.text((r + 1, c), &word(texts, (list, key), other), Mark::None)?,
            }
        }
    }
    book.finish()
}

/// A row's members. A figure before and after a change is one each.
fn members(row: &Row) -> Vec<Member<'_>> {
    let mut members: Vec<Member<'_>> = Vec::with_capacity(row.0.len());
    for (name, value) in &row.0 {
        match change(value) {
            Some((before, after)) => {
                members.push((Cow::Owned(format!("{name}-before")), before));
                members.push((Cow::Owned(format!("{name}-after")), after));
            }
            None => members.push((Cow::Borrowed(name.as_str()), value)),
        }
    }
    members
}

fn change(value: &Value) -> Option<(&Value, &Value)> {
    let both = value.as_object().filter(|members| members.len() == 2)?;
    both.get("before").zip(both.get("after"))
}

/// Every member that is a plain value in some row, in the order in which they first appear; inner ids are left out.
fn columns(rows: &[Vec<Member<'_>>]) -> Vec<String> {
    let mut columns: Vec<String> = vec![];
    for (name, value) in rows.iter().flatten() {
        let is_plain = !matches!(value, Value::Array(_) | Value::Object(_) | Value::Null);
        if is_plain && name != "id" && !name.ends_with("_id") && columns.iter().all(|c| name != c) {
            columns.push(name.to_string());
        }
    }
    columns
}

/// A value as people read it.
fn word(texts: &Texts, of: (&str, &str), value: &Value) -> String {
    match value {
        Value::Bool(true) => texts.get("export-value-true"),
        Value::Bool(false) => texts.get("export-value-false"),
        Value::String(text) => words::value(texts, of, text),
        _ => String::new(),
    }
}
