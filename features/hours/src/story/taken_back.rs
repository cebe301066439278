//! Credits that were taken back: what they were and for which day, and the reversal with its reason. Neither counts.
use std::collections::HashMap;

use base::{day, person::Code};
use serde_json::Value;
use site::Site;

use super::{Line, source};
use crate::{
    entry::{Entry, EntryKind},
    standing::Standing,
};

pub(super) fn lines(site: &Site, standing: &Standing, providers: &HashMap<String, String>) -> Vec<Line> {
    let credits: HashMap<String, &Entry> = standing
        .entries
        .iter()
        .filter(|e| e.kind == EntryKind::Credit)
        .map(|e| (e.id.to_string(), e))
        .collect();
    let mut lines = vec![];
    for reversal in standing.entries.iter().filter(|e| e.kind == EntryKind::Reversal) {
        let words = Words { on: day::day_of(reversal.at).to_string(), reason: text(reversal, "reason") };
        let from = source(site, providers, &reversal.source);
        if let Some(credit) = reversal.reverses.as_ref().and_then(|id| credits.get(id)) {
            lines.push(Line { source: from.clone(), ..of_credit(site, credit, &words) });
        }
        lines.push(Line { source: from, ..of_reversal(site, reversal, words) });
    }
    lines
}

/// When and why a credit was taken back.
struct Words {
    on: String,
    reason: String,
}

fn of_credit(site: &Site, credit: &Entry, words: &Words) -> Line {
    let why = [("on", words.on.as_str()), ("reason", &words.reason)];
    Line {
        on: decided_on(credit),
        reason: Some("reversed"),
        why: site.texts.with("credit_taken_back", &why),
        ..line(site, credit)
    }
}

fn of_reversal(site: &Site, reversal: &Entry, words: Words) -> Line {
    Line {
        is_reversed: true,
        why: site.texts.with("credit_reversed", &[("reason", &words.reason)]),
        on: words.on,
        ..line(site, reversal)
    }
}

fn line(site: &Site, entry: &Entry) -> Line {
    Line {
        id: entry.id.to_string(),
        title: entry.title.clone(),
        source: String::new(),
        subject: site.texts.get(&format!("subject-{}", entry.subject.code())),
        on: String::new(),
        hours: entry.hours.to_string(),
        counted: "0".to_owned(),
        is_full: false,
        is_reversed: false,
        reason: None,
        why: String::new(),
        clause: String::new(),
        hash: entry.hash.chars().take(12).collect(),
    }
}

/// The day that decides: of a course its completion, of a training its last day, of an activity its own.
fn decided_on(credit: &Entry) -> String {
    let days = ["completed_on", "to", "on"].map(|key| text(credit, key));
    let known = days.into_iter().find(|day| !day.is_empty());
    known.unwrap_or_else(|| day::day_of(credit.at).to_string())
}

fn text(entry: &Entry, key: &str) -> String {
    let facts: Value = serde_json::from_str(&entry.facts).unwrap_or_default();
    facts.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
