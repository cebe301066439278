//! Signals against hours given as a favour, for the authority: each explained, none a verdict. Pure but for its reading.
use std::collections::BTreeMap;

use base::{Actor, Instant, Result, Role, day};
use site::Site;

use crate::store::signals::{self, Approval, Shared};

/// Approved sooner after it was handed in than a reader needs.
const QUICK_MS: i64 = 20_000;
/// So many approvals of one reviewer within a minute are a burst.
const BURST: usize = 5;
const MINUTE_MS: i64 = 60_000;
/// How far back the panel looks.
const DAYS_BACK: i64 = 90;
/// Who sees the panel.
pub(crate) const WATCHERS: &[Role] = &[Role::Authority];

/// What the panel shows.
pub struct Panel {
    /// Evidence that several people handed in.
    pub shared: Vec<Shared>,
    /// Approvals within seconds.
    pub quick: Vec<Approval>,
    /// Reviewers with bursts: name, most approvals within a minute, when.
    pub bursts: Vec<Burst>,
    /// Reviewers with approvals between 22:00 and 06:00: name and how many.
    pub nights: Vec<(String, usize)>,
}

/// Many approvals of one reviewer in a short time.
pub struct Burst {
    /// The reviewer.
    pub name: String,
    /// The most within a minute.
    pub most: usize,
    /// When the fullest minute began.
    pub at: Instant,
}

/// Reads the signals of the actor's subtrees.
pub async fn panel(site: &Site, actor: &Actor) -> Result<Panel> {
    let scope = actor.scope(WATCHERS);
    let since = day::from_millis(day::millis(site.now()) - DAYS_BACK * 86_400_000);
    let approvals = signals::approvals(&site.db, &scope, since).await?;
    let (bursts, nights) = (bursts(&approvals), nights(&approvals));
    let is_quick = |a: &Approval| a.at - a.submitted_at < QUICK_MS;
    Ok(Panel {
        shared: signals::shared(&site.db, &scope).await?,
        quick: approvals.into_iter().filter(is_quick).take(100).collect(),
        bursts,
        nights,
    })
}

fn by_reviewer(approvals: &[Approval]) -> BTreeMap<(&str, &str), Vec<i64>> {
    let mut all: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for a in approvals {
        all.entry((a.reviewer.as_str(), a.reviewer_id.as_str())).or_default().push(a.at);
    }
    all
}

/// The fullest minute of each reviewer, where it is full enough.
fn bursts(approvals: &[Approval]) -> Vec<Burst> {
    let mut found = vec![];
    for ((name, _), mut times) in by_reviewer(approvals) {
        times.sort_unstable();
        let within = |from: &i64| times.iter().filter(|t| (*from..*from + MINUTE_MS).contains(*t)).count();
        let fullest = times.iter().map(|t| (within(t), *t)).max_by_key(|(n, t)| (*n, -*t));
        if let Some((most, at)) = fullest.filter(|(n, _)| *n >= BURST) {
            found.push(Burst { name: name.to_owned(), most, at: day::from_millis(at) });
        }
    }
    found.sort_by_key(|b| std::cmp::Reverse(b.most));
    found
}

fn nights(approvals: &[Approval]) -> Vec<(String, usize)> {
    let is_night = |at: i64| {
        let hour = day::zone().to_datetime(day::from_millis(at)).hour();
        !(6..22).contains(&hour)
    };
    let mut found: Vec<(String, usize)> = by_reviewer(approvals)
        .into_iter()
        .map(|((name, _), times)| (name.to_owned(), times.into_iter().filter(|t| is_night(*t)).count()))
        .filter(|(_, n)| *n > 0)
        .collect();
    found.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(reviewer: &str, at: i64) -> Approval {
        Approval {
            claim: String::new(),
            person: String::new(),
            title: String::new(),
            reviewer: reviewer.to_owned(),
            reviewer_id: reviewer.to_owned(),
            submitted_at: 0,
            at,
        }
    }

    #[test]
    fn a_burst_is_five_within_a_minute_and_a_night_is_after_ten() {
        let noon = day::millis("2026-11-23T12:00:00+08:00".parse().unwrap());
        let night = day::millis("2026-11-23T23:00:00+08:00".parse().unwrap());
        let mut all: Vec<Approval> = (0..5).map(|n| approval("a", noon + n * 14_999)).collect();
        all.extend((0..5).map(|n| approval("b", night + n * 15_000)));
        let found = bursts(&all);
        assert_eq!((found.len(), found[0].name.as_str(), found[0].most), (1, "a", 5));
        assert_eq!(nights(&all), [("b".to_owned(), 5)]);
    }
}
