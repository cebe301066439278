//! What an entry's facts note beside what the contract's record knows. Evidence: the ledger keeps every hash (one as a text,
//! several as a list), the record names one for each credit, which `rules::assess::assess_with_files` finds. And why a course
//! counts less than it is long.
use base::{Error, Result};
use rules::assess::Files;
use serde_json::{Value, json};

use crate::entry::Facts;

const EVIDENCE: &str = "evidence";
const REDUCED: &str = "reduced";

/// Notes in a credit's facts what it rests on.
pub fn evidence(facts: &mut Facts, hashes: &[String]) {
    let value = match hashes {
        [] => return,
        [one] => json!(one),
        several => json!(several),
    };
    facts.insert(EVIDENCE.to_owned(), value);
}

/// Notes why a credit is less than its course: `overlap` (domain §2) or `intervals_short`.
pub fn reduced(facts: &mut Facts, reason: &'static str) {
    facts.insert(REDUCED.to_owned(), json!(reason));
}

/// Why the credit with these facts is less than its course.
pub(crate) fn why_reduced(facts: &str) -> Option<String> {
    if !facts.contains("\"reduced\":") {
        return None;
    }
    let facts: Facts = serde_json::from_str(facts).ok()?;
    facts.get(REDUCED).and_then(Value::as_str).map(str::to_owned)
}

/// All hashes of a credit; its facts are those of the contract's record from now on, which names the first.
pub(crate) fn take(facts: &mut Facts) -> Vec<String> {
    facts.remove(REDUCED);
    match facts.get_mut(EVIDENCE) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(value @ Value::Array(_)) => {
            let all = value.as_array().into_iter().flatten();
            let hashes: Vec<String> = all.filter_map(|h| h.as_str().map(str::to_owned)).collect();
            *value = json!(hashes.first());
            hashes
        }
        _ => vec![],
    }
}

/// The same of many credits, each an id with its facts; nothing is read where none notes more than the record knows.
pub(crate) fn take_all(credits: &mut [(String, String)]) -> Result<Files> {
    let mut files = Files::new();
    let is_noted = |facts: &str| facts.contains("\"evidence\":[") || facts.contains("\"reduced\":");
    if !credits.iter().any(|(_, facts)| is_noted(facts)) {
        return Ok(files);
    }
    for (id, text) in credits {
        let mut facts: Facts = serde_json::from_str(text).map_err(Error::internal)?;
        files.insert(id.clone(), take(&mut facts));
        *text = Value::Object(facts).to_string();
    }
    Ok(files)
}
