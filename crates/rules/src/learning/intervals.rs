//! Sets of milliseconds of a lecture: sorted, merged, half-open intervals.
use serde::{Deserialize, Serialize, Serializer};

/// From `from` up to, without, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The first millisecond.
    pub from: i64,
    /// The first one after it.
    pub to: i64,
}

impl Interval {
    /// `None` when nothing lies in it.
    pub fn new(from: i64, to: i64) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// Its length.
    pub fn length(self) -> i64 {
        self.to.saturating_sub(self.from)
    }
}

/// A set of milliseconds. Stored as numbers in turn: what is missing before a part, and the part's length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Vec<Stored>")]
pub struct Intervals(Vec<Interval>);

/// A number, or a part as older programs stored it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Number(i64),
    Part(Interval),
}

impl From<Vec<Stored>> for Intervals {
    fn from(list: Vec<Stored>) -> Self {
        let (mut place, mut is_gap) = (0_i64, true);
        let part = |stored| match stored {
            Stored::Part(part) => Some(part),
            Stored::Number(number) => {
                let from = place;
                place = place.saturating_add(number);
                is_gap = !is_gap;
                is_gap.then_some(Interval { from, to: place })
            }
        };
        list.into_iter().filter_map(part).collect()
    }
}

impl Serialize for Intervals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut place = 0;
        serializer.collect_seq(self.0.iter().flat_map(|part| {
            let gap = part.from - place;
            place = part.to;
            [gap, part.length()]
        }))
    }
}

impl FromIterator<Interval> for Intervals {
    fn from_iter<I: IntoIterator<Item = Interval>>(iter: I) -> Self {
        let mut list: Vec<Interval> = iter.into_iter().filter(|i| i.from < i.to).collect();
        list.sort_unstable_by_key(|i| i.from);
        let mut merged: Vec<Interval> = Vec::with_capacity(list.len());
        for next in list {
            match merged.last_mut() {
                Some(last) if next.from <= last.to => last.to = last.to.max(next.to),
                _ => merged.push(next),
            }
        }
        Self(merged)
    }
}

impl Intervals {
    /// The intervals, in order; no two touch.
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    /// How long they are together.
    pub fn total(&self) -> i64 {
        self.0.iter().fold(0, |sum: i64, i| sum.saturating_add(i.length()))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the place lies in the set or right at the end of a part of it.
    pub fn reaches(&self, place: i64) -> bool {
        self.0.iter().any(|i| i.from <= place && place <= i.to)
    }

    /// Adds all of an interval.
    pub fn insert(&mut self, new: Interval) {
        if new.from >= new.to {
            return;
        }
        let first = self.0.partition_point(|i| i.to < new.from);
        let after = self.0.partition_point(|i| i.from <= new.to);
        let touched = self.0.get(first..after).unwrap_or_default();
        let joined = Interval {
            from: touched.first().map_or(new.from, |i| i.from.min(new.from)),
            to: touched.last().map_or(new.to, |i| i.to.max(new.to)),
        };
        self.0.splice(first..after.max(first), [joined]);
    }

    /// Adds all of another set.
    pub fn insert_all(&mut self, other: &Self) {
        for interval in &other.0 {
            self.insert(*interval);
        }
    }

    /// The parts of an interval that the set does not hold.
    pub fn missing(&self, wanted: Interval) -> Self {
        let mut parts = vec![];
        let mut from = wanted.from;
        let first = self.0.partition_point(|i| i.to <= wanted.from);
        for held in self.0.iter().skip(first).take_while(|i| i.from < wanted.to) {
            parts.extend(Interval::new(from, held.from));
            from = from.max(held.to);
        }
        parts.extend(Interval::new(from, wanted.to));
        Self(parts)
    }

    /// The set's parts, each with its stretch of the wall clock, laid end to end from `since`. What is credited never
    /// exceeds the time that passed, so the last one ends before the present.
    pub fn laid_from(&self, since: i64) -> Vec<(Interval, Interval)> {
        let mut from = since;
        let lay = |part: &Interval| {
            let wall = Interval { from, to: from.saturating_add(part.length()) };
            from = wall.to;
            (*part, wall)
        };
        self.0.iter().map(lay).collect()
    }

    /// The set's parts, each with its stretch of the free moments; what finds no room is left out.
    pub fn laid_into(&self, free: &Self) -> Vec<(Interval, Interval)> {
        let mut laid = vec![];
        let mut room = free.0.iter().copied();
        let mut now = room.next();
        for part in &self.0 {
            let mut rest = Some(*part);
            while let (Some(left), Some(place)) = (rest, now) {
                let length = left.length().min(place.length());
                let (from, at) = (left.from, place.from);
                laid.push((Interval { from, to: from + length }, Interval { from: at, to: at + length }));
                rest = Interval::new(from + length, left.to);
                now = Interval::new(at + length, place.to).or_else(|| room.next());
            }
        }
        laid
    }

    /// What of this set the other does not hold.
    pub fn minus(&self, other: &Self) -> Self {
        self.0.iter().flat_map(|i| other.missing(*i).0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(list: &[(i64, i64)]) -> Intervals {
        list.iter().map(|(from, to)| Interval { from: *from, to: *to }).collect()
    }

    #[test]
    fn what_touches_is_merged() {
        let mut covered = set(&[(0, 10), (20, 30)]);
        covered.insert(Interval { from: 10, to: 20 });
        assert_eq!(covered, set(&[(0, 30)]));
        covered.insert(Interval { from: 40, to: 50 });
        covered.insert(Interval { from: 31, to: 39 });
        assert_eq!(covered, set(&[(0, 30), (31, 39), (40, 50)]));
        assert_eq!(covered.total(), 48);
    }

    #[test]
    fn missing_parts_are_what_lies_between() {
        let covered = set(&[(10, 20), (30, 40)]);
        assert_eq!(covered.missing(Interval { from: 0, to: 50 }), set(&[(0, 10), (20, 30), (40, 50)]));
        assert_eq!(covered.missing(Interval { from: 12, to: 18 }), set(&[]));
        assert_eq!(covered.missing(Interval { from: 15, to: 35 }), set(&[(20, 30)]));
    }

    #[test]
    fn parts_are_laid_into_what_is_free() {
        let (parts, free) = (set(&[(0, 10), (20, 26)]), set(&[(100, 104), (200, 208)]));
        let i = |from, to| Interval { from, to };
        let wanted = [(i(0, 4), i(100, 104)), (i(4, 10), i(200, 206)), (i(20, 22), i(206, 208))];
        assert_eq!(parts.laid_into(&free), wanted);
    }

    #[test]
    fn sets_are_stored_as_gaps_and_lengths_and_older_lists_are_read() {
        let covered = set(&[(5, 9), (12, 20), (1_000, 1_001)]);
        let stored = serde_json::to_string(&covered).unwrap();
        assert_eq!(stored, "[5,4,3,8,980,1]");
        assert_eq!(serde_json::from_str::<Intervals>(&stored).unwrap(), covered);
        assert_eq!(serde_json::from_str::<Intervals>("[]").unwrap(), set(&[]));
        let read: Intervals = serde_json::from_str(r#"[{"from":5,"to":9},{"from":0,"to":6}]"#).unwrap();
        assert_eq!(read, set(&[(0, 9)]));
    }
}
