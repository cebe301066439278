//! The entries of a person's year in words: what each is worth, what of it counts, and why.
mod taken_back;

use std::collections::HashMap;

use base::{Error, Result, person::Code};
use rules::{
    assess::CreditResult,
    explain::{self, Sentence},
    record::Credit,
};
use site::Site;

use crate::{entry::Entry, noted, standing::Standing, store};

/// One entry in words.
#[derive(Clone, Debug)]
pub struct Line {
    /// The entry's id.
    pub id: String,
    /// What was learned.
    pub title: String,
    /// Where it comes from.
    pub source: String,
    /// The subject's name.
    pub subject: String,
    /// The day that decides: completion, last day, day of the activity; of a reversal the day it was written.
    pub on: String,
    /// Its hours before caps.
    pub hours: String,
    /// What counts of them.
    pub counted: String,
    /// Whether it counts in full.
    pub is_full: bool,
    /// Whether it takes an earlier credit back.
    pub is_reversed: bool,
    /// The code of what keeps it from counting in full.
    pub reason: Option<&'static str>,
    /// Why, in a sentence.
    pub why: String,
    /// The clause of the year's documents.
    pub clause: String,
    /// The beginning of the entry's hash.
    pub hash: String,
}

/// Every entry of the year: the credits that stand, then each one that was taken back with its reversal.
pub async fn lines(site: &Site, standing: &Standing) -> Result<Vec<Line>> {
    let providers = store::provider_titles(&site.db).await?;
    let mut lines = credited(site, standing, &providers)?;
    lines.extend(taken_back::lines(site, standing, &providers));
    Ok(lines)
}

/// A sentence of the rules as the locale says it.
pub fn sentence(site: &Site, sentence: &Sentence<'_>) -> String {
    let args: Vec<(&str, &str)> = sentence.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    site.texts.with(sentence.code, &args)
}

fn source(site: &Site, providers: &HashMap<String, String>, source: &str) -> String {
    providers.get(source).cloned().unwrap_or_else(|| site.texts.get(&format!("source-{source}")))
}

fn credited(site: &Site, standing: &Standing, providers: &HashMap<String, String>) -> Result<Vec<Line>> {
    let text = standing.record.to_string();
    let record = rules::record::read(&text, &standing.policy).map_err(Error::internal)?;
    let entries: HashMap<String, &Entry> = standing.entries.iter().map(|e| (e.id.to_string(), e)).collect();
    let line = |(credit, result): (&Credit<'_>, &CreditResult<'_>)| {
        let entry = entries.get(&*credit.id)?;
        let why = explain::credit(&standing.policy, credit, result);
        Some(Line {
            id: credit.id.to_string(),
            title: entry.title.clone(),
            source: source(site, providers, &entry.source),
            subject: site.texts.get(&format!("subject-{}", entry.subject.code())),
            on: credit.day().to_string(),
            hours: result.hours.to_string(),
            counted: result.counted.to_string(),
            is_full: result.reason.is_none(),
            is_reversed: false,
            reason: result.reason.map(rules::Reason::code),
            why: format!(
                "{}{}{}",
                sentence(site, &why),
                reduced(site, entry),
                by_other_rules(site, entry, result)
            ),
            clause: why.clause.to_owned(),
            hash: entry.hash.chars().take(12).collect(),
        })
    };
    Ok(record.credits.iter().zip(&standing.assessment.credits).filter_map(line).collect())
}

/// That the entry is less than its course.
fn reduced(site: &Site, entry: &Entry) -> String {
    noted::why_reduced(&entry.facts).map_or_else(String::new, |why| {
        let key = format!("credit_reduced_{why}");
        if site.texts.has(&key) { site.texts.get(&key) } else { String::new() }
    })
}

/// That the entry was made under rules which gave other hours.
fn by_other_rules(site: &Site, entry: &Entry, result: &CreditResult<'_>) -> String {
    if entry.hours == result.hours {
        return String::new();
    }
    let hours = entry.hours.to_string();
    site.texts.with("credit_other_rules", &[("policy", &entry.policy), ("hours", &hours)])
}
