//! The HTTP client for calls to other platforms: bounded in time, size and number, to addresses that may be called, no
//! redirects, no proxy.
use std::{net::IpAddr, sync::Arc, time::Duration};

use base::{Error, Kind, Result};
pub use reqwest::Method;

pub use crate::peers::is_unmade;
use crate::{Reach, peers::Peers};

/// So long a call may take.
const PATIENCE: Duration = Duration::from_secs(15);
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
pub struct Client {
    http: reqwest::Client,
    reach: Reach,
    peers: Peers,
}

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
    pub fn new(reach: Reach) -> Result<Self> {
        Self::patient(reach, PATIENCE)
    }

    /// A client that waits so long for an answer.
    pub fn patient(reach: Reach, patience: Duration) -> Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(patience)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(reach.clone()))
            .no_proxy()
            .build()
            .map_err(Error::internal)?;
        Ok(Self { http, reach, peers: Peers::default() })
    }

    /// Makes the call; a platform that does not answer is `Unavailable`.
    pub async fn send(&self, call: Call) -> Result<Answer> {
        let url = reqwest::Url::parse(&call.url).map_err(Error::internal)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        self.refuse_literal(&host)?;
        // Platforms that share a host are told apart by their ports.
        let peer = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        let _place = self.peers.enter(&peer).await?;
        let mut request = self.http.request(call.method, url).body(call.body);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let peers = &self.peers;
        let unavailable = |e: reqwest::Error| {
            let e = e.without_url();
            tracing::warn!(error = %e, peer, "call to another platform");
            peers.note(&peer, e.is_timeout());
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
        peers.note(&peer, false);
        Ok(Answer { status, body })
    }

    /// An address that is written as such is not resolved, so it is looked at here.
    fn refuse_literal(&self, host: &str) -> Result<()> {
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(address) if !self.reach.allows(address) => {
                Err(Error::refused(Kind::Unavailable, "peer_address_refused"))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
