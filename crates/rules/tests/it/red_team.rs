//! The law of learning time, against whoever tries to bend it: credited ≤ union of wall-clock stretches ≤ elapsed, across
//! lectures, sessions and providers. And its other side: honest learners lose next to nothing.
use proptest::prelude::*;
use rules::learning::{
    Answered, Attention, Beat, Interval, Intervals, LATEST, LONGEST_LEASE, Lease, Opening, Session,
    is_complete,
};

const S: i64 = 1_000;
const LENGTH: i64 = 1_800 * S;

/// A person's learning at one provider, as it books: the newest session ends the older ones.
#[derive(Default)]
struct Provider {
    sessions: Vec<(usize, Session)>,
    opened: Vec<i64>,
    covered: [Intervals; 3],
    walls: Vec<Interval>,
}

impl Provider {
    fn open(&mut self, lecture: usize, now: i64) {
        let before = self.sessions.last_mut().map(|(_, s)| {
            s.supersede();
            (s.attention.since_check(), s.last_at)
        });
        let (since_check, last_at) = before.unwrap_or((0, now));
        let session = Session::open(Opening {
            length: LENGTH,
            resume_at: 0,
            now: now.max(last_at),
            covered: self.covered[lecture].clone(),
            attention: Attention::new([7; 32], since_check),
        });
        self.opened.push(session.last_at);
        self.sessions.push((lecture, session));
    }

    fn book(&mut self, lecture: usize, added: &Intervals, since: i64) {
        self.covered[lecture].insert_all(added);
        self.walls.extend(added.laid_from(since).into_iter().map(|(_, wall)| wall));
    }

    fn beat(&mut self, which: usize, beat: Beat) {
        let Some((lecture, session)) = self.sessions.get_mut(which) else { return };
        let (lecture, since) = (*lecture, session.last_at);
        // A repeated number gets the kept answer and books nothing: only a beat that was judged moves the time.
        if let Ok(verdict) = session.beat(beat)
            && session.last_at != since
        {
            self.book(lecture, &verdict.added, since);
        }
    }

    fn offline(&mut self, which: usize, lease: Lease, beats: &[Beat], now: i64) {
        let Some((lecture, session)) = self.sessions.get_mut(which) else { return };
        let lecture = *lecture;
        for judged in session.offline(lease, beats, now).unwrap_or_default() {
            self.book(lecture, &judged.verdict.added, judged.since);
        }
    }

    fn answer(&mut self, which: usize, right: bool, now: i64) {
        let Some((lecture, session)) = self.sessions.get_mut(which) else { return };
        let Some(check) = session.check() else { return };
        let (lecture, number, since) = (*lecture, check.number, check.appeared_at);
        if let Ok(Answered::InTime { added }) = session.answer_check(number, right, now) {
            self.book(lecture, &added, since);
        }
    }
}

fn length(walls: &[Interval]) -> i64 {
    walls.iter().map(|w| w.length()).sum()
}

#[derive(Clone, Debug)]
enum Trick {
    /// Opens a lecture anew: another tab, another device, a silent sign-in.
    Open {
        lecture: usize,
    },
    /// A beat from any session, the newest or an old one, with any number and any place.
    Beat {
        which: usize,
        seq: u64,
        position: i64,
        playing: bool,
        visible: bool,
    },
    /// The next honest-looking beat of the newest session, at a multiple of the speed of time.
    Fast {
        times: i64,
    },
    Answer {
        which: usize,
        right: bool,
    },
    /// A batch under a lease that was issued some time ago, with any times and places in it.
    Offline {
        which: usize,
        issued: i64,
        beats: Vec<(i64, u64, i64)>,
    },
}

/// Beats of a batch: when after the lease's issue, their number, their place.
fn late() -> impl Strategy<Value = Vec<(i64, u64, i64)>> {
    prop::collection::vec((-10 * S..2 * LONGEST_LEASE, 0..90_u64, -5 * S..LENGTH + 60 * S), 1..40)
}

fn tricks() -> impl Strategy<Value = Vec<(usize, i64, Trick)>> {
    let trick = prop_oneof![
        2 => (0..3_usize).prop_map(|lecture| Trick::Open { lecture }),
        6 => (0..12_usize, 0..60_u64, -5 * S..LENGTH + 60 * S, prop::bool::weighted(0.9), prop::bool::weighted(0.9))
            .prop_map(|(which, seq, position, playing, visible)| Trick::Beat { which, seq, position, playing, visible }),
        8 => (1..17_i64).prop_map(|times| Trick::Fast { times }),
        2 => (0..12_usize, prop::bool::weighted(0.8)).prop_map(|(which, right)| Trick::Answer { which, right }),
        3 => (0..12_usize, 0..3 * LONGEST_LEASE, late()).prop_map(|(which, issued, beats)| Trick::Offline { which, issued, beats }),
    ];
    let wait = prop_oneof![5 => 0..40 * S, 2 => Just(0_i64), 1 => -10 * S..0_i64, 1 => 0..1_200 * S];
    prop::collection::vec((0..2_usize, wait, trick), 1..120)
}

/// Lets the tricks loose on two providers at once; gives back both and the time that passed.
fn run(tricks: Vec<(usize, i64, Trick)>) -> ([Provider; 2], i64) {
    let mut providers = [Provider::default(), Provider::default()];
    let (mut now, mut latest) = (0_i64, 0_i64);
    for (at, wait, trick) in tricks {
        now = (now + wait).max(0);
        latest = latest.max(now);
        let provider = &mut providers[at];
        let newest = provider.sessions.len().saturating_sub(1);
        match trick {
            Trick::Open { lecture } => provider.open(lecture, now),
            Trick::Beat { which, seq, position, playing, visible } => {
                provider.beat(which, Beat { seq, position, playing, visible, now });
            }
            Trick::Fast { times } => {
                let Some((_, s)) = provider.sessions.get(newest) else { continue };
                let position = s.position + (now - s.last_at).max(0) * times;
                provider.beat(newest, Beat { seq: s.seq + 1, position, playing: true, visible: true, now });
            }
            Trick::Answer { which, right } => provider.answer(which, right, now),
            Trick::Offline { which, issued, beats } => {
                // A session's own lease cannot be older than the session.
                let opened = provider.opened.get(which).copied().unwrap_or(now);
                let said = |(now, seq, position): (i64, u64, i64)| Beat {
                    seq,
                    position,
                    playing: true,
                    visible: true,
                    now,
                };
                let beats: Vec<Beat> = beats.into_iter().map(said).collect();
                provider.offline(which, Lease::at((now - issued).max(opened)), &beats, now);
            }
        }
    }
    (providers, latest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_trick_credits_more_than_the_union_of_wall_clock_time(tricks in tricks()) {
        let (providers, elapsed) = run(tricks);
        for provider in &providers {
            let covered: i64 = provider.covered.iter().map(Intervals::total).sum();
            let union: Intervals = provider.walls.iter().copied().collect();
            prop_assert_eq!(covered, length(&provider.walls), "each credited second has its moment");
            prop_assert_eq!(covered, union.total(), "no moment is counted twice");
            prop_assert!(covered <= elapsed, "{covered} of {elapsed}");
            prop_assert!(provider.walls.iter().all(|w| 0 <= w.from && w.to <= elapsed));
        }
        // At two providers at once: what the later record shares with the earlier one is taken off.
        let [first, second] = providers.map(|p| p.walls.into_iter().collect::<Intervals>());
        let counted = first.total() + second.minus(&first).total();
        prop_assert!(counted <= elapsed, "{counted} of {elapsed}");
    }
}

#[derive(Clone, Debug)]
enum Mishap {
    /// The network is gone for a while; the player goes on for 27 s and then stops.
    Offline {
        seconds: i64,
    },
    /// The browser dies; what was noted every 5 s is sent when the page is opened again.
    Crash {
        after: i64,
        away: i64,
    },
    /// On another device, after leaving this page.
    Switch {
        after: i64,
        away: i64,
    },
    None,
}

fn mishaps() -> impl Strategy<Value = Vec<Mishap>> {
    let one = prop_oneof![
        36 => Just(Mishap::None),
        1 => (1..300_i64).prop_map(|seconds| Mishap::Offline { seconds }),
        1 => (0..15_i64, 5..600_i64).prop_map(|(after, away)| Mishap::Crash { after, away }),
        1 => (0..15_i64, 5..600_i64).prop_map(|(after, away)| Mishap::Switch { after, away }),
    ];
    prop::collection::vec(one, 400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A lecture of 40 minutes in bad conditions: how many seconds an honest learner has to watch again.
    #[test]
    fn an_honest_learner_loses_at_most_ten_seconds_an_interruption(mishaps in mishaps()) {
        let (length, mut now, mut watched, mut interruptions) = (2_400, 0_i64, 0_i64, 0_i64);
        let open = |covered: Intervals, resume_at: i64, now: i64| Session::open(Opening {
            length: length * S, resume_at, now: now * S, covered, attention: Attention::new([7; 32], 0),
        });
        let mut s = open(Intervals::default(), 0, 0);
        let mut seq = 0;
        let mut mishaps = mishaps.into_iter();
        while !is_complete(&s.covered, length * S) {
            let at = s.position / S;
            let mut tell = |s: &mut Session, position: i64, now: i64| {
                seq += 1;
                let beat = Beat { seq, position: position.min(length) * S, playing: true, visible: true, now: now * S };
                let verdict = s.beat(beat).unwrap();
                if let Some(check) = s.check().map(|c| c.number) {
                    s.answer_check(check, true, now * S).unwrap();
                }
                verdict
            };
            match mishaps.next().unwrap_or(Mishap::None) {
                Mishap::None => {
                    (now, watched) = (now + 15, watched + 15);
                    tell(&mut s, at + 15, now);
                }
                Mishap::Offline { seconds } => {
                    interruptions += 1;
                    let played = seconds.min(27);
                    (now, watched) = (now + seconds, watched + played);
                    tell(&mut s, at + played, now);
                }
                Mishap::Crash { after, away } => {
                    interruptions += 1;
                    watched += after;
                    now += after + away;
                    tell(&mut s, at + after / 5 * 5, now);
                    s = open(s.covered.clone(), s.position, now);
                    seq = 0;
                }
                Mishap::Switch { after, away } => {
                    interruptions += 1;
                    (now, watched) = (now + after, watched + after);
                    tell(&mut s, at + after, now);
                    now += away;
                    s = open(s.covered.clone(), s.position, now);
                    seq = 0;
                }
            }
        }
        let lost = watched - s.covered.total() / S;
        // The last beat may reach beyond the end.
        prop_assert!(lost <= 10 * interruptions + 15, "{lost} s lost in {interruptions} interruptions");
        prop_assert!(watched <= now);
    }
}

#[test]
fn leaving_checks_unanswered_earns_less_than_answering_them() {
    let mut s = Session::open(Opening {
        length: LENGTH,
        resume_at: 0,
        now: 0,
        covered: Intervals::default(),
        attention: Attention::new([9; 32], LATEST),
    });
    for n in 1..100_i64 {
        let beat = Beat {
            seq: n.unsigned_abs(),
            position: n * 15 * S,
            playing: true,
            visible: true,
            now: n * 15 * S,
        };
        s.beat(beat).unwrap();
    }
    assert!(s.total() <= 15 * S, "{}", s.total());
}
