//! Short messages. The default gateway appends to an outbox file (contract), which production refuses; the others hand
//! over to a service by HTTP.
mod aliyun;
mod outbox;
mod signed;
mod tencent;

use base::{Instant, Phone, Result};
use futures::future::BoxFuture;

pub use aliyun::Aliyun;
pub use outbox::Outbox;
pub use signed::SignedHttp;
pub use tencent::Tencent;

/// A message to a telephone.
#[derive(Clone, Debug)]
pub struct Message {
    /// To whom.
    pub to: Phone,
    /// Why: one of the purposes of the contract, or the kind of a notice.
    pub purpose: String,
    /// What the person reads.
    pub text: String,
    /// The code in it, if it carries one.
    pub code: Option<String>,
}

/// Sends messages; returning `Ok` means that the gateway accepted.
pub trait SmsGateway: Send + Sync {
    /// Hands the message over.
    fn send(&self, at: Instant, message: Message) -> BoxFuture<'_, Result<()>>;
}

/// What a service of a cloud needs beside the message.
#[derive(Clone, Debug)]
pub struct Service {
    /// Where it listens, such as `https://dysmsapi.aliyuncs.com`.
    pub endpoint: String,
    /// The id of the key.
    pub key_id: String,
    /// The key.
    pub secret: String,
    /// The registered signature in front of every message (短信签名).
    pub sign_name: String,
    /// The registered template whose one parameter is the text or the code.
    pub template: String,
    /// The application's id, where the service wants one.
    pub app_id: String,
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    use hmac::{KeyInit, Mac};
    // HMAC takes keys of every length.
    let Ok(mut mac) = hmac::Hmac::<sha2::Sha256>::new_from_slice(key) else { return vec![] };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}
