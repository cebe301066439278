//! Ed25519 signatures of certificates' contents.
use ed25519_dalek::{Signer, Verifier, VerifyingKey};

use crate::Keyring;

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
        let value = crate::base64url(&self.keys().sign.sign(content).to_bytes());
        Signature { value, key_id: self.signing_key_id() }
    }

    /// The public half of the certificate key, 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.keys().sign.verifying_key().to_bytes()
    }

    /// The id of the certificate key.
    pub fn signing_key_id(&self) -> String {
        crate::sha256_hex(&self.public_key()).chars().take(16).collect()
    }
}

/// Whether the signature is of that content under the public key.
pub fn verify_with(public_key: &[u8; 32], content: &[u8], signature: &str) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public_key) else { return false };
    let Some(bytes) = crate::from_base64url(signature) else { return false };
    let Ok(bytes) = <[u8; 64]>::try_from(bytes) else { return false };
    key.verify(content, &ed25519_dalek::Signature::from_bytes(&bytes)).is_ok()
}
