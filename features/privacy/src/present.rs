//! Stored values in the words of the contract: instants as RFC 3339, hours and yuan as decimals, sealed values opened.
use base::{Fen, Hours, Result, day};
use serde_json::{Map, Value};
use site::Site;

use crate::{holding::Holding, store::Row};

const MONEY: &[&str] = &[
    "charged",
    "paid",
    "allowance",
    "reimbursable",
    "amount",
    "refunded",
    "unit_paid",
    "rate",
    "recover_amount",
    "submitted_amount",
    "sent_amount",
];
const NUMBERS: &[&str] = &["year", "seq", "bytes", "quantity", "author_rank", "revision"];
const FLAGS: &[&str] = &["obliged", "allowed", "is_passed", "is_service", "is_late"];

/// One row for the copy.
pub(crate) fn row(site: &Site, holding: &Holding, row: Row) -> Result<Value> {
    let mut stored = row.0;
    let mut shown = Map::new();
    let id = stored.remove("row_id").flatten().unwrap_or_default();
    for (column, name, place) in holding.sealed {
        let sealed = stored.remove(*column).flatten();
        let opened = sealed.map(|s| site.keys.open_sealed(&format!("{place}{id}"), &s)).transpose()?;
        shown.insert((*name).to_owned(), opened.into());
    }
    for column in holding.open {
        let value = stored.remove(*column).flatten();
        shown.insert((*column).to_owned(), value.map_or(Value::Null, |v| said(column, v)));
    }
    Ok(Value::Object(shown))
}

fn said(column: &str, text: String) -> Value {
    if FLAGS.contains(&column) {
        return matches!(text.as_str(), "1" | "true").into();
    }
    let Ok(number) = text.parse::<i64>() else { return structured(text) };
    if matches!(column, "at" | "until") || column.ends_with("_at") || column.ends_with("_until") {
        return day::rfc3339(day::from_millis(number)).into();
    }
    if column == "hours" || column.ends_with("_hours") {
        return Hours::from_hundredths(number).to_string().into();
    }
    if MONEY.contains(&column) {
        return Fen::new(number).to_string().into();
    }
    if NUMBERS.contains(&column) { number.into() } else { text.into() }
}

/// Documents that are stored as text are documents in the copy.
fn structured(text: String) -> Value {
    let is_document = text.starts_with('{') || text.starts_with('[');
    let document = is_document.then(|| serde_json::from_str(&text).ok()).flatten();
    document.unwrap_or(Value::String(text))
}
