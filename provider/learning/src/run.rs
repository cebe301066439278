//! Runs: credited time without a break. A beat lengthens the run of its session; what does not go on from there ends it
//! and begins another. So coverage is kept in few rows, however many beats told of it.
use rules::learning::{Interval, Intervals};

/// Beats tell of times that differ by their way through the network: a run goes on over so many milliseconds in which
/// nothing was credited. They stay uncredited.
const JOINT_MS: i64 = 1_000;

/// A part of a lecture, and when it was credited: the part is never longer than that time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub part: Interval,
    pub wall: Interval,
}

impl Run {
    /// The run with what came next, where it goes on from here.
    fn and(self, next: Self) -> Option<Self> {
        let pause = next.wall.from - self.wall.to;
        let goes_on = next.part.from == self.part.to && (0..=JOINT_MS).contains(&pause);
        goes_on.then_some(Self {
            part: Interval { to: next.part.to, ..self.part },
            wall: Interval { to: next.wall.to, ..self.wall },
        })
    }
}

/// Credits what a beat added, laid end to end from `since`; answers the runs that have ended with it.
pub(crate) fn lengthen(run: &mut Option<Run>, added: &Intervals, since: i64) -> Vec<Run> {
    let mut ended = vec![];
    for (part, wall) in added.laid_from(since) {
        let next = Run { part, wall };
        match run.and_then(|run| run.and(next)) {
            Some(longer) => *run = Some(longer),
            None => ended.extend(run.replace(next)),
        }
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(part: (i64, i64), wall: (i64, i64)) -> Run {
        let interval = |(from, to)| Interval { from, to };
        Run { part: interval(part), wall: interval(wall) }
    }

    #[test]
    fn beats_in_a_row_make_one_run_and_a_pause_or_a_jump_begins_another() {
        let set =
            |parts: &[(i64, i64)]| parts.iter().map(|(from, to)| Interval { from: *from, to: *to }).collect();
        let mut now = None;
        assert!(lengthen(&mut now, &set(&[(0, 15_000)]), 100).is_empty());
        assert!(lengthen(&mut now, &set(&[(15_000, 29_900)]), 15_200).is_empty());
        let first = run((0, 29_900), (100, 30_100));
        assert_eq!(now, Some(first));
        assert!(first.part.length() <= first.wall.length());
        let ended = lengthen(&mut now, &set(&[(29_900, 40_000)]), 31_200);
        assert_eq!((ended, now), (vec![first], Some(run((29_900, 40_000), (31_200, 41_300)))), "a pause");
        let ended = lengthen(&mut now, &set(&[(50_000, 51_000), (60_000, 61_000)]), 41_300);
        let second = run((29_900, 40_000), (31_200, 41_300));
        assert_eq!(ended, [second, run((50_000, 51_000), (41_300, 42_300))], "jumps to what is missing");
        assert_eq!(now, Some(run((60_000, 61_000), (42_300, 43_300))));
        assert!(lengthen(&mut now, &set(&[]), 99_000).is_empty(), "nothing credited ends nothing");
    }
}
