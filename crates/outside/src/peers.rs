//! How the other platforms do: so many calls at a time to each, and none for a while to one that only lets us wait
//! (security item 48).
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base::{Error, Kind, Result};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

/// So many calls at a time to one host.
const AT_ONCE: usize = 64;
/// So long a call waits for its place.
const WAIT: Duration = Duration::from_secs(5);
/// After so many calls in a row that were waited for in vain, nobody waits for a while.
const PATIENCE: u32 = 3;
const PAUSE: Duration = Duration::from_secs(30);

struct Peer {
    places: Arc<Semaphore>,
    in_vain: u32,
    avoided_until: Option<Instant>,
}

impl Default for Peer {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), in_vain: 0, avoided_until: None }
    }
}

/// Every host that was called.
#[derive(Clone, Default)]
pub(crate) struct Peers(Arc<Mutex<HashMap<String, Peer>>>);

impl std::fmt::Debug for Peers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Peers(…)")
    }
}

impl Peers {
    /// A place among the calls to a host; refused while it is avoided or too many wait already.
    pub(crate) async fn enter(&self, host: &str) -> Result<OwnedSemaphorePermit> {
        let place = self.places(host)?.acquire_owned();
        match timeout(WAIT, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(refused("peer_busy")),
        }
    }

    fn places(&self, host: &str) -> Result<Arc<Semaphore>> {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let peer = peers.entry(host.to_owned()).or_default();
        if peer.avoided_until.is_some_and(|until| Instant::now() < until) {
            return Err(refused("peer_avoided"));
        }
        Ok(Arc::clone(&peer.places))
    }

    /// How a call ended: waited for in vain, or answered in whatever way.
    pub(crate) fn note(&self, host: &str, is_in_vain: bool) {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(peer) = peers.get_mut(host) else { return };
        peer.in_vain = if is_in_vain { peer.in_vain + 1 } else { 0 };
        peer.avoided_until = (peer.in_vain >= PATIENCE).then(|| Instant::now() + PAUSE);
    }
}

fn refused(code: &'static str) -> Error {
    Error::refused(Kind::Unavailable, code).retry_after(PAUSE.as_secs())
}
