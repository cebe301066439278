//! A session store that remembers for a moment what heartbeats found, so that each of them need not ask the database.
//! Operations always ask, and a session that ended is noticed within two seconds.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use base::{Result, day};
use futures::future::BoxFuture;

use crate::{FoundSession, Lookup, Sessions, Site};

/// So long a found session is believed.
const BELIEVED_MS: i64 = 2_000;
/// More than so many, and the old ones are dropped.
const MOST: usize = 200_000;

type Found = (i64, Box<FoundSession>);

/// Remembers what another store found.
pub struct Remembered {
    store: Arc<dyn Sessions>,
    found: Mutex<HashMap<String, Found>>,
}

impl Remembered {
    /// Over a store.
    pub fn new(store: Arc<dyn Sessions>) -> Self {
        Self { store, found: Mutex::default() }
    }

    fn recall(&self, token: &str, now: i64) -> Option<Box<FoundSession>> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, session) = found.get(token)?;
        let is_fresh = (0..BELIEVED_MS).contains(&(now - at));
        (is_fresh && now < day::millis(session.idle_expires_at)).then(|| session.clone())
    }

    fn note(&self, token: &str, now: i64, lookup: &Lookup) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() > MOST {
            found.retain(|_, (at, _)| now - *at < BELIEVED_MS);
        }
        match lookup {
            Lookup::Found(session) => {
                found.insert(token.to_owned(), (now, session.clone()));
            }
            Lookup::Unknown | Lookup::Expired | Lookup::Ended | Lookup::Program(_) => {
                found.remove(token);
            }
        }
    }
}

impl Sessions for Remembered {
    fn find<'a>(&'a self, site: &'a Site, token: &'a str, operation: bool) -> BoxFuture<'a, Result<Lookup>> {
        Box::pin(async move {
            let now = day::millis(site.now());
            if !operation && let Some(session) = self.recall(token, now) {
                return Ok(Lookup::Found(session));
            }
            let lookup = self.store.find(site, token, operation).await?;
            self.note(token, now, &lookup);
            Ok(lookup)
        })
    }
}
