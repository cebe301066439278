//! Versions, credentials, methods.
use serde_json::{Value, json};

use super::*;
use crate::world::on_both;

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_negotiated_by_the_header() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        for (version, said) in
            [("1.0", V1), ("1.0.0", V1), ("1.0.9", V1), (V1, V1), ("2.0", V2), (V2, V2), ("2.0.1", V2)]
        {
            let answer = lrs.speaking(version).get("/statements", &[]).await;
            assert_eq!(
                (answer.status, &answer.headers["x-experience-api-version"]),
                (200, &said.parse().unwrap()),
                "{version}"
            );
        }
        for version in ["0.9", "0.95", "1.1.0", "2.1.0", "3.0.0", "x"] {
            let answer = lrs.speaking(version).get("/statements", &[]).await;
            assert_eq!(answer.status, 400, "{version}");
            assert!(answer.headers.contains_key("x-experience-api-version") && !answer.bytes.is_empty());
        }
        // Without the header the answer is in the version that the provider spoke last.
        let authorization = [("authorization", lrs.authorization.as_str())];
        for version in [V1, V2, V1] {
            lrs.speaking(version).get("/statements", &[]).await;
            for method in ["GET", "POST", "PUT"] {
                let path = format!("/xapi/statements?statementId={}", uuid(1));
                let answer =
                    world.anyone.send(method, &path, ("application/json", vec![]), &authorization).await;
                assert_eq!(
                    (answer.status, answer.headers["x-experience-api-version"].to_str().unwrap()),
                    (400, version)
                );
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn about_is_open_to_anyone_and_names_the_versions() {
    on_both(|world| async move {
        for headers in [&[][..], &[("x-experience-api-version", "0.9")]] {
            let answer = world.anyone.send("GET", "/xapi/about", ("", vec![]), headers).await;
            assert_eq!((answer.status, &answer.json), (200, &json!({"version": ["2.0.0", "1.0.3"]})));
        }
        for (said, versions) in
            [("1.0.3", json!(["1.0.3"])), ("1.0.0", json!(["1.0.3"])), (V2, json!([V2, "1.0.3"]))]
        {
            let headers = [("x-experience-api-version", said)];
            let answer = world.anyone.send("GET", "/xapi/about", ("", vec![]), &headers).await;
            assert_eq!((answer.status, &answer.json), (200, &json!({"version": versions})), "{said}");
        }
        let answer = world.anyone.send("GET", "/xapi/about?x=1", ("", vec![]), &[]).await;
        assert_eq!(answer.status, 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_providers_credentials_open_the_door() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let username = {
            use base64::{Engine, engine::general_purpose::STANDARD};
            let decoded = STANDARD.decode(lrs.authorization.strip_prefix("Basic ").unwrap()).unwrap();
            String::from_utf8(decoded).unwrap().split(':').next().unwrap().to_owned()
        };
        let wrong = [
            basic("foo", "bar"),
            basic(&username, "wrong"),
            basic("", ""),
            "Basic:x".into(),
            "Basic x".into(),
            String::new(),
        ];
        for header in wrong {
            for (method, body) in [("GET", Value::Null), ("POST", statement("a", "did", "b"))] {
                let bytes = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
                let mut headers = vec![("x-experience-api-version", V1)];
                if !header.is_empty() {
                    headers.push(("authorization", header.as_str()));
                }
                let answer = world
                    .anyone
                    .send(method, "/xapi/statements", ("application/json", bytes), &headers)
                    .await;
                assert_eq!(answer.status, 401, "{method} {header}");
                assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
            }
        }
        let columns = "SELECT COUNT(*) FROM record_credentials WHERE secret_mac LIKE $1";
        let secret = lrs.authorization.as_str();
        assert_eq!(db::count(&world.site.db, columns, db::params![format!("%{secret}%")]).await.unwrap(), 0);
        // An ended credential stops within seconds.
        db::execute(&world.site.db, "UPDATE record_credentials SET ended_at = 1", vec![]).await.unwrap();
        world.clock.advance(6);
        assert_eq!(lrs.get("/statements", &[]).await.status, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_resources_that_are_not_there_are_refused() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let nobody = [("x-experience-api-version", V1)];
        for (method, path) in [
            ("DELETE", "/statements"),
            ("PATCH", "/statements"),
            ("DELETE", "/activities"),
            ("POST", "/activities"),
            ("PUT", "/activities"),
            ("DELETE", "/agents"),
            ("POST", "/agents"),
            ("PUT", "/agents"),
            ("POST", "/about"),
            ("PATCH", "/activities/state"),
            ("PATCH", "/agents/profile"),
        ] {
            assert_eq!(lrs.call(method, path, &Value::Null).await.status, 405, "{method} {path}");
            let answer = world.anyone.send(method, &format!("/xapi{path}"), ("", vec![]), &nobody).await;
            assert_eq!(answer.status, 405, "{method} {path} without credentials");
        }
        // The endpoint with its slash and the resource with its own.
        for (path, status) in
            [("//statements", 200), ("//about", 200), ("//activities/state", 400), ("///about", 404)]
        {
            assert_eq!(lrs.get(path, &[]).await.status, status, "{path}");
        }
        let unknown = lrs.get("/nowhere", &[]).await;
        assert_eq!(
            (unknown.status, unknown.headers["x-experience-api-version"].to_str().unwrap()),
            (404, V1)
        );
        assert_eq!(unknown.headers["x-content-type-options"], "nosniff", "security headers stay");
    })
    .await;
}
