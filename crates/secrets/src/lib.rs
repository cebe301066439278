//! Keys and what is done with them: sealing personal data, blind indexes, MACs, signatures. Keys live in files of mode
//! 0600 and never leave this crate.
pub mod authority;
mod cms;
mod der;
mod generations;
pub mod jcs;
mod keyring;
mod proof;
mod seal;
mod sign;
mod suite;
mod tokens;

pub use cms::{SealKey, detached_signature};
pub use keyring::{Keyring, KeyringError, NextMac, Replaced, hmac_holds};
pub use proof::base58btc;
pub use sign::{Signature, key_id, verify_with};
pub use suite::Suite;
pub use tokens::{PublicKey, TokenKeys};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// URL-safe base64 without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads URL-safe base64 without padding.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// SHA-256 of the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 of everything that can be read, in bounded memory.
pub fn sha256_of(reader: &mut impl std::io::Read) -> std::io::Result<[u8; 32]> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = reader.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(bytes) if !bytes.is_empty() => hash.update(bytes),
            _ => return Ok(hash.finalize().into()),
        }
    }
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// A fresh secret of 256 bits, as URL-safe text.
pub fn fresh_token(random: &dyn base::Random) -> String {
    base64url(&base::random::bytes::<32>(random))
}

/// The bytes of hex text; `None` for anything else.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    });
    pairs.collect()
}
