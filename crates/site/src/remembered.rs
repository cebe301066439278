//! A session store that remembers what heartbeats found, so that each of them need not ask the database. Operations always
//! ask. Every two seconds the store is asked which sessions ended, by whomever: they are forgotten.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base::{Result, SessionId, day};
use futures::future::BoxFuture;

use crate::{Endings, FoundSession, Lookup, Sessions, Site};

/// So long a found session is believed: name and roles of a visitor who only listens may be so old.
const BELIEVED_MS: i64 = 60_000;
/// How often the store is asked which sessions ended.
const ASKED_MS: i64 = 2_000;
/// Clocks of several nodes differ by less than this.
const SKEW_MS: i64 = 10_000;
/// More than so many, and the old ones are dropped.
const MOST: usize = 200_000;

#[derive(Default)]
struct Memory {
    found: HashMap<String, (i64, Arc<FoundSession>)>,
    tokens: HashMap<SessionId, String>,
    asked_at: i64,
}

impl Memory {
    /// Since when endings have to be asked for, if it is time; whoever gets an answer asks.
    fn turn(&mut self, now: i64) -> Option<i64> {
        if (0..ASKED_MS).contains(&(now - self.asked_at)) {
            return None;
        }
        let since = self.asked_at.clamp(now - BELIEVED_MS, now);
        self.asked_at = now;
        Some(since - SKEW_MS)
    }

    fn forget(&mut self, ended: &[SessionId]) {
        for session in ended {
            if let Some(token) = self.tokens.remove(session) {
                self.found.remove(&token);
            }
        }
    }

    fn keep(&mut self, token: &str, now: i64, session: &Arc<FoundSession>) {
        if self.found.len() > MOST {
            self.found.retain(|_, (at, _)| now - *at < BELIEVED_MS);
            let found = &self.found;
            self.tokens.retain(|_, token| found.contains_key(token));
        }
        self.tokens.insert(session.actor.session, token.to_owned());
        self.found.insert(token.to_owned(), (now, Arc::clone(session)));
    }
}

/// Remembers what another store found.
pub struct Remembered {
    store: Arc<dyn Endings>,
    memory: Mutex<Memory>,
}

impl Remembered {
    /// Over a store.
    pub fn new(store: Arc<dyn Endings>) -> Self {
        Self { store, memory: Mutex::default() }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, token: &str, now: i64) -> Option<Arc<FoundSession>> {
        let memory = self.memory();
        let (at, session) = memory.found.get(token)?;
        let is_fresh = (0..BELIEVED_MS).contains(&(now - at));
        (is_fresh && now < day::millis(session.idle_expires_at)).then(|| Arc::clone(session))
    }

    /// Forgets what ended meanwhile; everything where that cannot be known.
    async fn refresh(&self, site: &Site, now: i64) -> Result<()> {
        let Some(since) = self.memory().turn(now) else { return Ok(()) };
        let ended = self.store.ended_since(site, day::from_millis(since)).await;
        match ended {
            Ok(ended) => self.memory().forget(&ended),
            Err(error) => {
                *self.memory() = Memory::default();
                return Err(error);
            }
        }
        Ok(())
    }

    fn note(&self, token: &str, now: i64, lookup: &Lookup) {
        match lookup {
            Lookup::Found(session) => self.memory().keep(token, now, session),
            Lookup::Unknown | Lookup::Expired | Lookup::Ended | Lookup::Program(_) => {
                self.memory().found.remove(token);
            }
        }
    }
}

impl Sessions for Remembered {
    fn find<'a>(&'a self, site: &'a Site, token: &'a str, operation: bool) -> BoxFuture<'a, Result<Lookup>> {
        Box::pin(async move {
            let now = day::millis(site.now());
            if !operation {
                self.refresh(site, now).await?;
                if let Some(session) = self.recall(token, now) {
                    return Ok(Lookup::Found(session));
                }
            }
            let lookup = self.store.find(site, token, operation).await?;
            self.note(token, now, &lookup);
            Ok(lookup)
        })
    }
}
