//! The key that signs certificates and checkpoints, in generations: the newest that has begun signs; what earlier ones signed
//! holds for ever, so their public halves stay in files of their own when the private ones are taken away.
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use base::{Clock, Random};
use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::{KeyringError, generations::Kept, keyring::place};

const NAME: &str = "certificate-ed25519";

/// The generations, with the public keys as they were read last.
pub(crate) struct Signing {
    pub of: Kept,
    folder: PathBuf,
    known: RwLock<Known>,
}

/// The public keys, and the private ones that were there when they were read.
#[derive(Default)]
struct Known {
    numbers: Vec<u8>,
    keys: Arc<Vec<[u8; 32]>>,
}

impl Signing {
    pub(crate) fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        making: (&dyn Random, bool),
    ) -> Result<Self, KeyringError> {
        let of = Kept::open(folder, NAME, clock, making)?;
        let signing = Self { of, folder: folder.into(), known: RwLock::default() };
        signing.read().map_err(|cause| KeyringError::File { path: folder.into(), cause })?;
        Ok(signing)
    }

    /// The key that signs now.
    pub(crate) fn writing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.of.writing().key)
    }

    /// Every public key whose signatures hold, the oldest first. They are read again when the private ones change.
    pub(crate) fn publics(&self) -> Arc<Vec<[u8; 32]>> {
        let numbers: Vec<u8> = self.of.of.all().iter().map(|g| g.number).collect();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.numbers == numbers {
            return Arc::clone(&known.keys);
        }
        let before = Arc::clone(&known.keys);
        drop(known);
        // What cannot be read leaves everything as it was.
        self.read().unwrap_or(before)
    }

    fn read(&self) -> io::Result<Arc<Vec<[u8; 32]>>> {
        let private = self.of.of.all();
        let mut found: Vec<(u8, [u8; 32])> = private.iter().map(|g| (g.number, public(&g.key))).collect();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Some(number) = path.file_name().and_then(|f| f.to_str()).and_then(published) else {
                continue;
            };
            if let Ok(key) = <[u8; 32]>::try_from(fs::read(&path)?)
                && VerifyingKey::from_bytes(&key).is_ok()
                && !found.iter().any(|(_, known)| *known == key)
            {
                found.push((number, key));
            }
        }
        found.sort_unstable();
        let keys = Arc::new(found.into_iter().map(|(_, key)| key).collect::<Vec<_>>());
        let numbers = private.iter().map(|g| g.number).collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) =
            Known { numbers, keys: Arc::clone(&keys) };
        Ok(keys)
    }

    /// Makes the next key, which signs from that instant on, and puts the public half of each beside it. Answers the new files.
    pub(crate) fn add(&self, begins: i64, random: &dyn Random) -> Result<Vec<PathBuf>, KeyringError> {
        let mut made = vec![self.of.of.add(begins, random)?.path];
        for key in self.of.of.all() {
            let path = self.folder.join(format!("{NAME}-{:03}.pub", key.number));
            match place(&path, &public(&key.key), random) {
                Ok(()) => made.push(path),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(KeyringError::File { path, cause }),
            }
        }
        Ok(made)
    }
}

fn public(private: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_bytes(private).verifying_key().to_bytes()
}

/// The number of a public key's file; nothing for another file.
fn published(file: &str) -> Option<u8> {
    file.strip_prefix(NAME)?.strip_prefix('-')?.strip_suffix(".pub")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use base::{Instant, SystemRandom, day};

    use crate::Keyring;

    struct Hand(AtomicI64);

    impl base::Clock for Hand {
        fn now(&self) -> Instant {
            day::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn item_51_what_an_older_key_signed_holds_for_ever_even_without_its_private_half() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let hand = std::sync::Arc::new(Hand(AtomicI64::new(1_000_000)));
        let clock: std::sync::Arc<dyn base::Clock> = hand.clone();
        let open = || Keyring::open(&folder, &clock, &SystemRandom, true).unwrap();
        let (keys, other) = (open(), open());
        let before = keys.sign(b"before");
        let made = keys.rotate_signing(day::from_millis(2_000_000), &SystemRandom).unwrap();
        assert_eq!(made.len(), 3, "a key and the public halves of both: {made:?}");
        assert!(keys.signing_begins().is_some());
        assert_eq!(keys.sign(b"x").key_id, before.key_id, "it has not begun");
        assert_eq!(keys.public_keys().len(), 2, "it is published before it signs");

        hand.0.store(2_000_000, Ordering::SeqCst);
        let after = other.sign(b"after");
        assert_ne!(after.key_id, before.key_id, "another node found the file by itself");
        assert!(keys.signing_begins().is_none());
        std::fs::remove_file(folder.join("certificate-ed25519.key")).unwrap();
        hand.0.store(3_000_000, Ordering::SeqCst);
        for keys in [&keys, &other, &open()] {
            assert!(
                keys.signature_holds(b"before", &before.value)
                    && keys.signature_holds(b"after", &after.value)
            );
            assert!(!keys.signature_holds(b"after", &before.value));
            assert_eq!(keys.public_key_of(&before.key_id), keys.public_keys().first().copied());
            assert_eq!(keys.public_key_of(&after.key_id), Some(keys.public_key()));
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
