//! All history made again: every credit's hours follow from its facts under the policy version that it names, bit for bit.
use std::{collections::HashMap, sync::Arc};

use base::{Hours, Result, Year};
use rules::Policy;
use serde_json::json;
use site::Site;

use crate::{
    entry::{Entry, EntryKind, Facts},
    noted, policy, store,
    verify::Break,
};

/// Walks all entries in bounded memory; counts them, or names the first that comes out otherwise.
pub async fn replay(site: &Site) -> Result<Result<i64, Break>> {
    let (mut person, mut seq, mut count) = (String::new(), 0, 0);
    let mut policies: HashMap<(String, Year), Arc<Policy>> = HashMap::new();
    loop {
        let entries = store::chain_after(&site.db, (&person, seq)).await?;
        let Some(last) = entries.last() else { return Ok(Ok(count)) };
        (person, seq) = (last.person_id.clone(), last.seq);
        for row in entries {
            let entry = Entry::try_from(row)?;
            let key = (entry.policy.clone(), entry.year);
            if !policies.contains_key(&key) {
                match policy::of_version(&site.db, &entry.policy, entry.year).await {
                    Ok(policy) => policies.insert(key.clone(), policy),
                    Err(e) if e.code() == "not_found" => {
                        return Ok(Err(Break::at(&entry, "its policy is unknown")));
                    }
                    Err(e) => return Err(e),
                };
            }
            let holds = policies.get(&key).is_some_and(|policy| is_reproduced(&entry, policy));
            if !holds {
                let what = "its hours do not follow from its facts under its policy";
                return Ok(Err(Break::at(&entry, what)));
            }
            count += 1;
        }
    }
}

/// Whether the entry comes out of its facts; a reversal takes back what its credit gave and has no facts of its own.
fn is_reproduced(entry: &Entry, policy: &Policy) -> bool {
    match entry.kind {
        EntryKind::Reversal => entry.computed_hash() == entry.hash,
        EntryKind::Credit => worth(entry.year, &entry.facts, policy).is_some_and(|hours| {
            let again = Entry { hours, ..entry.clone() };
            hours == entry.hours && again.computed_hash() == entry.hash
        }),
    }
}

/// The hours of a credit with these facts, before caps and duplicates. Who the person is changes nothing in them.
pub(crate) fn worth(year: Year, facts: &str, policy: &Policy) -> Option<Hours> {
    let mut credit: Facts = serde_json::from_str(facts).ok()?;
    noted::take(&mut credit);
    credit.insert("id".to_owned(), json!("-"));
    let record = json!({
        "id": "-", "year": year,
        "person": {"gender": "male", "birth_date": "1980-01-01", "category": "professional", "level": "ungraded",
            "status": "on_post"},
        "credits": [credit],
    });
    let line = record.to_string();
    let read = rules::record::read(&line, policy).ok()?;
    rules::assess(policy, &read).credits.first().map(|result| result.hours)
}
