//! The documents of State, Activity profiles and Agent profiles.
use serde_json::{Value, json};

use super::*;
use crate::world::on_both;

/// A resource, its parameters but for the document's id, and the name of the id.
type Shelf = (&'static str, Vec<(&'static str, String)>, &'static str);

/// The resources of documents.
fn shelves() -> Vec<Shelf> {
    let (activity, agent) = (("activityId", "http://example.com/a".to_owned()), ("agent", agent("ann")));
    vec![
        ("/activities/state", vec![activity.clone(), agent.clone()], "stateId"),
        ("/activities/profile", vec![activity], "profileId"),
        ("/agents/profile", vec![agent], "profileId"),
    ]
}

fn shelf_path(path: &str, params: &[(&str, String)], more: &[(&str, &str)]) -> String {
    let all: Vec<(&str, &str)> =
        params.iter().map(|(n, v)| (*n, v.as_str())).chain(more.iter().copied()).collect();
    with(path, &all)
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_kept_merged_listed_and_deleted() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for (n, version) in [V1, V2].into_iter().enumerate() {
            let lrs = lrs.speaking(version);
            for (path, params, id) in shelves() {
                let name = format!("doc {n}");
                let address = shelf_path(path, &params, &[(id, &name)]);
                let first = json!({"car": {"make": "Ford", "model": "Escape"}, "driver": "Dale"});
                let answer = lrs.call("POST", &address, &first).await;
                assert_eq!(answer.status, 204, "{path}: {}", text(&answer));
                assert_eq!(
                    lrs.call("POST", &address, &json!({"car": {"make": "Dodge"}, "type": 1})).await.status,
                    204
                );
                let got = lrs.call("GET", &address, &Value::Null).await;
                assert_eq!(
                    (got.status, &got.json),
                    (200, &json!({"car": {"make": "Dodge"}, "driver": "Dale", "type": 1}))
                );
                assert_eq!(got.headers["content-type"], "application/json");
                assert!(got.headers.contains_key("last-modified"));
                let tag = got.headers["etag"].to_str().unwrap().to_owned();
                assert_eq!((tag.len(), &tag[..1], &tag[41..]), (42, "\"", "\""), "a SHA-1 in quotes");
                let head = lrs.call("HEAD", &address, &Value::Null).await;
                assert_eq!(
                    (head.status, head.bytes.len(), head.headers["etag"].to_str().unwrap()),
                    (200, 0, tag.as_str())
                );
                assert_eq!(lrs.call("DELETE", &address, &Value::Null).await.status, 204);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn others_than_objects_are_not_merged_and_lists_know_their_time() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for (n, version) in [V1, V2].into_iter().enumerate() {
            let lrs = lrs.speaking(version);
            for (path, params, id) in shelves() {
                let name = format!("doc {n}");
                let address = shelf_path(path, &params, &[(id, &name)]);
                assert_eq!(lrs.call("POST", &address, &json!({"driver": "Dale"})).await.status, 204);
                for (kind, body) in [
                    ("application/octet-stream", "abc"),
                    ("application/json", "[1]"),
                    ("application/json", "{}{"),
                    ("not/json", "{}"),
                ] {
                    assert_eq!(
                        lrs.send("POST", &address, (kind, body.into()), &[]).await.status,
                        400,
                        "{kind} {body}"
                    );
                }
                assert_eq!(lrs.call("GET", &address, &Value::Null).await.json["driver"], "Dale");
                let listing = shelf_path(path, &params, &[]);
                assert_eq!(lrs.call("GET", &listing, &Value::Null).await.json, json!([name]));
                for (since, ids) in
                    [("2026-11-23T01:59:59Z", json!([name])), ("2027-01-01T00:00:00Z", json!([]))]
                {
                    let listing = shelf_path(path, &params, &[("since", since)]);
                    assert_eq!(lrs.call("GET", &listing, &Value::Null).await.json, ids, "{since}");
                }
                assert_eq!(lrs.call("DELETE", &address, &Value::Null).await.status, 204);
                assert_eq!(lrs.call("GET", &address, &Value::Null).await.status, 404);
                assert_eq!(lrs.call("GET", &listing, &Value::Null).await.json, json!([]));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_of_any_type() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for version in [V1, V2] {
            let lrs = lrs.speaking(version);
            for (path, params, id) in shelves() {
                let address = shelf_path(path, &params, &[(id, "doc")]);
                let bytes: Vec<u8> = (0..=255).collect();
                let put = lrs
                    .send("PUT", &address, ("image/x; a=\"b\"", bytes.clone()), &[("if-none-match", "*")])
                    .await;
                assert_eq!(put.status, 204);
                let got = lrs.call("GET", &address, &Value::Null).await;
                assert_eq!(
                    (got.bytes, got.headers["content-type"].to_str().unwrap()),
                    (bytes, "image/x; a=\"b\"")
                );
                assert!(got.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
                assert_eq!(
                    lrs.call("POST", &address, &json!({})).await.status,
                    400,
                    "what is there is no JSON"
                );
                assert_eq!(lrs.call("DELETE", &address, &Value::Null).await.status, 204);
                // A new document by POST: JSON must be an object, other types are taken as they are.
                assert_eq!(
                    lrs.send("POST", &address, ("application/json", b"[1]".to_vec()), &[]).await.status,
                    400
                );
                assert_eq!(lrs.send("POST", &address, ("text/plain", b"x".to_vec()), &[]).await.status, 204);
                assert_eq!(lrs.call("DELETE", &address, &Value::Null).await.status, 204);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entity_tags_guard_documents() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for version in [V1, V2] {
            let lrs = lrs.speaking(version);
            for (path, params, id) in shelves() {
                let address = shelf_path(path, &params, &[(id, version)]);
                let is_state = id == "stateId";
                let send = async |method: &str, headers: &[(&str, &str)], body: &str| {
                    lrs.send(method, &address, ("application/json", body.into()), headers).await
                };
                if is_state {
                    assert_eq!(
                        send("PUT", &[], "{\"n\":0}").await.status,
                        204,
                        "a new state needs no header"
                    );
                    assert_eq!(send("DELETE", &[], "").await.status, 204);
                } else {
                    assert_eq!(send("PUT", &[], "{}").await.status, 400, "a profile needs one");
                }
                assert_eq!(send("PUT", &[("if-match", "\"x\"")], "{}").await.status, 412, "nothing is there");
                assert_eq!(send("PUT", &[("if-none-match", "*")], "{\"n\":1}").await.status, 204);
                assert_eq!(send("PUT", &[("if-none-match", "*")], "{\"n\":2}").await.status, 412);
                assert!(send("GET", &[], "").await.headers.contains_key("etag"));
                for wrong in ["1234", "\"1111111111111111111111111111111111111111\""] {
                    for method in ["PUT", "POST", "DELETE"] {
                        assert_eq!(
                            send(method, &[("if-match", wrong)], "{\"n\":3}").await.status,
                            412,
                            "{method}"
                        );
                    }
                }
                assert_eq!(send("POST", &[("if-none-match", "*")], "{\"n\":3}").await.status, 412);
                let bare = send("PUT", &[], "{\"n\":4}").await;
                if is_state && version == V1 {
                    assert_eq!(bare.status, 204, "1.0.3 lets a state be written over");
                    assert_eq!(send("PUT", &[], "{\"n\":1}").await.status, 204);
                } else {
                    assert_eq!(
                        (bare.status, text(&bare).contains("If-Match")),
                        (409, true),
                        "it says what to do"
                    );
                    assert!(bare.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
                }
                assert_eq!(send("GET", &[], "").await.json, json!({"n": 1}), "{path} {version}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_tag_opens() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for version in [V1, V2] {
            let lrs = lrs.speaking(version);
            for (path, params, id) in shelves() {
                let address = shelf_path(path, &params, &[(id, version)]);
                let send = async |method: &str, headers: &[(&str, &str)], body: &str| {
                    lrs.send(method, &address, ("application/json", body.into()), headers).await
                };
                assert_eq!(send("PUT", &[("if-none-match", "*")], "{\"n\":1}").await.status, 204);
                let tag = send("GET", &[], "").await.headers["etag"].to_str().unwrap().to_owned();
                assert_eq!(send("POST", &[("if-match", &tag)], "{\"m\":1}").await.status, 204);
                let tag = send("GET", &[], "").await.headers["etag"].to_str().unwrap().to_owned();
                assert_eq!(send("PUT", &[("if-match", &tag)], "{\"n\":5}").await.status, 204);
                let tag = send("GET", &[], "").await.headers["etag"].to_str().unwrap().to_owned();
                assert_eq!(
                    send("PUT", &[("if-match", &format!("\"a\", {tag}"))], "{\"n\":6}").await.status,
                    204
                );
                assert_eq!(send("PUT", &[("if-match", "*")], "{\"n\":7}").await.status, 204);
                let tag = send("GET", &[], "").await.headers["etag"].to_str().unwrap().to_owned();
                assert_eq!(send("DELETE", &[("if-match", &tag)], "").await.status, 204);
                assert_eq!(send("GET", &[], "").await.status, 404);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_writers_at_once_one_wins() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let address = state("race");
        let put = |n: u32| {
            lrs.send("PUT", &address, ("text/plain", n.to_string().into_bytes()), &[("if-none-match", "*")])
        };
        let answers = tokio::join!(put(1), put(2), put(3), put(4));
        let mut statuses = [answers.0.status, answers.1.status, answers.2.status, answers.3.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 412, 412, 412]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_lie_where_their_parameters_say() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let (one, two) = (uuid(1), uuid(2));
        let base = state("s");
        let at = |registration: &str| format!("{base}&registration={registration}");
        for (address, body) in
            [(base.clone(), json!({"r": 0})), (at(&one), json!({"r": 1})), (at(&two), json!({"r": 2}))]
        {
            assert_eq!(lrs.call("PUT", &address, &body).await.status, 204);
        }
        assert_eq!(lrs.call("GET", &base, &Value::Null).await.json, json!({"r": 0}));
        assert_eq!(lrs.call("GET", &at(&two.to_uppercase()), &Value::Null).await.json, json!({"r": 2}));
        let context = [("activityId", "http://example.com/a"), ("agent", &agent("ann"))];
        let all = with("/activities/state", &context);
        assert_eq!(lrs.call("DELETE", &format!("{all}&registration={one}"), &Value::Null).await.status, 204);
        assert_eq!(lrs.call("GET", &at(&one), &Value::Null).await.status, 404);
        assert_eq!(lrs.call("GET", &at(&two), &Value::Null).await.status, 200);
        let other =
            with("/activities/state", &[("activityId", "http://example.com/b"), ("agent", &agent("ann"))]);
        assert_eq!(lrs.call("PUT", &format!("{other}&stateId=s"), &json!({})).await.status, 204);
        assert_eq!(lrs.call("DELETE", &all, &Value::Null).await.status, 204);
        assert_eq!(lrs.call("GET", &all, &Value::Null).await.json, json!([]));
        assert_eq!(lrs.call("GET", &other, &Value::Null).await.json, json!(["s"]));
        let group = json!({"objectType": "Group", "mbox": "mailto:g@b.cn"}).to_string();
        let by_group = with("/agents/profile", &[("agent", &group)]);
        assert_eq!(lrs.call("GET", &by_group, &Value::Null).await.status, 400, "1.0.3: an Agent, no Group");
        assert_eq!(lrs.speaking(V2).call("GET", &by_group, &Value::Null).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_documents_are_known_or_refused() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for version in [V1, V2] {
            let lrs = lrs.speaking(version);
            for (path, params, id) in shelves() {
                for method in ["PUT", "POST", "GET", "DELETE"] {
                    let body = if matches!(method, "PUT" | "POST") { json!({}) } else { Value::Null };
                    let refused = async |address: String| {
                        let bytes = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
                        let answer = lrs
                            .send(method, &address, ("application/json", bytes), &[("if-none-match", "*")])
                            .await;
                        assert_eq!(answer.status, 400, "{method} {address}");
                    };
                    for (missing, _) in &params {
                        let left: Vec<(&str, String)> =
                            params.iter().filter(|(n, _)| n != missing).cloned().collect();
                        refused(shelf_path(path, &left, &[(id, "x")])).await;
                        for wrong in ["1", "true", "not JSON", "", "{\"key\":\"value\"}", "undefined"] {
                            refused(shelf_path(path, &left, &[(id, "x"), (missing, wrong)])).await;
                        }
                    }
                    if matches!(method, "PUT" | "POST") || (method == "DELETE" && id == "profileId") {
                        refused(shelf_path(path, &params, &[])).await;
                        refused(shelf_path(path, &params, &[(id, "x"), ("since", "2012-06-01T19:09:13Z")]))
                            .await;
                    }
                    refused(shelf_path(path, &params, &[(id, "x"), ("foo", "bar")])).await;
                    refused(shelf_path(path, &params, &[(&id.to_uppercase(), "x")])).await;
                    if id == "stateId" {
                        for wrong in ["1", "true", "not UUID"] {
                            refused(shelf_path(path, &params, &[(id, "x"), ("registration", wrong)])).await;
                        }
                    }
                }
                for wrong in ["true", "not a timestamp", "1"] {
                    let answer =
                        lrs.call("GET", &shelf_path(path, &params, &[("since", wrong)]), &Value::Null).await;
                    assert_eq!(answer.status, 400, "since={wrong}");
                }
            }
        }
    })
    .await;
}
