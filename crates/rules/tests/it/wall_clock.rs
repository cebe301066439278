//! The wall-clock law under hostile and honest reports (domain §3).
use proptest::prelude::*;
use rules::{
    learning::{Interval, Intervals},
    wall_clock::{Held, Span, left_of_span, left_of_stretches, need},
};

const MINUTE: i64 = 60_000;

/// What a provider says: stretches, or a beginning and an end alone (two numbers).
#[derive(Clone, Debug)]
struct Said {
    parts: Vec<(i64, i64)>,
    is_span: bool,
    minutes: u64,
}

impl Said {
    fn stretches(&self) -> Intervals {
        let part = |(from, length): &(i64, i64)| Interval { from: *from, to: from + length };
        self.parts.iter().map(part).collect()
    }

    fn within(&self) -> Interval {
        let all = self.stretches();
        Interval { from: all.as_slice()[0].from, to: all.as_slice().last().unwrap().to }
    }
}

/// Takes a record as a platform does: what counts of it, and what it holds from then on.
fn take(held: &mut Held, said: &Said) -> u64 {
    if said.is_span {
        let left = left_of_span(said.minutes, held.room_within(said.within()));
        held.spans.push(Span { within: said.within(), need: need(left.minutes) });
        left.minutes
    } else {
        let own = said.stretches();
        let free = held.room_for(&own);
        assert!(free.minus(&own).is_empty() && free.minus(&held.stretches) == free);
        held.stretches = held.stretches.as_slice().iter().chain(free.as_slice()).copied().collect();
        left_of_stretches(said.minutes, (own.total(), free.total())).minutes
    }
}

fn said() -> impl Strategy<Value = Said> {
    let part = (0_i64..120, 1_i64..40).prop_map(|(from, length)| (from * MINUTE, length * MINUTE));
    (prop::collection::vec(part, 1..5), any::<bool>(), 1_u64..60).prop_map(|(parts, is_span, minutes)| Said {
        parts,
        is_span,
        minutes,
    })
}

/// The law itself, said without the rule's own means: no window of time holds more than its length.
fn assert_lawful(counted: &[(Said, u64)], held: &Held) {
    let ends: Vec<i64> = counted.iter().flat_map(|(s, _)| [s.within().from, s.within().to]).collect();
    for from in &ends {
        for to in ends.iter().filter(|to| *to > from) {
            let is_in = |i: Interval| *from <= i.from && i.to <= *to;
            let sum: i64 = counted.iter().filter(|(s, _)| is_in(s.within())).map(|(_, m)| need(*m)).sum();
            let union: Intervals = counted
                .iter()
                .filter(|(s, _)| is_in(s.within()))
                .flat_map(|(s, _)| span_or_parts(s))
                .collect();
            assert!(sum <= to - from, "{sum} ms within {} ms", to - from);
            assert!(sum <= union.total(), "more than the union of the intervals");
        }
    }
    assert_eq!(held.missing(), 0);
}

fn span_or_parts(said: &Said) -> Vec<Interval> {
    if said.is_span { vec![said.within()] } else { said.stretches().as_slice().to_vec() }
}

/// What a person truly did, minute by minute: which record each minute belongs to, and how each record is told.
fn truth() -> impl Strategy<Value = (Vec<Option<usize>>, Vec<bool>, Vec<usize>)> {
    (1_usize..6).prop_flat_map(|records| {
        (
            prop::collection::vec(prop::option::weighted(0.8, 0..records), 1..150),
            prop::collection::vec(any::<bool>(), records),
            Just((0..records).collect::<Vec<usize>>()).prop_shuffle(),
        )
    })
}

proptest! {
    #[test]
    fn no_window_holds_more_than_its_length(all in prop::collection::vec(said(), 1..12)) {
        let mut held = Held::default();
        let mut counted = vec![];
        for said in all {
            let minutes = take(&mut held, &said);
            prop_assert!(minutes <= said.minutes);
            prop_assert!(need(minutes) <= said.within().length());
            counted.push((said, minutes));
            assert_lawful(&counted, &held);
        }
    }

    #[test]
    fn honest_records_lose_nothing_whatever_order_they_come_in((minutes, is_span, order) in truth()) {
        let mut held = Held::default();
        for record in order {
            let own = minutes.iter().enumerate().filter(|(_, m)| **m == Some(record));
            let parts: Vec<(i64, i64)> = own.map(|(at, _)| (i64::try_from(at).unwrap() * MINUTE, MINUTE)).collect();
            if parts.is_empty() {
                continue;
            }
            let learned = u64::try_from(parts.len()).unwrap();
            let said = Said { parts, is_span: is_span[record], minutes: learned };
            prop_assert_eq!(take(&mut held, &said), learned);
        }
    }
}
