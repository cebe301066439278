//! The evidence of an entry: the ledger keeps every hash, in the facts (one as a text, several as a list). The contract's
//! record names one for each credit; which one is found by `rules::assess::assess_with_files`.
use base::{Error, Result};
use rules::assess::Files;
use serde_json::{Value, json};

use crate::entry::Facts;

const KEY: &str = "evidence";

/// Notes in a credit's facts what it rests on.
pub fn note(facts: &mut Facts, hashes: &[String]) {
    let value = match hashes {
        [] => return,
        [one] => json!(one),
        several => json!(several),
    };
    facts.insert(KEY.to_owned(), value);
}

/// All hashes of a credit; its facts name the first from now on, as the contract's record has it.
pub(crate) fn take(facts: &mut Facts) -> Vec<String> {
    match facts.get_mut(KEY) {
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

/// The same of many credits, each an id with its facts; nothing is read where none rests on several files.
pub(crate) fn take_all(credits: &mut [(String, String)]) -> Result<Files> {
    let mut files = Files::new();
    if !credits.iter().any(|(_, facts)| facts.contains("\"evidence\":[")) {
        return Ok(files);
    }
    for (id, text) in credits {
        let mut facts: Facts = serde_json::from_str(text).map_err(Error::internal)?;
        files.insert(id.clone(), take(&mut facts));
        *text = Value::Object(facts).to_string();
    }
    Ok(files)
}
