//! Tencent Cloud's SMS service, signed by its V3 scheme (TC3-HMAC-SHA256).
use base::{Error, Instant, Kind, Result};
use futures::future::BoxFuture;

use super::{Message, Service, SmsGateway, hex, hmac_sha256, sha256_hex};
use crate::http::{Call, Client, Method};

const CONTENT_TYPE: &str = "application/json; charset=utf-8";
const SIGNED: &str = "content-type;host;x-tc-action";

/// Hands messages to `SendSms`.
pub struct Tencent {
    http: Client,
    service: Service,
}

/// A call of Tencent's API: everything that its signature covers.
struct Request<'a> {
    host: &'a str,
    service: &'a str,
    action: &'a str,
    /// Seconds since 1970, and their day in UTC.
    timestamp: i64,
    date: &'a str,
    body: &'a [u8],
}

impl Request<'_> {
    fn canonical_hash(&self) -> String {
        let (host, action, body) = (self.host, self.action.to_lowercase(), sha256_hex(self.body));
        let headers = format!("content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action}\n");
        sha256_hex(format!("POST\n/\n\n{headers}\n{SIGNED}\n{body}").as_bytes())
    }

    fn authorization(&self, key_id: &str, secret: &str) -> String {
        let scope = format!("{}/{}/tc3_request", self.date, self.service);
        let text = format!("TC3-HMAC-SHA256\n{}\n{scope}\n{}", self.timestamp, self.canonical_hash());
        let day = hmac_sha256(format!("TC3{secret}").as_bytes(), self.date);
        let key = hmac_sha256(&hmac_sha256(&day, self.service), "tc3_request");
        let signature = hex(&hmac_sha256(&key, &text));
        format!("TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={SIGNED}, Signature={signature}")
    }
}

impl Tencent {
    /// The service as registered.
    pub fn new(http: Client, service: Service) -> Self {
        Self { http, service }
    }

    fn call(&self, at: Instant, message: &Message) -> Call {
        let host = self.service.endpoint.split("://").nth(1).unwrap_or(&self.service.endpoint);
        let body = serde_json::json!({
            "PhoneNumberSet": [format!("+86{}", message.to.as_str())],
            "SmsSdkAppId": self.service.app_id,
            "SignName": self.service.sign_name,
            "TemplateId": self.service.template,
            "TemplateParamSet": [message.code.as_ref().unwrap_or(&message.text)],
        });
        let body = body.to_string().into_bytes();
        let date = at.strftime("%Y-%m-%d").to_string();
        let timestamp = at.as_second();
        let request =
            Request { host, service: "sms", action: "SendSms", timestamp, date: &date, body: &body };
        let headers = [
            ("content-type", CONTENT_TYPE.to_owned()),
            ("x-tc-action", "SendSms".to_owned()),
            ("x-tc-version", "2021-01-11".to_owned()),
            ("x-tc-region", "ap-guangzhou".to_owned()),
            ("x-tc-timestamp", timestamp.to_string()),
            ("authorization", request.authorization(&self.service.key_id, &self.service.secret)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        Call { method: Method::POST, url: format!("{}/", self.service.endpoint), headers, body }
    }
}

impl SmsGateway for Tencent {
    fn send(&self, at: Instant, message: Message) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let answer = self.http.send(self.call(at, &message)).await?;
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let code = body.pointer("/Response/SendStatusSet/0/Code").and_then(|c| c.as_str()).unwrap_or("");
            if answer.status == 200 && code == "Ok" {
                return Ok(());
            }
            let error = body.pointer("/Response/Error/Code").and_then(|c| c.as_str()).unwrap_or(code);
            tracing::warn!(status = answer.status, error, "Tencent refused a message");
            Err(Error::refused(Kind::Unavailable, "sms_refused"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Tencent's documentation of signature V3 (DescribeInstances). Its secret is printed masked, so
    /// the canonical request's hash is what can be compared; the signature was computed from it a second way.
    #[test]
    fn the_documented_example_has_the_documented_canonical_hash() {
        let body =
            br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let request = Request {
            host: "cvm.tencentcloudapi.com",
            service: "cvm",
            action: "DescribeInstances",
            timestamp: 1_551_113_065,
            date: "2019-02-25",
            body,
        };
        let expected = "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84";
        assert_eq!(request.canonical_hash(), expected);
        let signed = request.authorization("AKID", "Gu5t9xGARNpq86cd98joQYCN3*******");
        assert!(signed.ends_with("be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3"));
    }
}
