//! Aliyun's SMS service, signed by its V3 scheme (ACS3-HMAC-SHA256).
use std::sync::Arc;

use base::{Error, Instant, Kind, Random, Result, random};
use futures::future::BoxFuture;

use super::{Message, Service, SmsGateway, hex, hmac_sha256, sha256_hex};
use crate::http::{Call, Client, Method};

/// Hands messages to `SendSms`.
pub struct Aliyun {
    http: Client,
    random: Arc<dyn Random>,
    service: Service,
}

/// A call of Aliyun's RPC style: everything that its signature covers.
struct Rpc<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    date: &'a str,
    nonce: &'a str,
    query: &'a str,
}

impl Rpc<'_> {
    fn headers(&self) -> Vec<(String, String)> {
        [
            ("host", self.host),
            ("x-acs-action", self.action),
            ("x-acs-content-sha256", &sha256_hex(b"")),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.version),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn authorization(&self, key_id: &str, secret: &str) -> String {
        let headers = self.headers();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let request = format!("POST\n/\n{}\n{lines}\n{names}\n{}", self.query, sha256_hex(b""));
        let text = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(request.as_bytes()));
        let signature = hex(&hmac_sha256(secret.as_bytes(), &text));
        format!("ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}")
    }
}

impl Aliyun {
    /// The service as registered.
    pub fn new(http: Client, random: Arc<dyn Random>, service: Service) -> Self {
        Self { http, random, service }
    }

    fn call(&self, at: Instant, message: &Message) -> Call {
        let host = self.service.endpoint.split("://").nth(1).unwrap_or(&self.service.endpoint);
        let template =
            serde_json::json!({ "text": message.code.as_ref().unwrap_or(&message.text) }).to_string();
        let mut pairs = [
            ("PhoneNumbers", message.to.as_str()),
            ("SignName", self.service.sign_name.as_str()),
            ("TemplateCode", self.service.template.as_str()),
            ("TemplateParam", template.as_str()),
        ];
        pairs.sort_unstable();
        let encoded = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let query = encoded.join("&");
        let date = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = random::digits(&*self.random, 32);
        let rpc =
            Rpc { host, action: "SendSms", version: "2017-05-25", date: &date, nonce: &nonce, query: &query };
        let mut headers = rpc.headers();
        headers.retain(|(name, _)| name != "host");
        let authorization = rpc.authorization(&self.service.key_id, &self.service.secret);
        headers.push(("authorization".into(), authorization));
        let url = format!("{}/?{query}", self.service.endpoint);
        Call { method: Method::POST, url, headers, body: vec![] }
    }
}

impl SmsGateway for Aliyun {
    fn send(&self, at: Instant, message: Message) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let answer = self.http.send(self.call(at, &message)).await?;
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = body.get("Code").and_then(|c| c.as_str()).unwrap_or("");
            if answer.status == 200 && code == "OK" {
                return Ok(());
            }
            tracing::warn!(status = answer.status, code, "Aliyun refused a message");
            Err(Error::refused(Kind::Unavailable, "sms_refused"))
        })
    }
}

/// RFC 3986: everything but letters, digits and `-_.~` is escaped.
fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Aliyun's documentation of signature V3 (RunInstances).
    #[test]
    fn the_documented_example_has_the_documented_signature() {
        let rpc = Rpc {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            query: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        };
        let signed = rpc.authorization("YourAccessKeyId", "YourAccessKeySecret");
        assert!(
            signed.ends_with("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
        );
    }

    #[test]
    fn what_is_not_unreserved_is_escaped() {
        assert_eq!(encode("a b/学~"), "a%20b%2F%E5%AD%A6~");
    }
}
