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

/// So many calls at a time to one platform.
const AT_ONCE: usize = 64;
/// So long a call waits for its place.
const WAIT: Duration = Duration::from_secs(5);
/// After so many calls in a row that were waited for in vain, nobody waits for a while.
const PATIENCE: u32 = 3;
const PAUSE: Duration = Duration::from_secs(30);

/// The codes of calls that are not made.
const AVOIDED: &str = "peer_avoided";
const BUSY: &str = "peer_busy";

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

/// Every platform that was called, by host and port.
#[derive(Clone, Default)]
pub(crate) struct Peers(Arc<Mutex<HashMap<String, Peer>>>);

impl std::fmt::Debug for Peers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Peers(…)")
    }
}

impl Peers {
    /// A place among the calls to a platform; refused while it is avoided or too many wait already.
    pub(crate) async fn enter(&self, peer: &str) -> Result<OwnedSemaphorePermit> {
        let place = self.places(peer)?.acquire_owned();
        match timeout(WAIT, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(refused(BUSY)),
        }
    }

    fn places(&self, peer: &str) -> Result<Arc<Semaphore>> {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let peer = peers.entry(peer.to_owned()).or_default();
        if peer.avoided_until.is_some_and(|until| Instant::now() < until) {
            return Err(refused(AVOIDED));
        }
        Ok(Arc::clone(&peer.places))
    }

    /// How a call ended: waited for in vain, or answered in whatever way.
    pub(crate) fn note(&self, peer: &str, is_in_vain: bool) {
        let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(peer) = peers.get_mut(peer) else { return };
        peer.in_vain = if is_in_vain { peer.in_vain + 1 } else { 0 };
        peer.avoided_until = (peer.in_vain >= PATIENCE).then(|| Instant::now() + PAUSE);
    }
}

/// Whether a call was refused before it was made.
pub fn is_unmade(error: &Error) -> bool {
    matches!(error.code(), AVOIDED | BUSY)
}

fn refused(code: &'static str) -> Error {
    Error::refused(Kind::Unavailable, code).retry_after(PAUSE.as_secs())
}
