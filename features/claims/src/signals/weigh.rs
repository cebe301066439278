//! What counts as a signal. Pure, but for the words.
use std::collections::{BTreeMap, HashMap, HashSet};

use base::{Hours, day};
use site::{Site, dates};

use super::{DAY_MS, Sign, Signal, Target};
use crate::store::signals::{Approval, Attended, Noted, Sum};

/// Approved sooner after it was handed in than a reader needs.
const QUICK_MS: i64 = 20_000;
/// So many approvals of one reviewer within a minute are a burst.
const BURST: usize = 5;
const MINUTE_MS: i64 = 60_000;
/// Peers are compared where there are so many of them.
const PEERS: usize = 5;
/// Hours are far above peers from so many times their median on, and from so many hundredths.
const TIMES: i64 = 3;
const LEAST: i64 = 2_000;
/// Learning online for so long within the hours of a training day.
const OVERLAP_MS: i64 = 30 * MINUTE_MS;
/// A training day, from 9:00 to 17:00.
const DAY_FROM_MS: i64 = 9 * 60 * MINUTE_MS;
const DAY_TO_MS: i64 = 17 * 60 * MINUTE_MS;

fn of_claim(a: &Approval, sign: Sign, says: String) -> Signal {
    Signal {
        target: Target::Claim,
        id: a.claim.clone(),
        name: a.title.clone(),
        place: format!("{} · {}", a.person, a.unit_name),
        sign,
        says,
    }
}

fn of_unit((code, name): (&str, &str), sign: Sign, says: String) -> Signal {
    Signal {
        target: Target::Unit,
        id: code.to_owned(),
        name: name.to_owned(),
        place: code.to_owned(),
        sign,
        says,
    }
}

/// Approvals in seconds, in bursts and at night.
pub(super) fn approvals(site: &Site, approvals: &[Approval]) -> Vec<Signal> {
    let mut signals = vec![];
    for a in approvals.iter().filter(|a| a.at - a.submitted_at < QUICK_MS) {
        let seconds = ((a.at - a.submitted_at) / 1000).to_string();
        let args = [("reviewer", a.reviewer.as_str()), ("seconds", seconds.as_str())];
        signals.push(of_claim(a, Sign::Quick, site.texts.with("signal-quick-says", &args)));
        signals.push(of_unit(
            (&a.unit, &a.unit_name),
            Sign::Quick,
            site.texts.with("signal-quick-says", &args),
        ));
    }
    for ((name, id), times) in by_reviewer(approvals) {
        let of_reviewer = |sign, says| Signal {
            target: Target::Reviewer,
            id: id.to_owned(),
            name: name.to_owned(),
            place: String::new(),
            sign,
            says,
        };
        if let Some((most, at)) = fullest_minute(times.clone()) {
            let (most, at) = (most.to_string(), dates::minute(day::from_millis(at)));
            let says = site.texts.with("signal-burst-says", &[("at", &at), ("n", &most)]);
            signals.push(of_reviewer(Sign::Burst, says));
        }
        let nights = times.iter().filter(|t| is_night(**t)).count();
        if nights > 0 {
            let says = site.texts.with("signal-night-says", &[("n", &nights.to_string())]);
            signals.push(of_reviewer(Sign::Night, says));
        }
    }
    signals
}

fn by_reviewer(approvals: &[Approval]) -> BTreeMap<(&str, &str), Vec<i64>> {
    let mut all: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for a in approvals {
        all.entry((a.reviewer.as_str(), a.reviewer_id.as_str())).or_default().push(a.at);
    }
    all
}

/// The most approvals within a minute and when it began, where that is a burst.
fn fullest_minute(mut times: Vec<i64>) -> Option<(usize, i64)> {
    times.sort_unstable();
    let within = |from: &i64| times.iter().filter(|t| (*from..*from + MINUTE_MS).contains(*t)).count();
    let fullest = times.iter().map(|t| (within(t), *t)).max_by_key(|(n, t)| (*n, -*t));
    fullest.filter(|(n, _)| *n >= BURST)
}

/// From 22:00 to 6:00.
fn is_night(at: i64) -> bool {
    let hour = day::zone().to_datetime(day::from_millis(at)).hour();
    !(6..22).contains(&hour)
}

/// What was noted about the evidence of claims.
pub(super) fn noted(site: &Site, sign: Sign, noted: Vec<Noted>) -> Vec<Signal> {
    let key = if sign == Sign::Shared { "signal-shared-says" } else { "signal-late-says" };
    let mut signals = vec![];
    for n in noted {
        let says = site.texts.with(key, &[("detail", &n.detail)]);
        signals.push(of_unit((&n.unit, &n.unit_name), sign, format!("{}: {says}", n.title)));
        signals.push(Signal {
            target: Target::Claim,
            id: n.claim,
            name: n.title,
            place: format!("{} · {}", n.person, n.unit_name),
            sign,
            says,
        });
    }
    signals
}

/// Whose approved hours are far above the median of the same category and year.
pub(super) fn peers(site: &Site, sums: Vec<Sum>) -> Vec<Signal> {
    let mut groups: BTreeMap<(i64, String), Vec<Sum>> = BTreeMap::new();
    for sum in sums {
        groups.entry((sum.year, sum.category.clone())).or_default().push(sum);
    }
    let mut signals = vec![];
    for group in groups.into_values().filter(|g| g.len() >= PEERS) {
        let median = median(group.iter().map(|s| s.hours).collect());
        for s in group.iter().filter(|s| is_far(s.hours, median)) {
            let (own, of) = (Hours::from_hundredths(s.hours), Hours::from_hundredths(median));
            let says = site.texts.with(
                "signal-peers-says",
                &[("hours", &own.to_string()), ("median", &of.to_string()), ("year", &s.year.to_string())],
            );
            signals.push(Signal {
                target: Target::Claim,
                id: s.claim.clone(),
                name: s.person.clone(),
                place: s.unit_name.clone(),
                sign: Sign::Peers,
                says,
            });
        }
    }
    signals
}

fn is_far(hours: i64, median: i64) -> bool {
    hours >= LEAST && hours >= median * TIMES
}

fn median(mut all: Vec<i64>) -> i64 {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or(0)
}

/// Trainings during which people learned online at the same time.
pub(super) fn overlaps(
    site: &Site,
    attended: &[Attended],
    stretches: &HashMap<String, Vec<(i64, i64)>>,
) -> Vec<Signal> {
    let mut by_training: BTreeMap<&str, (&Attended, HashSet<&str>)> = BTreeMap::new();
    for a in attended {
        let learned = stretches.get(&a.person_id).map_or(&[][..], Vec::as_slice);
        if online_within(a, learned) >= OVERLAP_MS {
            by_training.entry(&a.training).or_insert((a, HashSet::new())).1.insert(&a.person_id);
        }
    }
    let mut signals = vec![];
    for (a, people) in by_training.into_values() {
        let says = site.texts.with("signal-overlap-says", &[("n", &people.len().to_string())]);
        signals.push(of_unit((&a.unit, &a.unit_name), Sign::Overlap, format!("{}: {says}", a.title)));
        signals.push(Signal {
            target: Target::Training,
            id: a.training.clone(),
            name: a.title.clone(),
            place: a.unit_name.clone(),
            sign: Sign::Overlap,
            says,
        });
    }
    signals
}

/// How long someone learned online in the hours of the training's days, in milliseconds.
fn online_within(a: &Attended, learned: &[(i64, i64)]) -> i64 {
    let days = rules::record::parse_day(&a.from_day).zip(rules::record::parse_day(&a.to_day));
    let Some((from, to)) = days else { return 0 };
    let (first, last) = (day::millis(day::start_of(from)), day::millis(day::start_of(to)));
    let mut total = 0;
    let mut start = first;
    while start <= last {
        let (open, close) = (start + DAY_FROM_MS, start + DAY_TO_MS);
        total += learned.iter().map(|(f, t)| ((*t).min(close) - (*f).max(open)).max(0)).sum::<i64>();
        start += DAY_MS;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_five_within_a_minute_and_a_night_is_after_ten() {
        let noon = day::millis("2026-11-23T12:00:00+08:00".parse().unwrap());
        let night = day::millis("2026-11-23T23:00:00+08:00".parse().unwrap());
        let burst: Vec<i64> = (0..5).map(|n| noon + n * 14_999).collect();
        assert_eq!(fullest_minute(burst), Some((5, noon)));
        assert_eq!(fullest_minute((0..5).map(|n| noon + n * 15_000).collect()), None);
        assert!(is_night(night) && !is_night(noon));
    }

    #[test]
    fn far_above_peers_is_three_times_the_median_and_twenty_hours() {
        assert_eq!(median(vec![1, 9, 5]), 5);
        assert!(is_far(3600, 1200) && !is_far(3599, 1200));
        assert!(!is_far(1500, 100), "little is never far above");
    }

    #[test]
    fn only_the_hours_of_the_day_count_as_overlap() {
        let at = |t: &str| day::millis(format!("2026-11-02T{t}:00+08:00").parse().unwrap());
        let training = Attended {
            training: String::new(),
            title: String::new(),
            unit: String::new(),
            unit_name: String::new(),
            from_day: "2026-11-02".into(),
            to_day: "2026-11-02".into(),
            person_id: String::new(),
        };
        assert_eq!(online_within(&training, &[(at("08:00"), at("09:30"))]), 30 * MINUTE_MS);
        assert_eq!(online_within(&training, &[(at("19:00"), at("21:00"))]), 0);
    }
}
