//! RSA keys that sign tokens for other programs (JWS, RS256), one file each in the keys' folder, named by the time it was
//! made. A new one is published before it signs, so that clients have read it; one that was replaced stays published while
//! its tokens may be about. Keys are made by the
//! crate `rsa` and used by `ring` only.
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use base::{Instant, Random, day};
use ring::{
    rand::SystemRandom,
    rsa::{KeyPair, PublicKeyComponents},
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use rsa::{
    RsaPrivateKey,
    pkcs8::EncodePrivateKey,
    rand_core::{CryptoRng, RngCore},
};
use serde_json::{Value, json};

use crate::{
    KeyringError, base64url, from_base64url,
    keyring::{place, refuse_readable},
};

const BITS: usize = 2048;
/// A new key signs after so long: longer than clients keep what they read.
const READ_MS: i64 = 10 * 60_000;
/// A replaced key is published for so long: longer than any token lives that it signed, and than a session.
const PUBLISHED_MS: i64 = 24 * 3_600_000;

/// The public half of a token key, as a JSON Web Key wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The key's id: its RFC 7638 thumbprint.
    pub id: String,
    /// The modulus, base64url.
    pub modulus: String,
    /// The exponent, base64url.
    pub exponent: String,
}

struct TokenKey {
    made_at: i64,
    public: PublicKey,
    pair: KeyPair,
}

/// The token keys of one installation. Several nodes share the folder; a new file is seen at its next use.
pub struct TokenKeys {
    folder: PathBuf,
    may_make: bool,
    read: Mutex<BTreeMap<PathBuf, Arc<TokenKey>>>,
}

impl TokenKeys {
    pub(crate) fn new(folder: &Path, may_make: bool) -> Self {
        Self { folder: folder.into(), may_make, read: Mutex::default() }
    }

    /// The published keys, the oldest first. Makes the first one in development.
    pub fn published(&self, now: Instant, random: &dyn Random) -> Result<Vec<PublicKey>, KeyringError> {
        Ok(self.living(now, random)?.iter().map(|k| k.public.clone()).collect())
    }

    /// Signs claims as a compact JWS of the given type.
    pub fn sign(
        &self,
        (kind, claims): (&str, &Value),
        now: Instant,
        random: &dyn Random,
    ) -> Result<String, KeyringError> {
        let broken = || KeyringError::Broken(self.folder.clone());
        let keys = self.living(now, random)?;
        let key = signing(&keys, now).ok_or_else(broken)?;
        let header = json!({"alg": "RS256", "typ": kind, "kid": key.public.id});
        let signed = [header, claims.clone()].map(|part| base64url(part.to_string().as_bytes())).join(".");
        let mut signature = vec![0; key.pair.public().modulus_len()];
        key.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| broken())?;
        Ok(format!("{signed}.{}", base64url(&signature)))
    }

    /// The claims of a token that a published key signed; nothing for any other, and for any other algorithm.
    pub fn open(
        &self,
        token: &str,
        now: Instant,
        random: &dyn Random,
    ) -> Result<Option<Value>, KeyringError> {
        let keys = self.living(now, random)?;
        Ok(read(token, &keys))
    }

    /// Makes the first key where there is none, in production too: for commands of the administrator.
    pub fn ensure(&self, now: Instant, random: &dyn Random) -> Result<(), KeyringError> {
        if self.files()?.is_empty() {
            self.make(now, random)?;
        }
        Ok(())
    }

    /// Makes a new key, which signs in ten minutes; removes those whose tokens are gone. Answers the new key's id.
    pub fn rotate(&self, now: Instant, random: &dyn Random) -> Result<String, KeyringError> {
        let before = self.read_all()?;
        let living = published(before.clone(), now);
        for (path, key) in self.files()? {
            if !living.iter().any(|k| k.public == key.public) {
                fs::remove_file(&path).map_err(|cause| KeyringError::File { path, cause })?;
            }
        }
        Ok(self.make(now, random)?.public.id.clone())
    }

    fn living(&self, now: Instant, random: &dyn Random) -> Result<Vec<Arc<TokenKey>>, KeyringError> {
        let all = self.read_all()?;
        if !all.is_empty() {
            return Ok(published(all, now));
        }
        if !self.may_make {
            return Err(KeyringError::Missing(self.folder.join("token-rs256-….pk8")));
        }
        Ok(vec![self.make(now, random)?])
    }

    fn make(&self, now: Instant, random: &dyn Random) -> Result<Arc<TokenKey>, KeyringError> {
        let path = self.folder.join(format!("token-rs256-{:015}.pk8", day::millis(now)));
        let broken = || KeyringError::Broken(path.clone());
        let private = RsaPrivateKey::new(&mut Draw(random), BITS).map_err(|_| broken())?;
        let bytes = private.to_pkcs8_der().map_err(|_| broken())?;
        match place(&path, bytes.as_bytes(), random) {
            Ok(()) => {}
            // Another node made one at the same moment: that one is it.
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(KeyringError::File { path, cause }),
        }
        self.load(&path)
    }

    /// Every key, the oldest first.
    fn read_all(&self) -> Result<Vec<Arc<TokenKey>>, KeyringError> {
        Ok(self.files()?.into_values().collect())
    }

    /// Every key by its file; the names sort by time.
    fn files(&self) -> Result<BTreeMap<PathBuf, Arc<TokenKey>>, KeyringError> {
        let file = |cause| KeyringError::File { path: self.folder.clone(), cause };
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&self.folder).map_err(file)? {
            let path = entry.map_err(file)?.path();
            if made_at(&path).is_some() {
                let key = self.load(&path)?;
                found.insert(path, key);
            }
        }
        Ok(found)
    }

    fn load(&self, path: &Path) -> Result<Arc<TokenKey>, KeyringError> {
        if let Some(key) = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(Arc::clone(key));
        }
        refuse_readable(path)?;
        let broken = || KeyringError::Broken(path.into());
        let bytes = fs::read(path).map_err(|cause| KeyringError::File { path: path.into(), cause })?;
        let pair = KeyPair::from_pkcs8(&bytes).map_err(|_| broken())?;
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        let public = public_key(&public.n, &public.e);
        let key = Arc::new(TokenKey { made_at: made_at(path).ok_or_else(broken)?, public, pair });
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(path.into(), Arc::clone(&key));
        Ok(key)
    }
}

/// The newest that clients have had time to read; before that the oldest, such as an installation's first.
fn signing(keys: &[Arc<TokenKey>], now: Instant) -> Option<&Arc<TokenKey>> {
    let now = day::millis(now);
    keys.iter().rev().find(|k| k.made_at.saturating_add(READ_MS) <= now).or(keys.first())
}

/// Those that sign or will, and those that signed less than a day ago.
fn published(all: Vec<Arc<TokenKey>>, now: Instant) -> Vec<Arc<TokenKey>> {
    let signs_from = |k: &Arc<TokenKey>| k.made_at.saturating_add(READ_MS);
    let replaced_at: Vec<i64> = all.iter().skip(1).map(signs_from).chain([i64::MAX]).collect();
    let oldest = day::millis(now).saturating_sub(PUBLISHED_MS);
    all.into_iter().zip(replaced_at).filter(|(_, at)| *at > oldest).map(|(key, _)| key).collect()
}

fn made_at(path: &Path) -> Option<i64> {
    path.file_name()?.to_str()?.strip_prefix("token-rs256-")?.strip_suffix(".pk8")?.parse().ok()
}

fn public_key(modulus: &[u8], exponent: &[u8]) -> PublicKey {
    let (modulus, exponent) = (base64url(modulus), base64url(exponent));
    let thumbprint = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
    let id = base64url(&<sha2::Sha256 as sha2::Digest>::digest(thumbprint.as_bytes()));
    PublicKey { id, modulus, exponent }
}

fn read(token: &str, keys: &[Arc<TokenKey>]) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&from_base64url(header)?).ok()?;
    if header.get("alg")?.as_str()? != "RS256" {
        return None;
    }
    let id = header.get("kid")?.as_str()?;
    let key = keys.iter().find(|k| k.public.id == id)?;
    let public = PublicKeyComponents {
        n: from_base64url(&key.public.modulus)?,
        e: from_base64url(&key.public.exponent)?,
    };
    public.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &from_base64url(signature)?).ok()?;
    serde_json::from_slice(&from_base64url(claims)?).ok()
}

/// The house's randomness as `rsa` wants it.
struct Draw<'a>(&'a dyn Random);

impl RngCore for Draw<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(base::random::bytes(self.0))
    }
    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(base::random::bytes(self.0))
    }
    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        self.0.fill(buffer);
    }
    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.0.fill(buffer);
        Ok(())
    }
}

impl CryptoRng for Draw<'_> {}

#[cfg(test)]
mod tests {
    use base::SystemRandom;

    use super::*;

    fn kid(token: &str) -> String {
        let header = from_base64url(token.split('.').next().unwrap()).unwrap();
        serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_replaced_key_verifies_for_a_day_and_no_token_without_our_signature_is_read() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        fs::create_dir_all(&folder).unwrap();
        let keys = TokenKeys::new(&folder, true);
        let at = |hours: i64| day::from_millis(1_790_000_000_000 + hours * 3_600_000);
        let claims = json!({"sub": "s"});
        let old = keys.sign(("JWT", &claims), at(0), &SystemRandom).unwrap();
        assert_eq!(keys.open(&old, at(0), &SystemRandom).unwrap(), Some(claims.clone()));
        let first = keys.published(at(0), &SystemRandom).unwrap();
        keys.rotate(at(1), &SystemRandom).unwrap();
        let both = keys.published(at(1), &SystemRandom).unwrap();
        assert_eq!((both.len(), &both[0]), (2, &first[0]), "published at once");
        let early = keys.sign(("JWT", &claims), at(1), &SystemRandom).unwrap();
        assert_eq!(kid(&early), first[0].id, "and signing when it could be read");
        let later = day::from_millis(day::millis(at(1)) + READ_MS);
        let new = keys.sign(("JWT", &claims), later, &SystemRandom).unwrap();
        assert_eq!(kid(&new), both[1].id);
        let other_node = TokenKeys::new(&folder, false);
        assert!(other_node.open(&old, at(24), &SystemRandom).unwrap().is_some());
        assert!(other_node.open(&old, at(26), &SystemRandom).unwrap().is_none());
        assert!(other_node.open(&new, at(26), &SystemRandom).unwrap().is_some());
        let (_, rest) = new.split_once('.').unwrap();
        let known = kid(&new);
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "none", "kid": known}),
            json!({"alg": "HS256", "kid": known}),
        ] {
            let forged = format!("{}.{rest}", base64url(header.to_string().as_bytes()));
            assert!(keys.open(&forged, at(26), &SystemRandom).unwrap().is_none());
        }
        assert!(keys.open(&new.replace('.', "x"), at(1), &SystemRandom).unwrap().is_none());
        keys.rotate(at(30), &SystemRandom).unwrap();
        assert_eq!(keys.published(at(30), &SystemRandom).unwrap().len(), 2, "the first is gone");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
