//! Learning time under friendly and hostile schedules (domain §8).
use proptest::prelude::*;
use rules::learning::{
    Answered, Attention, Beat, Interval, Intervals, LATEST, Lease, Opening, Refusal, Session, Superseded,
    TO_ANSWER, TRIES, WAITS,
};

const S: i64 = 1_000;
/// Credited since the last check so that the next one comes with the first second.
const DUE: i64 = LATEST - 1;

fn opening(length: i64, since_check: i64) -> Opening {
    Opening {
        length: length * S,
        resume_at: 0,
        now: 0,
        covered: Intervals::default(),
        attention: Attention::new([7; 32], since_check),
    }
}

fn session(length: i64, since_check: i64) -> Session {
    Session::open(opening(length, since_check))
}

fn beat(seq: u64, position: i64, now: i64) -> Beat {
    Beat { seq, position: position * S, playing: true, visible: true, now: now * S }
}

fn covered(session: &Session) -> Vec<(i64, i64)> {
    session.covered.as_slice().iter().map(|i| (i.from / S, i.to / S)).collect()
}

#[test]
fn ordinary_beats_credit_what_was_watched() {
    let mut s = session(60, 0);
    for (seq, at) in [(1, 15), (2, 30), (3, 45), (4, 60)] {
        let verdict = s.beat(beat(seq, at, at)).unwrap();
        assert_eq!((verdict.credited, verdict.refused), (15 * S, vec![]));
    }
    assert_eq!(covered(&s), [(0, 60)]);
    assert!(s.is_complete());
}

#[test]
fn the_first_rule_that_holds_decides() {
    let base = beat(1, 10, 10);
    for (beat, why) in [
        (Beat { playing: false, visible: false, ..base }, Refusal::Paused),
        (Beat { visible: false, ..base }, Refusal::Hidden),
        (beat(1, 13, 10), Refusal::Jump),
        (beat(1, 0, 10), Refusal::Replay),
    ] {
        let mut s = session(600, 0);
        let verdict = s.beat(beat).unwrap();
        assert_eq!((verdict.credited, verdict.refused[0].0), (0, why));
    }
}

#[test]
fn two_seconds_ahead_are_no_jump_but_credit_only_the_clock() {
    let mut s = session(600, 0);
    let verdict = s.beat(beat(1, 12, 10)).unwrap();
    assert_eq!((verdict.credited, verdict.refused), (10 * S, vec![(Refusal::Gap, 2 * S)]));
}

#[test]
fn what_is_a_little_ahead_of_the_clock_waits_for_it_and_comes_with_the_next_beat() {
    let tell = |s: &mut Session, position: i64, now: i64| {
        let told = Beat { seq: s.seq + 1, position, playing: true, visible: true, now };
        let verdict = s.beat(told).unwrap();
        (verdict.credited, verdict.refused, verdict.position)
    };
    let mut s = session(600, 0);
    assert_eq!(tell(&mut s, 15_000, 14_980), (14_980, vec![], 14_980), "20 ms ahead");
    assert_eq!(tell(&mut s, 30_000, 29_970), (14_990, vec![], 29_970), "10 ms more");
    assert_eq!(tell(&mut s, 45_000, 45_100), (15_030, vec![], 45_000), "the clock has come");
    assert_eq!(s.covered.as_slice(), [Interval { from: 0, to: 45_000 }], "without a hole");
    let edge = 60_100 + WAITS;
    assert_eq!(tell(&mut s, edge, 60_100 + 100), (15_100, vec![], 60_100), "as far as it waits");
    let beyond = tell(&mut s, edge + 15_001, 75_200);
    assert_eq!(beyond, (15_000, vec![(Refusal::Gap, WAITS + 1)], edge + 15_001), "and not further");
}

#[test]
fn a_jump_moves_only_to_what_was_watched() {
    let mut s = session(600, 0);
    s.beat(beat(1, 15, 15)).unwrap();
    assert_eq!(s.beat(beat(2, 300, 30)).unwrap().position, 15 * S);
    s.beat(beat(3, 0, 45)).unwrap();
    let verdict = s.beat(beat(4, 15, 46)).unwrap();
    assert_eq!((verdict.refused[0].0, verdict.position), (Refusal::Jump, 15 * S));
}

#[test]
fn beyond_thirty_seconds_is_a_gap_and_watched_before_a_replay() {
    let mut s = session(600, 0);
    let verdict = s.beat(beat(1, 40, 40)).unwrap();
    assert_eq!((verdict.credited, verdict.refused), (30 * S, vec![(Refusal::Gap, 10 * S)]));
    s.beat(beat(2, 20, 50)).unwrap();
    let verdict = s.beat(beat(3, 45, 75)).unwrap();
    assert_eq!((verdict.credited, verdict.refused), (15 * S, vec![(Refusal::Replay, 10 * S)]));
    assert_eq!(covered(&s), [(0, 45)]);
}

#[test]
fn a_superseded_session_takes_nothing() {
    let mut s = session(600, 0);
    s.beat(beat(1, 15, 15)).unwrap();
    s.supersede();
    assert_eq!(s.beat(beat(1, 15, 15)), Err(Superseded));
    assert_eq!(s.beat(beat(2, 30, 30)), Err(Superseded));
}

#[test]
fn a_check_answered_in_time_credits_what_was_held_back() {
    let mut s = session(600, DUE);
    s.beat(beat(1, 15, 15)).unwrap();
    assert_eq!(s.check().map(|c| (c.number, c.due_at())), Some((1, 75 * S)));
    let verdict = s.beat(beat(2, 30, 30)).unwrap();
    assert_eq!((verdict.credited, verdict.pending), (0, 15 * S));
    assert_eq!(s.answer_check(1, false, 31 * S), Ok(Answered::Wrong));
    assert_eq!(s.answer_check(9, true, 31 * S), Ok(Answered::NoCheck));
    let added = [Interval { from: 15 * S, to: 30 * S }].into_iter().collect();
    assert_eq!(s.answer_check(1, true, 75 * S - 1), Ok(Answered::InTime { added }));
    assert_eq!(covered(&s), [(0, 30)]);
}

#[test]
fn nobody_learns_on_by_opening_session_after_session() {
    let mut covered = Intervals::default();
    let mut since_check = DUE;
    for round in 0..20 {
        let at = round * 30 * S;
        let opening = Opening { covered, now: at, ..opening(600, since_check) };
        let mut s = Session::open(Opening { resume_at: at, ..opening });
        let verdict =
            s.beat(Beat { seq: 1, position: at + 30 * S, now: at + 30 * S, ..beat(1, 0, 0) }).unwrap();
        assert_eq!(verdict.credited, if round == 0 { 30 * S } else { 0 }, "round {round}");
        (covered, since_check) = (s.covered.clone(), s.attention.since_check());
    }
    // Whoever answers loses nothing: what was watched before the check could be seen was held back.
    let mut s = Session::open(opening(600, LATEST));
    let verdict = s.beat(beat(1, 15, 15)).unwrap();
    assert_eq!((verdict.credited, verdict.pending), (0, 15 * S));
    assert_eq!(s.check().map(|c| (c.appeared_at, c.held_since())), Some((15 * S, 0)));
    let added = [Interval { from: 0, to: 15 * S }].into_iter().collect();
    assert_eq!(s.answer_check(1, true, 20 * S), Ok(Answered::InTime { added }));
}

#[test]
fn a_left_check_holds_back_what_is_watched_without_a_network() {
    let mut s = Session::open(opening(600, LATEST));
    let beats: Vec<Beat> =
        (1..=20).map(|n| beat(n, 15 * i64::try_from(n).unwrap(), 15 * i64::try_from(n).unwrap())).collect();
    let judged = s.offline(Lease::at(0), &beats, 400 * S).unwrap();
    assert!(judged.iter().all(|j| j.verdict.credited == 0));
    let check = s.check().unwrap();
    assert_eq!((check.held.total(), check.held_since(), check.due_at()), (300 * S, 0, 460 * S));
}

#[test]
fn a_missed_check_refuses_what_was_held_back_and_goes_back_to_where_it_appeared() {
    let mut s = session(600, DUE);
    s.beat(beat(1, 15, 15)).unwrap();
    for (seq, at) in [(2, 30), (3, 45), (4, 60)] {
        s.beat(beat(seq, at, at)).unwrap();
    }
    let verdict = s.beat(beat(5, 75, 75)).unwrap();
    assert_eq!(verdict.refused, [(Refusal::AttentionOverdue, TO_ANSWER)]);
    assert_eq!((verdict.position, verdict.pending, verdict.total), (15 * S, 0, 15 * S));
    assert_eq!(s.beat(beat(6, 30, 90)).unwrap().refused[0].0, Refusal::AttentionOverdue);
    assert!(matches!(s.answer_check(1, true, 100 * S), Ok(Answered::Late { .. })));
    assert_eq!(s.beat(beat(7, 30, 115)).unwrap().credited, 15 * S);
}

#[test]
fn trying_every_option_is_a_missed_check() {
    let mut s = session(600, DUE);
    s.beat(beat(1, 15, 15)).unwrap();
    s.beat(beat(2, 30, 30)).unwrap();
    for _ in 0..TRIES {
        assert_eq!(s.answer_check(1, false, 31 * S), Ok(Answered::Wrong));
    }
    assert_eq!(s.answer_check(1, true, 32 * S), Ok(Answered::Late { position: 15 * S, refused: 15 * S }));
    assert_eq!(covered(&s), [(0, 15)]);
}

#[derive(Clone, Debug)]
enum Move {
    Beat { step: u64, position: i64, playing: bool, visible: bool, wait: i64 },
    Again { wait: i64 },
    Lower { position: i64, wait: i64 },
    Answer { right: bool, wait: i64 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let wait = || prop_oneof![4 => 0..40_000_i64, 1 => 0..5_i64, 1 => -5_000..200_000_i64];
    let position = prop_oneof![8 => -1_000..400_000_i64, 1 => any::<i64>()];
    let mostly = || prop::bool::weighted(0.9);
    let one = prop_oneof![
        8 => (1..4_u64, position.clone(), mostly(), mostly(), wait())
            .prop_map(|(step, position, playing, visible, wait)| Move::Beat { step, position, playing, visible, wait }),
        1 => wait().prop_map(|wait| Move::Again { wait }),
        1 => (position, wait()).prop_map(|(position, wait)| Move::Lower { position, wait }),
        2 => (mostly(), wait()).prop_map(|(right, wait)| Move::Answer { right, wait }),
    ];
    prop::collection::vec(one, 1..60)
}

/// Plays the moves and gives back credited time, the intervals that were told, and the time that passed.
fn play(s: &mut Session, moves: Vec<Move>) -> (i64, Intervals, i64) {
    let (mut credited, mut told, mut now, mut latest) = (0, Intervals::default(), 0_i64, 0_i64);
    for step in moves {
        let (Move::Beat { wait, .. }
        | Move::Again { wait }
        | Move::Lower { wait, .. }
        | Move::Answer { wait, .. }) = step;
        now += wait;
        latest = latest.max(now);
        let before = s.clone();
        match step {
            Move::Beat { step, position, playing, visible, .. } => {
                let verdict = s.beat(Beat { seq: s.seq + step, position, playing, visible, now }).unwrap();
                assert_eq!(verdict.added.total(), verdict.credited);
                assert_eq!(verdict.total, s.total());
                assert!(verdict.refused.iter().all(|(_, time)| *time >= 0));
                credited += verdict.credited;
                told.insert_all(&verdict.added);
            }
            Move::Again { .. } => {
                let beat = Beat { seq: s.seq, position: 1, playing: true, visible: true, now };
                if let Some(answer) = before.answer.clone() {
                    assert_eq!(s.beat(beat), Ok(answer));
                    assert_eq!(*s, before);
                }
            }
            Move::Lower { position, .. } if s.seq > 1 => {
                let beat = Beat { seq: s.seq - 1, position, playing: true, visible: true, now };
                assert_eq!(s.beat(beat).unwrap().credited, 0);
                assert_eq!(*s, before);
            }
            Move::Lower { .. } => {}
            Move::Answer { right, .. } => {
                let number = s.check().map_or(0, |c| c.number);
                if let Answered::InTime { added } = s.answer_check(number, right, now).unwrap() {
                    credited += added.total();
                    told.insert_all(&added);
                }
            }
        }
        assert!((0..=s.length).contains(&s.position));
    }
    (credited, told, latest)
}

proptest! {
    #[test]
    fn credited_time_never_exceeds_elapsed_time_and_lies_in_recorded_intervals(
        moves in moves(), since_check in prop_oneof![Just(0), Just(DUE), Just(LATEST)],
    ) {
        let mut s = session(360, since_check);
        let (credited, told, elapsed) = play(&mut s, moves);
        prop_assert!(credited <= elapsed, "{credited} of {elapsed}");
        prop_assert_eq!(credited, s.total());
        prop_assert_eq!(&told, &s.covered);
        prop_assert!(s.covered.as_slice().iter().all(|i| 0 <= i.from && i.to <= s.length));
    }

    #[test]
    fn a_session_survives_being_stored(moves in moves()) {
        let mut s = session(360, DUE);
        play(&mut s, moves);
        let stored = serde_json::to_string(&s).unwrap();
        s.answer = None;
        prop_assert_eq!(serde_json::from_str::<Session>(&stored).unwrap(), s);
    }
}

#[test]
fn what_an_ended_session_had_not_told_counts_up_to_its_end() {
    let lease = Lease::at(0);
    let begin = |check_after| {
        let mut s = session(600, check_after);
        s.beat(beat(1, 15, 15)).unwrap();
        s.supersede();
        s
    };
    // A beat at 40 s of a session that ended at 24 s.
    let mut s = begin(0);
    let judged = s.left_over(lease, &[beat(2, 40, 40), beat(3, 55, 55)], (24 * S, 0));
    assert_eq!(judged[0].verdict.credited, 9 * S);
    assert_eq!(judged[0].verdict.refused, [(Refusal::Superseded, 16 * S)]);
    assert_eq!(judged[1].verdict.refused, [(Refusal::Superseded, 15 * S)]);
    assert_eq!(covered(&s), [(0, 24)]);
    assert!(
        s.left_over(lease, &[beat(3, 55, 55)], (24 * S, 0)).is_empty(),
        "the same one again changes nothing"
    );
    // Beats before the end count whole, a leap not at all.
    assert_eq!(begin(0).left_over(lease, &[beat(2, 20, 20)], (24 * S, 0))[0].verdict.credited, 5 * S);
    let leap = begin(0).left_over(lease, &[beat(2, 300, 40)], (24 * S, 0));
    assert_eq!((leap[0].verdict.credited, leap[0].verdict.refused[0].0), (0, Refusal::Superseded));
    // A check that nobody answered stays unanswered, and one that is long due waits for the living session.
    let due = begin(0).left_over(lease, &[beat(2, 24, 24)], (24 * S, LATEST));
    assert_eq!(due[0].verdict.refused, [(Refusal::Superseded, 9 * S)]);
    let unanswered = begin(DUE).left_over(lease, &[beat(2, 24, 24)], (24 * S, 0));
    assert_eq!(unanswered[0].verdict.refused, [(Refusal::Superseded, 9 * S)]);
}
