//! The SMS gateways against a server that answers as the services do, well and badly.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]
use std::sync::Arc;

use base::{Phone, SystemRandom};
use outside::{
    Reach,
    http::Client,
    sms::{Aliyun, Message, Service, SignedHttp, SmsGateway, Tencent},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Answers one request with a body; gives back what was asked.
async fn answer(status: &'static str, body: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 64 * 1024];
        let mut read = 0;
        while !is_whole(bytes.get(..read).unwrap()) {
            let more = stream.read(bytes.get_mut(read..).unwrap()).await.unwrap();
            assert!(more > 0, "the request broke off");
            read += more;
        }
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        String::from_utf8(bytes.get(..read).unwrap().to_vec()).unwrap()
    });
    (address, served)
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    length.is_none_or(|n| body.len() >= n.parse::<usize>().unwrap())
}

fn message() -> Message {
    let to = Phone::parse("13800000000").unwrap();
    Message { to, purpose: "bind_phone".into(), text: "验证码 123456".into(), code: Some("123456".into()) }
}

fn service(endpoint: String) -> Service {
    let text = |t: &str| t.to_owned();
    Service {
        endpoint,
        key_id: text("id"),
        secret: text("secret"),
        sign_name: text("学时"),
        template: text("SMS_1"),
        app_id: text("140"),
    }
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(Reach::Anywhere).unwrap()
}

#[tokio::test]
async fn each_gateway_hands_over_a_signed_message_and_takes_ok_for_accepted() {
    let at = "2026-11-24T01:02:03Z".parse().unwrap();
    let (url, asked) = answer("200 OK", r#"{"Code":"OK"}"#).await;
    Aliyun::new(client(), Arc::new(SystemRandom), service(url)).send(at, message()).await.unwrap();
    let asked = asked.await.unwrap();
    assert!(asked.contains("PhoneNumbers=13800000000") && asked.contains("x-acs-date: 2026-11-24T01:02:03Z"));
    assert!(asked.contains("ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host;x-acs-action"));

    let (url, asked) = answer("200 OK", r#"{"Response":{"SendStatusSet":[{"Code":"Ok"}]}}"#).await;
    Tencent::new(client(), service(url)).send(at, message()).await.unwrap();
    let asked = asked.await.unwrap();
    assert!(asked.contains("+8613800000000") && asked.contains("Credential=id/2026-11-24/sms/tc3_request"));

    let (url, asked) = answer("204 No Content", "").await;
    let own = SignedHttp::new(client(), Arc::new(SystemRandom), &url, ("id", "secret"));
    own.send(at, message()).await.unwrap();
    let asked = asked.await.unwrap();
    assert!(asked.contains(r#"keyid="id";alg="hmac-sha256""#) && asked.contains(r#""to":"13800000000""#));
}

#[tokio::test]
async fn a_refused_message_is_an_error_so_that_its_job_tries_again() {
    let at = "2026-11-24T01:02:03Z".parse().unwrap();
    let (url, _) = answer("200 OK", r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL"}"#).await;
    assert!(Aliyun::new(client(), Arc::new(SystemRandom), service(url)).send(at, message()).await.is_err());
    let (url, _) = answer("200 OK", r#"{"Response":{"Error":{"Code":"AuthFailure"}}}"#).await;
    assert!(Tencent::new(client(), service(url)).send(at, message()).await.is_err());
    let (url, _) = answer("500 Oops", "").await;
    let own = SignedHttp::new(client(), Arc::new(SystemRandom), &url, ("id", "secret"));
    assert!(own.send(at, message()).await.is_err());
}
