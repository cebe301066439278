//! Storing statements.
use serde_json::{Value, json};

use super::*;
use crate::world::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_stored_once_and_never_changes() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for (version, n) in [(V1, 1), (V2, 2)] {
            let (lrs, id) = (lrs.speaking(version), uuid(n));
            let path = format!("/statements?statementId={id}");
            let sent = with_id(statement("a", "did", "b"), &id);
            assert_eq!(lrs.call("PUT", &path, &sent).await.status, 204);
            assert_eq!(lrs.call("PUT", &path, &sent).await.status, 204, "the same again");
            assert_eq!(lrs.call("POST", "/statements", &sent).await.status, 204, "the same again");
            let other = with_id(statement("a", "undid", "b"), &id);
            for (method, path) in [("PUT", path.as_str()), ("POST", "/statements")] {
                let answer = lrs.call(method, path, &other).await;
                assert_eq!(answer.status, 409);
                assert!(text(&answer).contains(&id));
            }
            let kept = lrs.get("/statements", &[("statementId", &id)]).await;
            assert_eq!(kept.status, 200);
            for key in ["id", "actor", "verb", "object"] {
                assert_eq!(kept.json[key], sent[key]);
            }
            assert_eq!(kept.json["version"], if version == V1 { "1.0.0" } else { "2.0.0" });
            assert_eq!(kept.json["timestamp"], kept.json["stored"]);
            assert_eq!(kept.json["authority"]["account"]["name"], "alpha");
            assert_eq!(kept.headers["content-type"], "application/json");
            assert_eq!(kept.headers["last-modified"], "Mon, 23 Nov 2026 02:00:00 GMT");
            assert!(kept.headers.contains_key("etag"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn put_names_its_statement() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let sent = statement("a", "did", "b");
        for path in [
            "/statements",
            "/statements?statementId=x",
            "/statements?StatementId=x",
            "/statements?statementId=true",
        ] {
            assert_eq!(lrs.call("PUT", path, &sent).await.status, 400, "{path}");
        }
        let path = format!("/statements?statementId={}", uuid(1));
        assert_eq!(lrs.call("PUT", &path, &with_id(sent.clone(), &uuid(2))).await.status, 400, "another id");
        assert_eq!(lrs.call("PUT", &path, &json!([sent])).await.status, 400, "a list");
        assert_eq!(lrs.call("PUT", &format!("{path}&x=1"), &sent).await.status, 400, "an unknown parameter");
        assert_eq!(lrs.call("PUT", &path, &sent).await.status, 204);
        let kept = lrs.get("/statements", &[("statementId", &uuid(1).to_uppercase())]).await;
        assert_eq!((kept.status, &kept.json["id"]), (200, &json!(uuid(1))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_stored_whole_or_not_at_all() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let good = |n: u32| with_id(statement("a", "did", "b"), &uuid(n));
        let ids = lrs.post(&json!([good(1), statement("a", "did", "c"), good(2)])).await;
        assert_eq!(
            (ids.len(), &ids[0], &ids[2]),
            (3, &uuid(1), &uuid(2)),
            "ids in the order of the statements"
        );
        assert!(lrs.post(&json!([])).await.is_empty());
        let mut bad = good(4);
        bad["verb"]["id"] = json!("should fail");
        let answer = lrs.call("POST", "/statements", &json!([good(3), bad])).await;
        assert_eq!(
            (answer.status, text(&answer).starts_with("statements[1].verb.id")),
            (400, true),
            "{}",
            text(&answer)
        );
        let twice = lrs.call("POST", "/statements", &json!([good(5), good(5)])).await;
        assert_eq!(twice.status, 400, "one id twice in a request");
        let mut other = good(1);
        other["verb"]["id"] = json!("http://example.com/other");
        let conflict = lrs.call("POST", "/statements", &json!([good(6), other])).await;
        assert_eq!((conflict.status, text(&conflict).starts_with("statements[1]")), (409, true));
        assert_eq!(
            lrs.call("POST", "/statements", &json!([good(1), good(7)])).await.status,
            200,
            "one of them is new"
        );
        for (n, status) in [(3, 404), (4, 404), (5, 404), (6, 404), (7, 200)] {
            assert_eq!(lrs.get("/statements", &[("statementId", &uuid(n))]).await.status, status, "{n}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_long_requests_are_refused_whole() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let mut large = statement("a", "did", "b");
        large["result"] = json!({"response": "x".repeat(20 * 1024 * 1024)});
        assert_eq!(lrs.call("POST", "/statements", &large).await.status, 413);
        let mut batch: Vec<Value> =
            (0..10_000).map(|n| with_id(statement("a", "did", "b"), &uuid(n))).collect();
        batch[9_999]["actor"] = json!({"name": "nobody"});
        let refused = lrs.call("POST", "/statements", &Value::Array(batch.clone())).await;
        assert_eq!(
            (refused.status, text(&refused).starts_with("statements[9999].actor")),
            (400, true),
            "{}",
            text(&refused)
        );
        assert!(lrs.found(&[]).await.is_empty(), "nothing is half stored");
        batch[9_999] = statement("a", "did", "b");
        assert_eq!(lrs.post(&Value::Array(batch)).await.len(), 10_000);
        let document = lrs.send("PUT", &state("x"), ("text/plain", vec![b'x'; 17 * 1024 * 1024]), &[]).await;
        assert_eq!(document.status, 413);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_statements_are_refused() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let good = statement("a", "did", "b").to_string();
        let twice = good.replacen('{', "{\"actor\":{\"openid\":\"http://a\"},", 1);
        for (kind, body) in [
            ("application/json", String::new()),
            ("application/json", "{".into()),
            ("application/json", format!("{good}x")),
            ("application/json", twice),
            ("application/json", "\"x\"".into()),
            ("application/json", "[1]".into()),
            ("text/plain", good.clone()),
            ("multipart/form-data; boundary=x", good.clone()),
            ("application/x-www-form-urlencoded", good.clone()),
            ("multipart/mixed", good.clone()),
        ] {
            let answer = lrs.send("POST", "/statements", (kind, body.clone().into_bytes()), &[]).await;
            assert_eq!(answer.status, 400, "{kind} {body}");
            assert!(answer.headers.contains_key("x-experience-api-consistent-through"));
        }
        let charset = lrs
            .send("POST", "/statements", ("application/json; charset=utf-8", good.into_bytes()), &[])
            .await;
        assert_eq!(charset.status, 200);
        let json = lrs
            .send(
                "POST",
                "/statements",
                ("application/json", b"{".to_vec()),
                &[("accept", "application/json")],
            )
            .await;
        assert!(json.json["error"].is_string(), "JSON for those who take nothing else");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strings_and_numbers_come_back_as_they_were() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let mut sent = with_id(statement("王芳", "did", "b"), &uuid(1));
        sent["actor"]["mbox"] = json!("mailto:wang@example.com");
        sent["verb"]["display"]["zh-CN"] = json!("完成 \u{1F600} \" \\ \u{0007}");
        sent["result"] = json!({"score": {"min": 0.121_234_34, "raw": 12.125, "max": 45.45}, "duration": "P1DT12H36M0.12567S"});
        sent["context"] = json!({"contextActivities": {"parent": {"id": "http://p"}, "other": [{"id": "http://q"}]},
            "extensions": {"http://x": {"nul": "\u{0}", "null": null}}});
        sent["timestamp"] = json!("2023-05-04T12:00:00-05:00");
        lrs.post(&sent).await;
        let kept = lrs.get("/statements", &[("statementId", &uuid(1))]).await.json;
        for key in ["actor", "verb", "object", "result"] {
            assert_eq!(kept[key], sent[key]);
        }
        assert_eq!(kept["context"]["extensions"], sent["context"]["extensions"]);
        assert_eq!(kept["context"]["contextActivities"]["parent"], json!([{"id": "http://p"}]), "always an array");
        assert_eq!(kept["timestamp"], "2023-05-04T17:00:00.000Z");
        let mut stored = with_id(statement("a", "did", "b"), &uuid(2));
        stored["stored"] = json!("2011-07-15T00:00:00.000Z");
        stored["timestamp"] = json!("2126-01-01T00:00:00Z");
        stored["version"] = json!("1.0.9");
        lrs.post(&stored).await;
        let kept = lrs.get("/statements", &[("statementId", &uuid(2))]).await.json;
        assert_ne!(kept["stored"], stored["stored"]);
        assert_eq!((&kept["timestamp"], &kept["version"]), (&json!("2126-01-01T00:00:00.000Z"), &json!("1.0.9")));
    })
    .await;
}
