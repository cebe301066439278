//! Sealing personal data at rest: AES-256-GCM with a random nonce, bound to the place where it is stored.
use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use base::{Error, Random, Result, random};

use crate::Keyring;

const NONCE: usize = 12;

impl Keyring {
    /// Seals a value for one place (`table.column:row`); it opens nowhere else, so moving a ciphertext to another row fails.
    pub fn seal(&self, place: &str, value: &str, random: &dyn Random) -> Result<String> {
        Ok(crate::base64url(&self.seal_bytes(place, value.as_bytes(), random)?))
    }

    /// Opens a value sealed for that place.
    pub fn open_sealed(&self, place: &str, sealed: &str) -> Result<String> {
        let damaged = || Error::internal(format!("sealed value of {place} is damaged"));
        let bytes = crate::from_base64url(sealed).ok_or_else(damaged)?;
        String::from_utf8(self.open_bytes(place, &bytes)?).map_err(|_| damaged())
    }

    /// As [`Self::seal`], for a file's bytes.
    pub fn seal_bytes(&self, place: &str, value: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = random::bytes(random);
        let payload = Payload { msg: value, aad: place.as_bytes() };
        let key = self.keys().seal.writing();
        let cipher = Aes256Gcm::new((&key.key).into());
        let body = cipher.encrypt((&nonce).into(), payload).map_err(|_| Error::internal("sealing failed"))?;
        // The first byte says which key sealed.
        Ok([&[key.number][..], &nonce, &body].concat())
    }

    /// As [`Self::open_sealed`], for a file's bytes.
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::internal(format!("sealed value of {place} is damaged"));
        let (number, rest) = sealed.split_first().ok_or_else(damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let key = self.keys().seal.of.key(*number);
        let key =
            key.ok_or_else(|| Error::internal(format!("sealing key {number} of {place} is not here")))?;
        let cipher = Aes256Gcm::new((&key).into());
        let payload = Payload { msg: body, aad: place.as_bytes() };
        cipher.decrypt(nonce.into(), payload).map_err(|_| damaged())
    }

    /// The same value for the same place under the key in use; nothing where it is that key's already.
    pub fn sealed_anew(&self, place: &str, sealed: &str, random: &dyn Random) -> Result<Option<String>> {
        let damaged = || Error::internal(format!("sealed value of {place} is damaged"));
        let bytes = crate::from_base64url(sealed).ok_or_else(damaged)?;
        let anew = self.bytes_sealed_anew(place, &bytes, random)?;
        Ok(anew.map(|bytes| crate::base64url(&bytes)))
    }

    /// As [`Self::sealed_anew`], for a file's bytes.
    pub fn bytes_sealed_anew(
        &self,
        place: &str,
        sealed: &[u8],
        random: &dyn Random,
    ) -> Result<Option<Vec<u8>>> {
        if sealed.first() == Some(&self.sealing().0) {
            return Ok(None);
        }
        self.seal_bytes(place, &self.open_bytes(place, sealed)?, random).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use base::{Clock, Instant, SystemRandom, day};

    use super::*;

    #[derive(Default)]
    struct Still(AtomicI64);

    impl Clock for Still {
        fn now(&self) -> Instant {
            day::from_millis(self.0.load(Ordering::Relaxed))
        }
    }

    const NUMBER: &str = "430199198510274639";
    const PLACE: &str = "people.id_number:1";

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed_for() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let clock: Arc<dyn Clock> = Arc::new(Still::default());
        let keys = Keyring::open(&folder, &clock, &SystemRandom, true).unwrap();
        let sealed = keys.seal(PLACE, NUMBER, &SystemRandom).unwrap();
        assert!(!sealed.contains("4301"));
        assert_eq!(keys.open_sealed(PLACE, &sealed).unwrap(), NUMBER);
        assert!(keys.open_sealed("people.id_number:2", &sealed).is_err());
        let again = Keyring::open(&folder, &clock, &SystemRandom, false).unwrap();
        assert_eq!(again.blind_index("id", "x"), keys.blind_index("id", "x"));
        assert_ne!(again.blind_index("id", "x"), keys.blind_index("phone", "x"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Two programs that run; the new keys write from 600 s on, and the first ones may go.
    #[test]
    fn item_51_a_new_key_is_read_at_once_writes_when_it_begins_and_replaces_the_older_one() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let still = Arc::new(Still::default());
        let clock: Arc<dyn Clock> = still.clone();
        let one = Keyring::open(&folder, &clock, &SystemRandom, true).unwrap();
        let two = Keyring::open(&folder, &clock, &SystemRandom, false).unwrap();
        let old = one.seal(PLACE, NUMBER, &SystemRandom).unwrap();
        let first = one.blind_index("id", NUMBER);
        let files = one.rotate(day::from_millis(600_000), false, &SystemRandom).unwrap();
        assert_eq!(files.len(), 2, "no pepper where none was wanted");
        still.0.store(599_000, Ordering::Relaxed);
        assert_eq!(two.blind_index("id", NUMBER), first, "not yet");
        assert_eq!(two.blind_indexes("id", NUMBER).len(), 2, "another node may be a moment ahead");
        assert_eq!(two.begins(), Some(day::from_millis(600_000)));
        still.0.store(601_000, Ordering::Relaxed);
        let second = two.blind_index("id", NUMBER);
        assert!(second.starts_with("2.") && second != first, "{second}");
        assert_eq!(one.blind_indexes("id", NUMBER), [second.clone(), first], "both are searched");
        assert_eq!(two.open_sealed(PLACE, &old).unwrap(), NUMBER);
        let new = two.sealed_anew(PLACE, &old, &SystemRandom).unwrap().unwrap();
        assert_eq!(one.open_sealed(PLACE, &new).unwrap(), NUMBER);
        assert_eq!(one.sealed_anew(PLACE, &new, &SystemRandom).unwrap(), None);
        let replaced = one.replaced();
        assert_eq!((replaced.seal.len(), replaced.index.len()), (1, 1));
        for file in replaced.seal.iter().chain(&replaced.index) {
            std::fs::remove_file(file).unwrap();
        }
        let three = Keyring::open(&folder, &clock, &SystemRandom, true).unwrap();
        assert!(!folder.join("seal.key").exists(), "a first key is not made again");
        assert_eq!(three.open_sealed(PLACE, &new).unwrap(), NUMBER);
        assert!(three.open_sealed(PLACE, &old).is_err());
        assert_eq!(three.blind_indexes("id", NUMBER), [second]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
