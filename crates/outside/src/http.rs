//! The HTTP client for calls to other platforms: bounded in time and size, no redirects, no proxy.
use std::time::Duration;

use base::{Error, Kind, Result};
pub use reqwest::Method;

/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// An answer: status and body.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most 4 MiB.
    pub body: Vec<u8>,
}

/// A client; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client(reqwest::Client);

/// A call with its headers and body.
pub struct Call {
    /// `GET` or `POST`.
    pub method: Method,
    /// The full address.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// A client with the house's limits.
    pub fn new() -> Result<Self> {
        reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(15))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map(Self)
            .map_err(Error::internal)
    }

    /// Makes the call; a platform that does not answer is `Unavailable`.
    pub async fn send(&self, call: Call) -> Result<Answer> {
        let mut request = self.0.request(call.method, &call.url).body(call.body);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let unavailable = |e: reqwest::Error| {
            tracing::warn!(error = %e, "call to another platform");
            Error::refused(Kind::Unavailable, "peer_unavailable")
        };
        let mut response = request.send().await.map_err(unavailable)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Error::refused(Kind::Unavailable, "peer_answer_too_large"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }
}
