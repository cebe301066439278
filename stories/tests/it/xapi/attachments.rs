//! Statements with attachments.
use serde_json::{Value, json};

use super::*;
use crate::world::on_both;

const HASH: &str = "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a";
const DATA: &str = "here is a simple attachment";
const JSON: &str = "Content-Type: application/json";
const KIND: &str = "multipart/mixed; boundary=314159";

fn data_headers() -> String {
    format!("Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {HASH}")
}

fn attached(id: &str, sha2: &str) -> Value {
    let mut out = with_id(statement("ann", "attached", "one"), id);
    out["attachments"] = json!([{"usageType": "http://example.com/attachment-usage/test", "display": {"en-US": "A test attachment"},
        "contentType": "text/plain; charset=ascii", "length": 27, "sha2": sha2}]);
    out
}

fn multipart(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: String =
        parts.iter().map(|(headers, body)| format!("--314159\r\n{headers}\r\n\r\n{body}\r\n")).collect();
    format!("{parts}--314159--\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_travel_with_their_statements() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let part = data_headers();
        for (n, version) in [(1, V1), (2, V2)] {
            let lrs = lrs.speaking(version);
            let sent = attached(&uuid(n), HASH).to_string();
            let stored = lrs
                .send("POST", "/statements", (KIND, multipart(&[(JSON, &sent), (&part, DATA)])), &[])
                .await;
            assert_eq!((stored.status, &stored.json), (200, &json!([uuid(n)])), "{}", text(&stored));
            let put = format!("/statements?statementId={}", uuid(n + 10));
            let sent = attached(&uuid(n + 10), &HASH.to_uppercase()).to_string();
            assert_eq!(
                lrs.send("PUT", &put, (KIND, multipart(&[(JSON, &sent), (&part, DATA)])), &[]).await.status,
                204
            );
            for params in [vec![("statementId", uuid(n))], vec![("limit", "2".into())]] {
                let params: Vec<(&str, &str)> = params.iter().map(|(k, v)| (*k, v.as_str())).collect();
                let with_data = [&params[..], &[("attachments", "true")]].concat();
                let got = lrs.get("/statements", &with_data).await;
                let said = got.headers["content-type"].to_str().unwrap();
                let boundary = said.strip_prefix("multipart/mixed; boundary=").unwrap();
                let body = text(&got);
                let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
                assert_eq!((parts.len(), parts[0], parts[3]), (4, "", "--\r\n"), "the same data once");
                let statements = parts[1].strip_prefix("\r\nContent-Type: application/json\r\n\r\n").unwrap();
                assert!(serde_json::from_str::<Value>(statements).unwrap().is_object());
                assert!(parts[2].contains(&format!("X-Experience-API-Hash: {HASH}\r\n\r\n{DATA}\r\n")));
                assert!(
                    parts[2].contains("Content-Transfer-Encoding: binary")
                        && parts[2].contains("Content-Type: text/plain")
                );
                let without =
                    lrs.get("/statements", &[&params[..], &[("attachments", "false")]].concat()).await;
                assert_eq!(without.headers["content-type"], "application/json");
                assert!(!text(&without).contains(DATA));
            }
        }
        let empty = lrs.get("/statements", &[("attachments", "true"), ("verb", "http://none")]).await;
        assert!(empty.headers["content-type"].to_str().unwrap().starts_with("multipart/mixed"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_may_be_elsewhere() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        lrs.send(
            "POST",
            "/statements",
            (KIND, multipart(&[(JSON, &attached(&uuid(1), HASH).to_string()), (&data_headers(), DATA)])),
            &[],
        )
        .await;
        // Statements without data may come as multipart too.
        let plain = statement("a", "did", "b").to_string();
        assert_eq!(
            lrs.send("POST", "/statements", (KIND, multipart(&[(JSON, &plain)])), &[]).await.status,
            200
        );
        let mut elsewhere = attached(&uuid(30), &"0".repeat(64));
        elsewhere["attachments"][0]["fileUrl"] = json!("http://over.there.com/file.txt");
        assert_eq!(
            lrs.send("POST", "/statements", (KIND, multipart(&[(JSON, &elsewhere.to_string())])), &[])
                .await
                .status,
            200
        );
        elsewhere["id"] = json!(uuid(31));
        assert_eq!(lrs.call("POST", "/statements", &elsewhere).await.status, 200);
        // Another provider cannot read the data by its hash.
        let other = self::lrs(&world, "beta").await;
        elsewhere["attachments"][0]["sha2"] = json!(HASH);
        other.post(&elsewhere).await;
        let got = other.get("/statements", &[("attachments", "true")]).await;
        assert!(!text(&got).contains(DATA));
    })
    .await;
}

/// Bodies that are refused, with what is wrong with each.
fn broken_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let good = attached(&uuid(1), HASH).to_string();
    let head = |encoding: &str, hash: &str| format!("Content-Type: text/plain\r\n{encoding}{hash}");
    let binary = "Content-Transfer-Encoding: binary\r\n";
    let hashed = format!("X-Experience-API-Hash: {HASH}");
    let part = head(binary, &hashed);
    let other = "b018994f8bbe0f08992a65c48c8c8c56f09e9baceaa6227ed85c90ae52b73c89";
    vec![
        ("the first part is no JSON", multipart(&[("Content-Type: text/plain", &good), (&part, DATA)])),
        ("statements in two parts", multipart(&[(JSON, &good), (JSON, &good), (&part, DATA)])),
        ("no data", multipart(&[(JSON, &good)])),
        ("no hash", multipart(&[(JSON, &good), (&head(binary, "A: b"), DATA)])),
        (
            "another hash",
            multipart(&[(JSON, &good), (&head(binary, &format!("X-Experience-API-Hash: {other}")), DATA)]),
        ),
        ("other data", multipart(&[(JSON, &good), (&part, "other")])),
        ("no encoding", multipart(&[(JSON, &good), (&head("", &hashed), DATA)])),
        (
            "another encoding",
            multipart(&[(JSON, &good), (&head("Content-Transfer-Encoding: base64\r\n", &hashed), DATA)]),
        ),
        ("data of no statement", multipart(&[(JSON, &statement("a", "b", "c").to_string()), (&part, DATA)])),
        ("no boundary before the first part", multipart(&[(JSON, &good), (&part, DATA)])[10..].to_vec()),
        ("not closed", {
            let mut b = multipart(&[(JSON, &good), (&part, DATA)]);
            b.truncate(b.len() - 12);
            b
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_that_do_not_match_are_refused() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for (what, body) in broken_bodies() {
            let answer = lrs.send("POST", "/statements", (KIND, body), &[]).await;
            assert_eq!(answer.status, 400, "{what}");
        }
        let good = attached(&uuid(1), HASH).to_string();
        let whole = multipart(&[(JSON, &good), (&data_headers(), DATA)]);
        for kind in
            ["multipart/mixed;", "multipart/mixed; boundary=2", "multipart/form-data; boundary=314159"]
        {
            assert_eq!(
                lrs.send("POST", "/statements", (kind, whole.clone()), &[]).await.status,
                400,
                "{kind}"
            );
        }
        let alone = lrs.call("POST", "/statements", &attached(&uuid(1), HASH)).await;
        assert_eq!(alone.status, 400, "JSON alone needs a fileUrl");
        assert!(lrs.found(&[]).await.is_empty());
    })
    .await;
}
