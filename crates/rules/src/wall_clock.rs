//! The wall-clock law (domain §3): what counts by time never exceeds, for any person and window, the time that passed. A
//! record says when someone learned, or only between which two instants; the later of two records gets what the earlier ones
//! leave. Times are milliseconds, since 1970 where they are instants.
use std::{cmp::Reverse, collections::BinaryHeap};

use crate::learning::{COMPLETE_PERCENT, Interval, Intervals};

const MINUTE_MS: i64 = 60_000;
const PERCENT: i64 = 100;

/// A record that does not say when within its beginning and end someone learned, only how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its beginning and end.
    pub within: Interval,
    /// How long was learned in it.
    pub need: i64,
}

/// The time that a person's records hold.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Of records that say when; no two of them share a millisecond.
    pub stretches: Intervals,
    /// Of records that only say between when.
    pub spans: Vec<Span>,
}

/// What is left of a record's minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The minutes that count.
    pub minutes: u64,
    /// Minutes in which other records have it that something else was learned.
    pub overlap: u64,
}

/// The time that a course of so many minutes takes at least: it is learned at 98 % of its seconds (domain §8).
pub fn need(minutes: u64) -> i64 {
    i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(MINUTE_MS / PERCENT * COMPLETE_PERCENT)
}

/// The longest course, in whole minutes, for which so much time is enough.
fn enough_for(time: i64) -> u64 {
    u64::try_from(time / (MINUTE_MS / PERCENT * COMPLETE_PERCENT)).unwrap_or(0)
}

/// What a record of stretches counts: its `minutes`, or those of its own time where that is too short for them; less the
/// minutes begun that others hold, and never more than what is `free` is enough for.
pub fn left_of_stretches(minutes: u64, (own, free): (i64, i64)) -> Left {
    let own_minutes =
        if own >= need(minutes) { minutes } else { u64::try_from(own / MINUTE_MS).unwrap_or(0) };
    let taken = (own - free).max(0);
    let overlap = u64::try_from((taken + MINUTE_MS - 1) / MINUTE_MS).unwrap_or(u64::MAX);
    Left { minutes: own_minutes.saturating_sub(overlap).min(enough_for(free)), overlap }
}

/// What a record counts that only says when learning began and ended, where `room` of that is left.
pub fn left_of_span(minutes: u64, room: i64) -> Left {
    let left = minutes.min(enough_for(room));
    Left { minutes: left, overlap: minutes - left }
}

impl Held {
    /// What a record may hold of the stretches in which it says that someone learned, so that all the others still can have
    /// happened.
    pub fn room_for(&self, stretches: &Intervals) -> Intervals {
        let free = stretches.minus(&self.stretches);
        let (spans, room) = (self.spans_near(&free), self.room(&free));
        let whole = placed(&spans, &room);
        if placed(&spans, &room.minus(&free)) == whole {
            return free;
        }
        // Between two ends of spans one moment is as good as another, so of each such part as much is kept as can be.
        let mut kept = Intervals::default();
        for part in parts(&free, &spans) {
            let tried: Intervals = kept.as_slice().iter().chain(part.as_slice()).copied().collect();
            let lost = whole - placed(&spans, &room.minus(&tried));
            let first = first_of(&part, part.total() - lost);
            kept = kept.as_slice().iter().chain(first.as_slice()).copied().collect();
        }
        kept
    }

    /// How long a further record can have been learned between its beginning and end.
    pub fn room_within(&self, within: Interval) -> i64 {
        let own: Intervals = [within].into_iter().collect();
        let (mut spans, room) = (self.spans_near(&own), self.room(&own));
        let before = placed(&spans, &room);
        spans.push(Span { within, need: within.length() });
        (placed(&spans, &room) - before).max(0)
    }

    /// How much of what the spans need finds no time: nothing, where the law holds.
    pub fn missing(&self) -> i64 {
        let need = self.spans.iter().fold(0, |sum: i64, s| sum.saturating_add(s.need));
        need - placed(&self.spans, &self.room(&Intervals::default()))
    }

    /// These stretches and all spans that they reach, directly or through others: where others may be in the way.
    pub fn reach(&self, own: &Intervals) -> Intervals {
        let near = self.spans_near(own);
        own.as_slice().iter().copied().chain(near.iter().map(|s| s.within)).collect()
    }

    /// The spans that these stretches reach, directly or through other spans; only they can be in the way.
    fn spans_near(&self, own: &Intervals) -> Vec<Span> {
        let all = own.as_slice().iter().copied().chain(self.spans.iter().map(|s| s.within));
        let runs: Intervals = all.collect();
        let is_near = |run: &&Interval| touches(own.as_slice(), **run);
        let near: Vec<Interval> = runs.as_slice().iter().filter(is_near).copied().collect();
        self.spans.iter().filter(|s| touches(&near, s.within)).copied().collect()
    }

    /// The time between all beginnings and ends that no stretch holds.
    fn room(&self, own: &Intervals) -> Intervals {
        let all = own.as_slice().iter().copied().chain(self.spans.iter().map(|s| s.within));
        all.collect::<Intervals>().minus(&self.stretches)
    }
}

/// Whether one of the intervals, which are in order, shares a moment with this one.
fn touches(intervals: &[Interval], with: Interval) -> bool {
    let at = intervals.partition_point(|i| i.to <= with.from);
    intervals.get(at).is_some_and(|i| i.from < with.to)
}

/// The stretches cut at the beginnings and ends of the spans, those between the same two together.
fn parts(free: &Intervals, spans: &[Span]) -> Vec<Intervals> {
    let mut cuts: Vec<i64> = spans.iter().flat_map(|s| [s.within.from, s.within.to]).collect();
    cuts.extend(free.as_slice().iter().flat_map(|i| [i.from, i.to]).min());
    cuts.extend(free.as_slice().iter().map(|i| i.to).max());
    cuts.sort_unstable();
    cuts.dedup();
    let between = |(from, to): (&i64, &i64)| {
        let first = free.as_slice().partition_point(|i| i.to <= *from);
        let inside = free.as_slice().iter().skip(first).take_while(|i| i.from < *to);
        inside.filter_map(|i| Interval::new(i.from.max(*from), i.to.min(*to))).collect::<Intervals>()
    };
    let all = cuts.iter().zip(cuts.iter().skip(1)).map(between);
    all.filter(|part| !part.is_empty()).collect()
}

/// The first so many milliseconds of a part.
fn first_of(part: &Intervals, length: i64) -> Intervals {
    let mut left = length.max(0);
    let cut = |i: &Interval| {
        let taken = left.min(i.length());
        left -= taken;
        Interval::new(i.from, i.from + taken)
    };
    part.as_slice().iter().filter_map(cut).collect()
}

/// How much of what the spans need finds time in the room at all. Each moment goes to the span that ends first among
/// those that still need one, which loses no moment that any other order would use.
fn placed(spans: &[Span], room: &Intervals) -> i64 {
    let mut coming: Vec<&Span> = spans.iter().collect();
    coming.sort_unstable_by_key(|s| s.within.from);
    let mut coming = coming.into_iter().peekable();
    let mut waiting: BinaryHeap<Reverse<(i64, i64)>> = BinaryHeap::new();
    let mut sum = 0;
    for free in room.as_slice() {
        let mut now = free.from;
        while now < free.to {
            while let Some(span) = coming.next_if(|s| s.within.from <= now) {
                waiting.push(Reverse((span.within.to, span.need)));
            }
            let next = coming.peek().map_or(free.to, |s| s.within.from.min(free.to));
            let Some(Reverse((end, need))) = waiting.pop() else {
                now = next;
                continue;
            };
            let until = next.min(end).min(now.saturating_add(need));
            if until <= now {
                continue;
            }
            sum += until - now;
            waiting.push(Reverse((end, need - (until - now))));
            now = until;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn set(list: &[(i64, i64)]) -> Intervals {
        list.iter().map(|(from, to)| Interval { from: from * HOUR, to: to * HOUR }).collect()
    }

    fn span(from: i64, to: i64, hours: i64) -> Span {
        Span { within: Interval { from: from * HOUR, to: to * HOUR }, need: hours * HOUR }
    }

    #[test]
    fn two_courses_learned_in_turn_over_the_same_weeks_both_count() {
        let held = Held { spans: vec![span(0, 500, 20)], ..Held::default() };
        assert_eq!(held.room_within(Interval { from: HOUR, to: 499 * HOUR }), 480 * HOUR);
        assert_eq!(held.room_for(&set(&[(3, 9)])), set(&[(3, 9)]));
    }

    #[test]
    fn what_is_full_is_full() {
        let held = Held { spans: vec![span(10, 12, 2)], ..Held::default() };
        assert_eq!(held.room_within(Interval { from: 10 * HOUR, to: 12 * HOUR }), 0);
        assert_eq!(held.room_within(Interval { from: 9 * HOUR, to: 12 * HOUR }), HOUR);
        assert_eq!(held.room_for(&set(&[(9, 11)])), set(&[(9, 10)]));
    }

    #[test]
    fn a_stretch_keeps_what_the_spans_around_it_can_spare() {
        // One hour must lie in the first two, three in the first four: of the first four one is to spare.
        let held = Held { spans: vec![span(0, 2, 1), span(0, 4, 2)], ..Held::default() };
        assert_eq!(held.room_for(&set(&[(0, 1), (3, 5)])), set(&[(0, 1), (4, 5)]));
    }

    #[test]
    fn minutes_are_those_of_the_own_time_and_lose_those_of_others() {
        let left = |minutes, own: i64, free: i64| {
            let left = left_of_stretches(minutes, (own * MINUTE_MS, free * MINUTE_MS));
            (left.minutes, left.overlap)
        };
        assert_eq!(left(60, 60, 60), (60, 0));
        assert_eq!(left(60, 59, 59), (60, 0), "98 % of a course are the course");
        assert_eq!(left(60, 10, 10), (10, 0));
        assert_eq!(left(60, 80, 50), (30, 30));
        assert_eq!(left(400, 392, 0), (0, 392));
        assert_eq!(left_of_span(60, 30 * MINUTE_MS), Left { minutes: 30, overlap: 30 });
    }
}
