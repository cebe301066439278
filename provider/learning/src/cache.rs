//! Learning sessions and what is taught in them, held in memory for a writer. The database decides; what lies here for
//! five minutes is read again, so that a withdrawn course is noticed.
use std::{collections::HashMap, sync::Arc};

use base::{Result, SessionId, day};
use catalogue::{Course, Question};
use site::Site;

use crate::store::{self, Held};

/// So long a session is believed.
const FRESH_MS: i64 = 5 * 60_000;
/// So many sessions are held for a writer; more, and the old ones are dropped.
const MOST: usize = 125_000;

/// A lecture's course with its bank of questions.
pub(crate) struct Taught {
    pub course: Course,
    pub bank: Vec<Question>,
    read_at: i64,
}

/// A session with what is taught in it.
pub(crate) struct Kept {
    pub held: Held,
    pub taught: Arc<Taught>,
    read_at: i64,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Cache {
    /// Boxed, since they are taken out and put back with each beat.
    sessions: HashMap<SessionId, Box<Kept>>,
    taught: HashMap<String, Arc<Taught>>,
}

impl Cache {
    /// Reads the sessions that are not held or too old. Unknown ones stay unknown.
    pub(crate) async fn load(&mut self, site: &Site, ids: &[SessionId]) -> Result<()> {
        let now = day::millis(site.now());
        let is_fresh = |at: i64| now - at < FRESH_MS;
        let mut missing: Vec<SessionId> = ids
            .iter()
            .copied()
            .filter(|id| !self.sessions.get(id).is_some_and(|k| is_fresh(k.read_at)))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        if self.sessions.len() > MOST {
            self.sessions.retain(|_, kept| is_fresh(kept.read_at));
        }
        for (id, held) in store::sessions(&site.db, &missing).await? {
            let taught = self.taught(site, &held.lecture, now).await?;
            self.sessions.insert(id, Box::new(Kept { held, taught, read_at: now }));
        }
        Ok(())
    }

    async fn taught(&mut self, site: &Site, lecture: &str, now: i64) -> Result<Arc<Taught>> {
        if let Some(taught) = self.taught.get(lecture).filter(|t| now - t.read_at < FRESH_MS) {
            return Ok(Arc::clone(taught));
        }
        let course = catalogue::lecture(&site.db, lecture).await?.course;
        let course = catalogue::course(&site.db, &course).await?;
        let bank = catalogue::questions(&site.db, &course.id).await?;
        let taught = Arc::new(Taught { course, bank, read_at: now });
        self.taught.insert(lecture.to_owned(), Arc::clone(&taught));
        Ok(taught)
    }

    /// Takes a session out, to be judged and written: what is not put back is read again.
    pub(crate) fn take(&mut self, id: SessionId) -> Option<Box<Kept>> {
        self.sessions.remove(&id)
    }

    /// Puts back what is as the database has it.
    pub(crate) fn put(&mut self, id: SessionId, kept: Box<Kept>) {
        self.sessions.insert(id, kept);
    }
}
