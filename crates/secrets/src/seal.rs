//! Sealing personal data at rest: AES-256-GCM with a random nonce, bound to the place where it is stored.
use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use base::{Error, Random, Result, random};

use crate::Keyring;

/// The first byte of a sealed value: which key sealed it.
const KEY_ONE: u8 = 1;
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
        let cipher = Aes256Gcm::new((&self.keys().seal).into());
        let body = cipher.encrypt((&nonce).into(), payload).map_err(|_| Error::internal("sealing failed"))?;
        Ok([&[KEY_ONE][..], &nonce, &body].concat())
    }

    /// As [`Self::open_sealed`], for a file's bytes.
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::internal(format!("sealed value of {place} is damaged"));
        let (key, rest) = sealed.split_first().ok_or_else(damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        if *key != KEY_ONE {
            return Err(damaged());
        }
        let cipher = Aes256Gcm::new((&self.keys().seal).into());
        let payload = Payload { msg: body, aad: place.as_bytes() };
        cipher.decrypt(nonce.into(), payload).map_err(|_| damaged())
    }
}

#[cfg(test)]
mod tests {
    use base::SystemRandom;

    use super::*;

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed_for() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let keys = Keyring::open(&folder, &SystemRandom, true).unwrap();
        let sealed = keys.seal("people.id_number:1", "430199198510274639", &SystemRandom).unwrap();
        assert!(!sealed.contains("4301"));
        assert_eq!(keys.open_sealed("people.id_number:1", &sealed).unwrap(), "430199198510274639");
        assert!(keys.open_sealed("people.id_number:2", &sealed).is_err());
        let again = Keyring::open(&folder, &SystemRandom, false).unwrap();
        assert_eq!(again.blind_index("id", "x"), keys.blind_index("id", "x"));
        assert_ne!(again.blind_index("id", "x"), keys.blind_index("phone", "x"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
