//! The law of learning time, against whoever tries to bend it: credited ≤ union of wall-clock stretches ≤ elapsed, across
//! lectures, sessions and providers. And its other side: honest learners lose next to nothing.
use proptest::prelude::*;
use rules::learning::{
    Answered, Attention, Beat, Interval, Intervals, LATEST, LONGEST_LEASE, Lease, Opening, REPORT_EVERY,
    Session, is_complete,
};

const S: i64 = 1_000;
const LENGTH: i64 = 1_800 * S;

/// A person's learning at one provider, as it books: the newest session ends the older ones.
#[derive(Default)]
struct Provider {
    sessions: Vec<(usize, Session)>,
    opened: Vec<i64>,
    ended: Vec<i64>,
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
        if !self.opened.is_empty() {
            self.ended.push(now);
        }
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
        let since_check = self.sessions.last().map_or(0, |(_, living)| living.attention.since_check());
        let Some((lecture, session)) = self.sessions.get_mut(which) else { return };
        let lecture = *lecture;
        let judged = match self.ended.get(which) {
            None => session.offline(lease, beats, now).unwrap_or_default(),
            Some(over) => {
                session.covered = self.covered[lecture].clone();
                session.left_over(lease, beats, (*over, since_check))
            }
        };
        for judged in &judged {
            self.book(lecture, &judged.verdict.added, judged.since);
        }
        let Some((same, living)) = self.sessions.last_mut().filter(|_| which < self.ended.len()) else {
            return;
        };
        // What an ended session is credited, the living one of the lecture has covered, and its checks count.
        let added = judged.iter().flat_map(|j| j.verdict.added.as_slice().iter().copied());
        let added: Intervals = added.collect();
        living.attention.count_elsewhere(added.total());
        if *same == lecture {
            living.covered.insert_all(&added);
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

#[derive(Clone, Copy, Debug)]
enum Mishap {
    /// The network is gone for a while; under the lease nothing stops.
    Offline {
        seconds: i64,
    },
    /// The browser dies; what was noted is sent when the page is opened again.
    Crash {
        after: i64,
        away: i64,
    },
    /// The browser dies and had kept nothing: a private window.
    Forgotten {
        after: i64,
        away: i64,
    },
    /// On another device, after leaving this page.
    Switch {
        after: i64,
        away: i64,
    },
    /// On another device, while this page still plays: it hears of it with its next report.
    TakenOver {
        after: i64,
    },
    None,
}

impl Mishap {
    fn costs_at_most(self) -> i64 {
        match self {
            Self::None | Self::Offline { .. } | Self::Switch { .. } => 0,
            Self::Crash { .. } => NOTE,
            // Kept nothing; or credited, and watched twice.
            Self::Forgotten { .. } | Self::TakenOver { .. } => REPORT,
        }
    }
}

/// Seconds between two reports of the player, and between two notes in the browser (web/src/player).
const REPORT: i64 = REPORT_EVERY / S;
const NOTE: i64 = 2;

/// An honest learner at one lecture after the other, in seconds.
struct Honest {
    s: Session,
    seq: u64,
    now: i64,
    watched: i64,
    credited: i64,
}

impl Honest {
    const LENGTH: i64 = 2_400;

    fn new() -> Self {
        Self { s: Self::open(Intervals::default(), 0, 0), seq: 0, now: 0, watched: 0, credited: 0 }
    }

    fn open(covered: Intervals, resume_at: i64, now: i64) -> Session {
        let attention = Attention::new([7; 32], 0);
        Session::open(Opening { length: Self::LENGTH * S, resume_at, now: now * S, covered, attention })
    }

    /// Opens the next session, of the next lecture where this one is complete.
    fn reopen(&mut self) -> Session {
        if is_complete(&self.s.covered, self.s.length) {
            self.credited += self.s.total() / S;
            self.s.covered = Intervals::default();
            self.s.position = 0;
        }
        let next = Self::open(self.s.covered.clone(), self.s.position, self.now);
        self.seq = 0;
        std::mem::replace(&mut self.s, next)
    }

    fn beat(&mut self, position: i64, now: i64) -> Beat {
        self.seq += 1;
        let position = position.min(Self::LENGTH) * S;
        Beat { seq: self.seq, position, playing: true, visible: true, now: now * S }
    }

    fn tell(&mut self, position: i64, now: i64) {
        let beat = self.beat(position, now);
        self.s.beat(beat).unwrap();
        if let Some(check) = self.s.check().map(|c| c.number) {
            self.s.answer_check(check, true, now * S).unwrap();
        }
    }

    fn at(&self) -> i64 {
        self.s.position / S
    }

    /// So much is watched until the next thing happens, but no longer than the lecture.
    fn watch(&mut self, seconds: i64) -> i64 {
        let seconds = seconds.min(Self::LENGTH - self.at());
        self.now += seconds;
        self.watched += seconds;
        seconds
    }

    fn suffer(&mut self, mishap: Mishap) {
        if is_complete(&self.s.covered, self.s.length) {
            self.reopen();
        }
        let (at, began) = (self.at(), self.now);
        match mishap {
            Mishap::None => {
                let played = self.watch(REPORT);
                self.tell(at + played, self.now);
            }
            Mishap::Offline { seconds } => {
                let played = self.watch(seconds);
                let beats: Vec<Beat> = (1..=played)
                    .filter(|n| n % REPORT == 0 || *n == played)
                    .map(|n| self.beat(at + n, n))
                    .collect();
                self.s.offline(Lease::at(began * S), &beats, self.now * S).unwrap();
                if let Some(check) = self.s.check().map(|c| c.number) {
                    self.s.answer_check(check, true, self.now * S).unwrap();
                }
            }
            Mishap::Crash { after, away } => {
                let played = self.watch(after);
                self.now += away;
                self.tell(at + played / NOTE * NOTE, self.now);
                self.reopen();
            }
            Mishap::Forgotten { after, away } => {
                self.watch(after);
                self.now += away;
                self.reopen();
            }
            Mishap::Switch { after, away } => {
                let played = self.watch(after);
                self.tell(at + played, self.now);
                self.now += away;
                self.reopen();
            }
            Mishap::TakenOver { after } => {
                let played = self.watch(after);
                // The first page's next report comes when its time has come; what it says goes beyond the end.
                let late = self.beat(at + REPORT, REPORT);
                let over = self.now * S;
                let mut left = self.reopen();
                let judged = left.left_over(Lease::at(began * S), &[late], (over, 0));
                let added = &judged[0].verdict.added;
                assert_eq!(added.total(), left.total() - self.s.total(), "credited as far as it was watched");
                assert!(added.total() <= played * S);
                self.s.covered.insert_all(added);
            }
        }
    }

    fn lost(&self) -> i64 {
        self.watched - self.credited - self.s.total() / S
    }
}

fn mishaps() -> impl Strategy<Value = Vec<Mishap>> {
    let one = prop_oneof![
        36 => Just(Mishap::None),
        1 => (1..595_i64).prop_map(|seconds| Mishap::Offline { seconds }),
        1 => (0..REPORT, 5..600_i64).prop_map(|(after, away)| Mishap::Crash { after, away }),
        1 => (0..REPORT, 5..600_i64).prop_map(|(after, away)| Mishap::Forgotten { after, away }),
        1 => (0..REPORT, 5..600_i64).prop_map(|(after, away)| Mishap::Switch { after, away }),
        1 => (0..REPORT).prop_map(|after| Mishap::TakenOver { after }),
    ];
    prop::collection::vec(one, 400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// In bad conditions: how many seconds an honest learner has to watch again.
    #[test]
    fn an_honest_learner_loses_at_most_ten_seconds_an_interruption(mishaps in mishaps()) {
        let (mut learner, mut allowed) = (Honest::new(), 0);
        for mishap in mishaps {
            learner.suffer(mishap);
            allowed += mishap.costs_at_most();
            prop_assert!(learner.lost() <= allowed, "{} s lost after {mishap:?}, allowed {allowed}", learner.lost());
        }
        prop_assert!(learner.watched <= learner.now);
    }
}

/// Two hundred hours of someone whose network fails every ten minutes, who changes the device every hour, leaves the first
/// page playing every fourth time, and whose browser dies every five hours.
#[test]
fn in_all_an_honest_learner_loses_less_than_a_thousandth() {
    let mut learner = Honest::new();
    for n in 1..=200 * 3_600 / REPORT {
        let every = |seconds: i64| n % (seconds / REPORT) == 0;
        let after = n * 7 % REPORT;
        learner.suffer(match () {
            () if every(5 * 3_600) => Mishap::Crash { after, away: 60 },
            () if every(4 * 3_600) => Mishap::TakenOver { after },
            () if every(3_600) => Mishap::Switch { after, away: 60 },
            () if every(600) => Mishap::Offline { seconds: 30 + n % 300 },
            () => Mishap::None,
        });
    }
    let (lost, watched) = (learner.lost(), learner.watched);
    assert!(watched > 200 * 3_600 && lost * 1_000 < watched, "{lost} of {watched} s");
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

#[test]
fn learning_in_ended_sessions_only_ends_when_a_check_is_due() {
    let mut provider = Provider::default();
    for n in 0..400_i64 {
        let now = n * 30 * S;
        provider.open(0, now);
        let Some(before) = provider.sessions.len().checked_sub(2) else { continue };
        let beat = Beat { seq: 1, position: n * 30 * S, playing: true, visible: true, now: 30 * S };
        provider.sessions[before].1.position = (n - 1) * 30 * S;
        provider.offline(before, Lease::at(now - 30 * S), &[beat], now);
    }
    assert!(provider.covered[0].total() <= LATEST + 30 * S, "{}", provider.covered[0].total());
    assert!(provider.covered[0].total() > 5 * 60 * S, "and it was taken until then");
}
