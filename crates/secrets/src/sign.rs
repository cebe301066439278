//! Ed25519 signatures of certificates' contents.
mod kept;

use std::path::PathBuf;

use base::{Instant, Random, day};
use ed25519_dalek::{Signer, Verifier, VerifyingKey};

pub(crate) use kept::Signing;

use crate::{Keyring, KeyringError};

/// A signature and the id of the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// 64 bytes, URL-safe base64.
    pub value: String,
    /// The first 16 hex digits of the public key's SHA-256.
    pub key_id: String,
}

impl Keyring {
    /// Signs a content with the installation's certificate key.
    pub fn sign(&self, content: &[u8]) -> Signature {
        let key = self.keys().sign.writing();
        let value = crate::base64url(&key.sign(content).to_bytes());
        Signature { value, key_id: key_id(&key.verifying_key().to_bytes()) }
    }

    /// The public half of the certificate key that signs now, 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.keys().sign.writing().verifying_key().to_bytes()
    }

    /// The public halves of every certificate key there was, the oldest first, and of one that is still to begin.
    pub fn public_keys(&self) -> Vec<[u8; 32]> {
        self.keys().sign.publics().to_vec()
    }

    /// The public key of that id.
    pub fn public_key_of(&self, id: &str) -> Option<[u8; 32]> {
        self.keys().sign.publics().iter().find(|key| key_id(key) == id).copied()
    }

    /// Whether the signature is of that content under any of the installation's certificate keys.
    pub fn signature_holds(&self, content: &[u8], signature: &str) -> bool {
        self.keys().sign.publics().iter().rev().any(|key| verify_with(key, content, signature))
    }

    /// Makes the next certificate key, which signs from that instant on. Answers the new files (security item 51).
    pub fn rotate_signing(&self, begins: Instant, random: &dyn Random) -> Result<Vec<PathBuf>, KeyringError> {
        self.keys().sign.add(day::millis(begins), random)
    }

    /// When the newest certificate key begins to sign, if that is still to come.
    pub fn signing_begins(&self) -> Option<Instant> {
        let newest = self.keys().sign.of.of.all().pop()?;
        (newest.number != self.keys().sign.of.writing().number).then(|| day::from_millis(newest.begins))
    }
}

/// The id under which signatures name a public key.
pub fn key_id(public: &[u8; 32]) -> String {
    crate::sha256_hex(public).chars().take(16).collect()
}

/// Whether the signature is of that content under the public key.
pub fn verify_with(public_key: &[u8; 32], content: &[u8], signature: &str) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public_key) else { return false };
    let Some(bytes) = crate::from_base64url(signature) else { return false };
    let Ok(bytes) = <[u8; 64]>::try_from(bytes) else { return false };
    key.verify(content, &ed25519_dalek::Signature::from_bytes(&bytes)).is_ok()
}
