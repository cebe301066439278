//! Beats on their way: each takes another time through the network, so the place told is ahead of the server's clock now and
//! then. What is a little ahead waits for the clock; nothing is lost by it, and nothing gained.
use proptest::prelude::*;
use rules::learning::{Attention, Beat, Intervals, Opening, Session, WAITS};

const S: i64 = 1_000;

fn session() -> Session {
    let attention = Attention::new([9; 32], 0);
    let (length, covered) = (1_800 * S, Intervals::default());
    Session::open(Opening { length, resume_at: 0, now: 0, covered, attention })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Every beat takes another time through the network; the film plays with the learner's clock.
    #[test]
    fn beats_of_uneven_delay_leave_no_hole_and_never_outrun_the_clock(
        delays in prop::collection::vec(0..=WAITS, 1..31), every in prop_oneof![Just(50_i64), Just(15 * S)],
    ) {
        let mut s = session();
        let mut latest = 0;
        for (n, delay) in (1_i64..).zip(delays) {
            let now = (n * every + delay).max(latest);
            let (since, before) = (latest, s.position);
            latest = now;
            let told = Beat { seq: n.unsigned_abs(), position: n * every, playing: true, visible: true, now };
            let verdict = s.beat(told).unwrap();
            prop_assert!(verdict.credited <= now - since, "no more than its own time");
            prop_assert_eq!(verdict.refused, vec![]);
            prop_assert_eq!(verdict.position - before, verdict.credited, "each millisecond on the way is credited");
            prop_assert!(n * every - s.position <= WAITS, "what waits is never more");
            prop_assert!(s.check().is_none() && s.total() <= now);
        }
        prop_assert_eq!(s.covered.as_slice().len(), 1);
    }

    /// A player that runs too fast gains nothing from what waits.
    #[test]
    fn a_fast_player_is_never_ahead_of_the_clock(
        beats in prop::collection::vec((0..500_i64, 0..500_i64), 1..200),
    ) {
        let mut s = session();
        let (mut now, mut place) = (0, 0);
        for (n, (elapsed, more)) in (1_u64..).zip(beats) {
            now += elapsed;
            place += elapsed + more;
            let told = Beat { seq: n, position: place, playing: true, visible: true, now };
            let verdict = s.beat(told).unwrap();
            prop_assert!(verdict.credited <= elapsed);
            prop_assert!(s.total() <= now);
        }
    }
}
