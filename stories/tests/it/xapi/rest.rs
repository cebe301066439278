//! The alternate syntax, HEAD, and walls between providers.
use serde_json::{Value, json};
use testkit::Answer;

use super::*;
use crate::world::on_both;

const FORM: &str = "application/x-www-form-urlencoded";

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    with("", fields).trim_start_matches('?').as_bytes().to_vec()
}

async fn in_form(lrs: &Lrs<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    lrs.send("POST", path, (FORM, form(fields)), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alternate_syntax_calls_any_method() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let send = async |query: &str, fields: &[(&str, &str)]| {
            in_form(&lrs, &format!("/statements{query}"), fields).await
        };
        let content = statement("a", "did", "b").to_string();
        let id = uuid(1);
        let put = [("statementId", id.as_str()), ("content", content.as_str())];
        assert_eq!(send("?method=PUT", &put).await.status, 204);
        let got = send("?method=GET", &[("limit", "1")]).await;
        assert_eq!((got.status, &got.json["statements"][0]["id"]), (200, &json!(id)));
        assert_eq!(
            send("?method=POST", &[("content", &content), ("Content-Type", "application/json")]).await.status,
            200
        );
        // Headers as fields, from a program that can send none.
        let all = [
            ("statementId", uuid(2)),
            ("content", content.clone()),
            ("X-Experience-API-Version", V1.into()),
            ("Authorization", lrs.authorization.clone()),
        ];
        let fields: Vec<(&str, &str)> = all.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let bare = world.anyone.send("POST", "/xapi/statements?method=PUT", (FORM, form(&fields)), &[]).await;
        assert_eq!(bare.status, 204, "{}", text(&bare));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alternate_syntax_is_for_1_0_3_only() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let send = async |version: &'static str, query: &str, fields: &[(&str, &str)]| {
            in_form(&lrs.speaking(version), &format!("/statements{query}"), fields).await
        };
        let content = statement("a", "did", "b").to_string();
        let id = uuid(1);
        let put = [("statementId", id.as_str()), ("content", content.as_str())];
        for (query, fields) in [
            (format!("?method=PUT&statementId={}", uuid(3)), vec![("content", content.as_str())]),
            ("?method=PUT".into(), vec![("statementId", id.as_str())]),
            ("?method=PUT".into(), vec![]),
            ("?method=GET".into(), vec![("foo", "bar")]),
            ("?method=FETCH".into(), vec![]),
            (
                "?method=PUT".into(),
                vec![
                    ("statementId", id.as_str()),
                    ("content", &content),
                    ("X-Experience-API-Version", "0.8"),
                ],
            ),
        ] {
            assert_eq!(send(V1, &query, &fields).await.status, 400, "{query} {fields:?}");
        }
        let json_body = lrs
            .send(
                "POST",
                "/statements?method=PUT",
                (FORM, json!({"content": content}).to_string().into_bytes()),
                &[],
            )
            .await;
        assert_eq!(json_body.status, 400);
        assert_eq!(lrs.get("/statements", &[("method", "POST")]).await.status, 400, "not by GET");
        assert_eq!(send(V1, "?method=DELETE", &[]).await.status, 405);
        for (query, fields) in [("?method=GET", &[("limit", "1")][..]), ("?method=PUT", &put)] {
            assert_eq!(send(V2, query, fields).await.status, 400);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alternate_syntax_serves_documents() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let fields = [
            ("activityId", "http://example.com/a"),
            ("profileId", "p"),
            ("content", "{\"x\":1}"),
            ("If-None-Match", "*"),
        ];
        let path = "/activities/profile?method=PUT";
        let answer = in_form(&lrs, path, &fields).await;
        assert_eq!(answer.status, 204, "{}", text(&answer));
        let answer = in_form(&lrs, path, &fields).await;
        assert_eq!(answer.status, 412, "If-None-Match is treated as a header");
        let fields = [("activityId", "http://example.com/a"), ("profileId", "p")];
        let got = in_form(&lrs, "/activities/profile?method=GET", &fields).await;
        assert_eq!(got.json, json!({"x": 1}));
        assert_eq!(in_form(&lrs, "/activities/profile?method=DELETE", &fields).await.status, 204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_like_get_without_a_body() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        lrs.post(&with_id(statement("ann", "did", "one"), &uuid(1))).await;
        lrs.call("PUT", &state("s"), &json!({})).await;
        let ann = agent("ann");
        for path in [
            "/about".to_owned(),
            "/statements".into(),
            with("/statements", &[("statementId", &uuid(1))]),
            state("s"),
            state("none"),
            with("/activities", &[("activityId", "http://a")]),
            with("/agents", &[("agent", &ann)]),
            with("/agents/profile", &[("agent", &ann)]),
            "/statements?foo=bar".into(),
        ] {
            let (get, head) =
                (lrs.call("GET", &path, &Value::Null).await, lrs.call("HEAD", &path, &Value::Null).await);
            assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
            for name in ["content-type", "etag", "last-modified", "x-experience-api-version"] {
                assert_eq!(head.headers.get(name), get.headers.get(name), "{path} {name}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_see_only_their_own_records() {
    on_both(|world| async move {
        let (one, two) = (lrs(&world, "alpha").await, lrs(&world, "beta").await);
        one.post(&with_id(statement("ann", "did", "one"), &uuid(1))).await;
        one.call("PUT", &state("s"), &json!({"x": 1})).await;
        let ann = agent("ann");
        assert!(two.found(&[]).await.is_empty() && two.found(&[("agent", &ann)]).await.is_empty());
        assert_eq!(two.get("/statements", &[("statementId", &uuid(1))]).await.status, 404);
        assert_eq!(two.call("GET", &state("s"), &Value::Null).await.status, 404);
        let activity = two.get("/activities", &[("activityId", "http://example.com/activities/one")]).await;
        assert!(activity.json.get("definition").is_none());
        assert!(two.get("/agents", &[("agent", &ann)]).await.json.get("name").is_none());
        // The same id is another statement at another provider.
        two.post(&with_id(statement("bob", "did", "two"), &uuid(1))).await;
        assert_eq!(one.get("/statements", &[("statementId", &uuid(1))]).await.json["actor"]["name"], "ann");
        assert_eq!(
            two.get("/statements", &[("statementId", &uuid(1))]).await.json["authority"]["account"]["name"],
            "beta"
        );
        two.call(
            "DELETE",
            &with("/activities/state", &[("activityId", "http://example.com/a"), ("agent", &ann)]),
            &Value::Null,
        )
        .await;
        assert_eq!(one.call("GET", &state("s"), &Value::Null).await.status, 200);
    })
    .await;
}
