//! What counts as a signal. Pure, but for the words.
use std::collections::{BTreeMap, HashMap, HashSet};

use base::{Day, Hours, day};
use site::{Site, dates};

use super::{DAY_MS, Sign, Signal, Target};
use crate::store::signals::{Approval, Attended, Claimed, Noted, Peers, Sum};

/// Approved sooner after it was handed in than a reader needs.
const QUICK_MS: i64 = 20_000;
/// So many approvals of one reviewer within a minute are a burst.
const BURST: usize = 5;
const MINUTE_MS: i64 = 60_000;
/// Peers are compared where there are so many of them.
const PEERS: i64 = 5;
/// Hours are far above peers from so many times their median on, and from so many hundredths.
const TIMES: i64 = 3;
const LEAST: i64 = 2_000;
/// Learning online for so long within the hours of a training day.
const OVERLAP_MS: i64 = 30 * MINUTE_MS;
/// A training day, from 9:00 to 17:00.
const DAY_FROM_MS: i64 = 9 * 60 * MINUTE_MS;
const DAY_TO_MS: i64 = 17 * 60 * MINUTE_MS;
const DAY_LONG_MS: i64 = DAY_TO_MS - DAY_FROM_MS;
/// A whole day, in hundredths.
const WHOLE_DAY: i64 = 100;
/// A hundredth of an hour.
const HUNDREDTH_MS: i64 = 36_000;

/// When people learned online, by person, from and to in milliseconds.
type Stretches = HashMap<String, Vec<(i64, i64)>>;

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

/// Whose approved hours are far above the median of the same category and year. Of several claims of someone's year the one
/// that was decided last is pointed at.
pub(super) fn peers(site: &Site, sums: &[Sum], peers: Vec<Peers>) -> Vec<Signal> {
    let peers: HashMap<(i64, String), Peers> =
        peers.into_iter().map(|p| ((p.year, p.category.clone()), p)).collect();
    let mut seen = HashSet::new();
    let mut signals = vec![];
    for s in sums.iter().filter(|s| seen.insert((s.person_id.as_str(), s.year))) {
        let of = peers.get(&(s.year, s.category.clone())).filter(|p| p.people >= PEERS);
        let Some(of) = of.filter(|p| is_far(s.hours, p.median)) else { continue };
        let (own, median) = (Hours::from_hundredths(s.hours), Hours::from_hundredths(of.median));
        let says = site.texts.with(
            "signal-peers-says",
            &[("hours", &own.to_string()), ("median", &median.to_string()), ("year", &s.year.to_string())],
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
    signals
}

fn is_far(hours: i64, median: i64) -> bool {
    hours >= LEAST && hours >= median * TIMES
}

/// Whose learning online is compared, and from when to when, in milliseconds.
pub(super) fn windows<'a>(attended: &'a [Attended], claimed: &'a [Claimed]) -> Vec<(&'a str, i64, i64)> {
    let there = |a: &Attended| stay(a).or_else(|| window(&a.from_day, &a.to_day));
    let booked = attended.iter().map(|a| (a.person_id.as_str(), there(a)));
    let stated = claimed.iter().map(|c| (c.person_id.as_str(), window(&c.on_day, &c.on_day)));
    let mut windows: Vec<_> = booked
        .chain(stated)
        .filter_map(|(person, window)| window.map(|(from, to)| (person, from, to)))
        .collect();
    windows.sort_unstable();
    windows.dedup();
    windows
}

fn of<'a>(stretches: &'a Stretches, person: &str) -> &'a [(i64, i64)] {
    stretches.get(person).map(Vec::as_slice).unwrap_or_default()
}

/// Trainings during which people learned online at the same time.
pub(super) fn overlaps(site: &Site, attended: &[Attended], stretches: &Stretches) -> Vec<Signal> {
    let mut by_training: BTreeMap<&str, (&Attended, HashSet<&str>)> = BTreeMap::new();
    for a in attended {
        if beside(a, of(stretches, &a.person_id)) >= OVERLAP_MS {
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

/// When someone was at a training, if they signed in and out.
fn stay(a: &Attended) -> Option<(i64, i64)> {
    a.stay_from_ms.zip(a.stay_to_ms)
}

/// How long someone must have learned online while at a training, in milliseconds. Who signed in and out was there in that
/// stay; who was on a list, in the hours of its days, of which learning may have what the credit leaves.
fn beside(a: &Attended, learned: &[(i64, i64)]) -> i64 {
    match stay(a) {
        Some(stay) => shared(stay, learned),
        None => online_within((&a.from_day, &a.to_day), learned) - left(a),
    }
}

/// What the hours of a training's days have beyond what is credited of them: nothing where all its days are.
fn left(a: &Attended) -> i64 {
    let Some((first, last)) = window(&a.from_day, &a.to_day) else { return 0 };
    let days = (last - first) / DAY_MS + 1;
    if a.days >= days * WHOLE_DAY {
        return 0;
    }
    let credited = a.hours.map_or(a.days * DAY_LONG_MS / WHOLE_DAY, |hours| hours * HUNDREDTH_MS);
    (days * DAY_LONG_MS - credited).max(0)
}

/// Claimed days on which people learned online. A claim has one date and a quantity: which other days it covers is open,
/// so none of them is compared.
pub(super) fn claimed_overlaps(site: &Site, claimed: &[Claimed], stretches: &Stretches) -> Vec<Signal> {
    let mut signals = vec![];
    for c in claimed {
        let online = online_within((&c.on_day, &c.on_day), of(stretches, &c.person_id));
        // Of half a day the other half may have been learned.
        let left = (WHOLE_DAY - c.quantity).max(0) * DAY_LONG_MS / WHOLE_DAY;
        if online - left < OVERLAP_MS {
            continue;
        }
        let (minutes, days) =
            ((online / MINUTE_MS).to_string(), Hours::from_hundredths(c.quantity).to_string());
        let args = [("on", c.on_day.as_str()), ("minutes", &minutes), ("days", &days)];
        let says = site.texts.with("signal-overlap-claim-says", &args);
        signals.push(of_unit((&c.unit, &c.unit_name), Sign::Overlap, format!("{}: {says}", c.title)));
        signals.push(Signal {
            target: Target::Claim,
            id: c.claim.clone(),
            name: c.title.clone(),
            place: format!("{} · {}", c.person, c.unit_name),
            sign: Sign::Overlap,
            says,
        });
    }
    signals
}

/// From the first day's hours to the last's, in milliseconds; none where a day does not read.
fn window(from: &str, to: &str) -> Option<(i64, i64)> {
    let (from, to) = rules::record::parse_day(from).zip(rules::record::parse_day(to))?;
    let start = |on: Day| day::millis(day::start_of(on));
    Some((start(from) + DAY_FROM_MS, start(to) + DAY_TO_MS))
}

/// How long someone learned online in the hours of these days, in milliseconds.
fn online_within((from, to): (&str, &str), learned: &[(i64, i64)]) -> i64 {
    let Some((first, last)) = window(from, to) else { return 0 };
    let mut total = 0;
    let mut open = first;
    while open < last {
        total += shared((open, open + DAY_LONG_MS), learned);
        open += DAY_MS;
    }
    total
}

/// How much of a stretch of time was learned, in milliseconds.
fn shared((from, to): (i64, i64), learned: &[(i64, i64)]) -> i64 {
    learned.iter().map(|(f, t)| ((*t).min(to) - (*f).max(from)).max(0)).sum()
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
        assert!(is_far(3600, 1200) && !is_far(3599, 1200));
        assert!(!is_far(1500, 100), "little is never far above");
    }

    #[test]
    fn learning_may_have_what_half_a_day_leaves_and_nothing_of_a_stay() {
        let at = |t: &str| day::millis(format!("2026-11-02T{t}:00+08:00").parse().unwrap());
        let half = Attended {
            training: "t".into(),
            title: "t".into(),
            unit: "u".into(),
            unit_name: "u".into(),
            from_day: "2026-11-02".into(),
            to_day: "2026-11-02".into(),
            person_id: "p".into(),
            days: 50,
            hours: Some(400),
            stay_from_ms: None,
            stay_to_ms: None,
        };
        let (morning, most) = ([(at("09:00"), at("13:00"))], [(at("09:00"), at("14:00"))]);
        assert_eq!(beside(&half, &morning), 0);
        assert_eq!(beside(&half, &most), 60 * MINUTE_MS);
        let unknown = Attended { hours: None, ..half.clone() };
        assert_eq!(beside(&unknown, &most), 60 * MINUTE_MS, "half of the day's hours");
        let whole = Attended { days: 100, hours: Some(800), ..half.clone() };
        assert_eq!(beside(&whole, &morning), 240 * MINUTE_MS);
        let two = Attended { to_day: "2026-11-03".into(), days: 150, hours: Some(1200), ..half.clone() };
        assert_eq!(beside(&two, &most), 60 * MINUTE_MS);
        let stay = Attended { stay_from_ms: Some(at("13:30")), stay_to_ms: Some(at("17:30")), ..half };
        assert_eq!(beside(&stay, &morning), 0);
        assert_eq!(beside(&stay, &most), 30 * MINUTE_MS);
    }

    #[test]
    fn only_the_hours_of_the_day_count_as_overlap() {
        let at = |t: &str| day::millis(format!("2026-11-02T{t}:00+08:00").parse().unwrap());
        let day = ("2026-11-02", "2026-11-02");
        assert_eq!(online_within(day, &[(at("08:00"), at("09:30"))]), 30 * MINUTE_MS);
        assert_eq!(online_within(day, &[(at("19:00"), at("21:00"))]), 0);
        let days = ("2026-10-31", "2026-11-02");
        assert_eq!(online_within(days, &[(at("08:00"), at("09:30"))]), 30 * MINUTE_MS);
        assert_eq!(online_within(("2026-11-02", "2026-11-01"), &[(at("09:00"), at("10:00"))]), 0);
    }
}
