//! Signed calls to the management platform (RFC 9421, contract "Other front doors").
use base::{Error, Result};
use outside::http::Method;
use outside::{
    http::{Answer, Call},
    signature::{self, Parameters, Signed},
};
use serde::Serialize;
use serde_json::Value;
use site::Site;

use crate::openid::Published;

/// The management platform, this provider's signing key there and its OpenID client. Has no debug form: it holds secrets.
#[derive(Clone, Default)]
pub struct Hub {
    /// Its address, without a slash at the end.
    pub url: String,
    /// The id of the signing key.
    pub key_id: String,
    /// The signing secret; its bytes are the HMAC key.
    pub secret: String,
    /// The id of the OpenID client.
    pub client_id: String,
    /// The OpenID client's secret.
    pub client_secret: String,
    /// What the management platform publishes about itself, as last read.
    pub metadata: Published,
}

impl Hub {
    /// An address of the management platform.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches('/'))
    }

    /// Posts a JSON body under a fresh signature.
    pub(crate) async fn post(&self, site: &Site, path: &str, body: &impl Serialize) -> Result<Answer> {
        let (url, body) = (self.at(path), serde_json::to_vec(body).map_err(Error::internal)?);
        let request = Signed { method: "POST", target_uri: &url, body: &body };
        let nonce = secrets::fresh_token(&*site.random);
        let parameters = Parameters { created: site.now().as_second(), nonce, key_id: self.key_id.clone() };
        let signed = signature::sign(&request, &parameters, self.secret.as_bytes());
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
            ("content-digest", signed.content_digest),
            ("signature-input", signed.input),
            ("signature", signed.signature),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        site.http.send(Call { method: Method::POST, url, headers, body }).await
    }
}

/// The stable code of a problem document; the status where there is none.
pub(crate) fn code(answer: &Answer) -> String {
    let problem: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let code = problem.as_ref().and_then(|p| p.get("code")).and_then(Value::as_str).map(str::to_owned);
    code.unwrap_or_else(|| format!("http_{}", answer.status))
}
