//! How far a learner is in courses, as pages show it: derived from the credited intervals.
use std::collections::HashMap;

use base::{PersonId, Result};
use catalogue::{Course, Lecture};
use site::Site;

use crate::store_credits::{self, Reached};

/// A lecture with the learner's progress.
pub(crate) struct LectureStanding {
    pub lecture: Lecture,
    pub percent: i64,
    pub is_begun: bool,
    pub is_complete: bool,
    pub is_current: bool,
    touched_at: i64,
    covered_ms: i64,
}

/// A course with the learner's progress.
pub(crate) struct CourseStanding {
    pub course: Course,
    pub lectures: Vec<LectureStanding>,
}

impl CourseStanding {
    /// Percent of the course's seconds that are credited.
    pub fn percent(&self) -> i64 {
        if self.is_complete() {
            return 100;
        }
        share(self.lectures.iter().map(|l| l.covered_ms).sum(), self.course.seconds())
    }

    /// Seconds that are still to be learned.
    pub fn seconds_left(&self) -> i64 {
        let open = self.lectures.iter().filter(|l| !l.is_complete);
        open.map(|l| l.lecture.seconds - l.covered_ms / 1000).sum()
    }

    pub fn completed(&self) -> usize {
        self.lectures.iter().filter(|l| l.is_complete).count()
    }

    pub fn is_complete(&self) -> bool {
        !self.lectures.is_empty() && self.completed() == self.lectures.len()
    }

    pub fn is_begun(&self) -> bool {
        self.lectures.iter().any(|l| l.is_begun)
    }

    /// Where to go on: the incomplete lecture touched last, else the first incomplete one, else the first.
    pub fn continue_at(&self) -> &str {
        let open = || self.lectures.iter().filter(|l| !l.is_complete);
        let last = open().filter(|l| l.is_begun).max_by_key(|l| l.touched_at);
        last.or_else(|| open().next()).or(self.lectures.first()).map_or("", |l| l.lecture.id.as_str())
    }
}

/// What the learner has reached everywhere, by lecture; nothing for visitors who are not signed in.
pub(crate) async fn reached(site: &Site, learner: Option<PersonId>) -> Result<HashMap<String, Reached>> {
    let Some(learner) = learner else { return Ok(HashMap::new()) };
    let rows = store_credits::reached(&site.db, learner).await?;
    Ok(rows.into_iter().map(|r| (r.lecture_id.clone(), r)).collect())
}

/// The learner's standing in a course; `current` is the lecture whose page it is for.
pub(crate) fn of(course: Course, reached: &HashMap<String, Reached>, current: &str) -> CourseStanding {
    let one = |lecture: &Lecture| {
        let found = reached.get(&lecture.id);
        let covered_ms = found.map_or(0, |r| r.covered_ms);
        let is_complete = found.is_some_and(|r| r.is_complete);
        LectureStanding {
            percent: if is_complete { 100 } else { share(covered_ms, lecture.seconds) },
            is_begun: found.is_some(),
            is_complete,
            is_current: lecture.id == current,
            touched_at: found.map_or(0, |r| r.touched_at),
            covered_ms,
            lecture: lecture.clone(),
        }
    };
    CourseStanding { lectures: course.lectures.iter().map(one).collect(), course }
}

/// Percent rounded down; 100 is said only of what is complete.
fn share(covered_ms: i64, seconds: i64) -> i64 {
    (covered_ms / 10 / seconds.max(1)).clamp(0, 99)
}
