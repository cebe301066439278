//! A gateway of the operator's own: a POST of the message as JSON, signed as our other calls are (RFC 9421).
use std::sync::Arc;

use base::{Error, Instant, Kind, Random, Result, random};
use futures::future::BoxFuture;

use super::{Message, SmsGateway};
use crate::{
    http::{Call, Client, Method},
    signature::{self, Parameters, Signed},
};

/// Hands messages to an address that answers 2xx when it took one.
pub struct SignedHttp {
    http: Client,
    random: Arc<dyn Random>,
    url: String,
    key_id: String,
    secret: String,
}

impl SignedHttp {
    /// A gateway at an address, with the key it knows us by.
    pub fn new(http: Client, random: Arc<dyn Random>, url: &str, (key_id, secret): (&str, &str)) -> Self {
        Self { http, random, url: url.to_owned(), key_id: key_id.to_owned(), secret: secret.to_owned() }
    }
}

impl SmsGateway for SignedHttp {
    fn send(&self, at: Instant, message: Message) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let body = serde_json::json!({
                "to": message.to.as_str(), "purpose": message.purpose, "text": message.text, "code": message.code,
            });
            let body = body.to_string().into_bytes();
            let parameters = Parameters {
                created: at.as_second(),
                nonce: random::digits(&*self.random, 24),
                key_id: self.key_id.clone(),
            };
            let request = Signed { method: "POST", target_uri: &self.url, body: &body };
            let signed = signature::sign(&request, &parameters, self.secret.as_bytes());
            let headers = vec![
                ("content-type".into(), "application/json".into()),
                ("content-digest".into(), signed.content_digest),
                ("signature-input".into(), signed.input),
                ("signature".into(), signed.signature),
            ];
            let call = Call { method: Method::POST, url: self.url.clone(), headers, body };
            let answer = self.http.send(call).await?;
            if (200..300).contains(&answer.status) {
                return Ok(());
            }
            tracing::warn!(status = answer.status, "the SMS gateway refused a message");
            Err(Error::refused(Kind::Unavailable, "sms_refused"))
        })
    }
}
