//! Achievements with several pieces of evidence. A record names one hash for each credit (contract), so a credit that shares
//! any piece with an earlier one that counts names that one's hash: then it is the same achievement (domain §3) wherever the
//! record is assessed.
use std::{borrow::Cow, collections::HashMap};

use super::{Assessment, Reason, assess, count};
use crate::policy::Policy;
use crate::record::{Record, Source};

/// The hashes of all the evidence of a record's credits, by the credit's id.
pub type Files = HashMap<String, Vec<String>>;

/// Assesses a record whose credits rest on these files, and lets each credit name the one hash that comes to the same.
/// Which credits count is found anew each time, so that one whose predecessor was taken back counts again.
pub fn assess_with_files<'r>(policy: &Policy, record: &'r mut Record<'_>, files: &Files) -> Assessment<'r> {
    if files.values().any(|own| own.len() > 1) {
        for place in 0..record.credits.len() {
            let first = record.credits.get(place).and_then(|c| files.get(&*c.id)?.first());
            name(record, place, first.cloned());
        }
        while let Some((place, hash)) = same(policy, record, files) {
            name(record, place, Some(hash));
        }
    }
    assess(policy, record)
}

fn name(record: &mut Record<'_>, place: usize, hash: Option<String>) {
    let source = record.credits.get_mut(place).map(|c| &mut c.source);
    if let (Some(Source::Activity(activity)), Some(hash)) = (source, hash) {
        activity.evidence = Some(Cow::Owned(hash));
    }
}

/// The first credit that counts although it shares a file with one before it that does, with the hash of that one. What
/// comes before it is settled, so each further look finds a later one.
fn same(policy: &Policy, record: &Record<'_>, files: &Files) -> Option<(usize, String)> {
    let results = count::count(policy, record).results;
    let is_in = |place: usize| {
        results
            .get(place)
            .is_some_and(|r| matches!(r.reason, None | Some(Reason::ItemCap | Reason::OffsetCap)))
    };
    let mut holders: HashMap<&str, &str> = HashMap::new();
    for (_, credit, place) in count::order(record) {
        let (Source::Activity(activity), Some(own), true) =
            (&credit.source, files.get(&*credit.id), is_in(place))
        else {
            continue;
        };
        if let Some(hash) = own.iter().find_map(|file| holders.get(file.as_str())) {
            return Some((place, (*hash).to_owned()));
        }
        let hash = activity.evidence.as_deref().unwrap_or_default();
        holders.extend(own.iter().map(|file| (file.as_str(), hash)));
    }
    None
}
