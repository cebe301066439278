//! Who may call what: the table of routes, walked as every kind of wrong visitor.
use std::collections::HashSet;

use base::Role;
use serde_json::{Value, json};
use site::{Access, Rule};
use testkit::Client;

use crate::{school::at_both, world::on_both};

/// A path with its parts filled in.
fn concrete(path: &str) -> String {
    let id = "01900000-0000-7000-8000-000000000000";
    let part = |p: &str| match p {
        "{year}" => "2023".to_owned(),
        "{name}" => "nobody".to_owned(),
        "{no}" => "43-2023-582301947-9".to_owned(),
        "{file}" => "43-2023-582301947-9.pdf".to_owned(),
        p if p.starts_with('{') => id.to_owned(),
        p => p.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn item_29_strangers_get_in_only_where_a_route_is_public() {
    on_both(|world| async move {
        for rule in world.table.iter().filter(|r| r.path.starts_with("/api/")) {
            let answer = world.anyone.call(rule.method.as_str(), &concrete(rule.path), json!({})).await;
            let is_closed = answer.status == 401;
            let is_open = matches!(rule.access, Access::Public);
            assert_eq!(is_closed, !is_open, "{} {} answered {}", rule.method, rule.path, answer.status);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_cannot_do_what_administrators_do() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        for rule in world.table.iter().filter(|r| r.path.starts_with("/api/")) {
            if let Access::Roles(roles) = rule.access {
                assert!(!roles.contains(&Role::Staff));
                let answer = teacher.call(rule.method.as_str(), &concrete(rule.path), json!({})).await;
                assert_eq!(answer.status, 403, "{} {}", rule.method, rule.path);
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_21_before_the_forced_steps_nothing_else_works() {
    on_both(|world| async move {
        let secret = app::cli::create_account(&world.site, ("neu", "某人"), Role::UnitAdmin, "43010001")
            .await
            .unwrap();
        let token = world.sign_in("neu", &secret).await["token"].as_str().unwrap().to_owned();
        let client = world.anyone.with_token(&token);
        for rule in world.table.iter().filter(|r| r.path.starts_with("/api/")) {
            if matches!(rule.access, Access::SignedIn | Access::Roles(_)) {
                let answer = client.call(rule.method.as_str(), &concrete(rule.path), json!({})).await;
                assert_eq!(
                    (answer.status, &answer.json["code"]),
                    (403, &json!("action_required")),
                    "{}",
                    rule.path
                );
            }
        }
        let again = json!({"account": "neu", "password": secret});
        assert_eq!(
            world.anyone.call("POST", "/api/v1/sessions", again).await.status,
            401,
            "it signs in once"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_16_an_administrator_of_another_unit_sees_and_changes_nothing_here() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let other = world.ready("other", Role::UnitAdmin, "43020001").await;
        let id = people[0]["id"].as_str().unwrap();
        let reset =
            other.call("POST", &format!("/api/v1/people/{id}/password-reset"), json!({"reason": "x"})).await;
        assert_eq!(reset.status, 404);
        let list = other.call("GET", "/api/v1/people?unit=43010001", Value::Null).await;
        assert_eq!((list.status, &list.json["code"]), (404, &json!("not_found")));
        let csv = ("text/csv", crate::world::roster(1..=1).into_bytes());
        assert_eq!(other.send("POST", "/api/v1/roster/imports?unit=43010001", csv, &[]).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_07_every_answer_carries_the_security_headers_and_refusals_are_problems() {
    on_both(|world| async move {
        for path in ["/sign-in", "/api/v1/people", "/nowhere", "/api/v1/nowhere", "/healthz"] {
            let answer = world.anyone.call("GET", path, Value::Null).await;
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{path}");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        }
        let answer = world.anyone.call("GET", "/api/v1/nowhere", Value::Null).await;
        assert_eq!((answer.status, &answer.json["code"]), (404, &json!("not_found")));
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        let unknown = world
            .anyone
            .call("POST", "/api/v1/sessions", json!({"account": "a", "password": "b", "x": 1}))
            .await;
        assert_eq!((unknown.status, &unknown.json["errors"][0]["code"]), (422, &json!("unknown_field")));
        let plain = world.anyone.send("POST", "/api/v1/sessions", ("text/plain", b"{}".to_vec()), &[]).await;
        assert_eq!(plain.status, 415);
    })
    .await;
}

/// What answers 201 or 202 without a body.
const SILENT: [(&str, &str); 5] = [
    ("post", "/api/v1/me/passkeys"),
    ("put", "/api/v1/me/mail"),
    ("post", "/api/v1/provider/application"),
    ("post", "/api/v1/me/arrivals/pull"),
    ("post", "/api/v1/people/{id}/arrivals/pull"),
];

/// Each route of the JSON API is in the document with the form of whatever it answers.
fn describes(document: &Value, table: &[Rule]) {
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|p| p.as_object().unwrap().values());
    let mut names = HashSet::new();
    assert!(operations.map(|o| &o["operationId"]).all(|name| name.is_string() && names.insert(name)));
    for rule in table.iter().filter(|r| r.path.starts_with("/api/v1/")) {
        let path = rule.path.replace("certificates/{file}", "certificates/{no}.pdf");
        let method = rule.method.as_str().to_lowercase();
        let operation = &document["paths"][&path][&method];
        assert!(operation.is_object(), "{method} {path} is not described");
        let bodies = operation["responses"].as_object().unwrap().iter();
        let bodies = bodies.filter(|(s, _)| s.starts_with('2') && *s != "204");
        for (status, response) in bodies.filter(|_| !SILENT.contains(&(&*method, &*path))) {
            let contents = response["content"].as_object();
            let is_told =
                |(kind, body): (&String, &Value)| kind != "application/json" || body["schema"].is_object();
            assert!(contents.is_some_and(|c| c.iter().all(is_told)), "{method} {path} {status} has no form");
        }
        for part in path.split(['{', '}']).skip(1).step_by(2) {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(
                parameters.iter().any(|p| p["in"] == "path" && p["name"] == part),
                "{method} {path}: {part}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_api_route_is_described() {
    on_both(|world| async move {
        let document = world.anyone.call("GET", "/api/openapi.json", Value::Null).await.json;
        describes(&document, &world.table);
    })
    .await;
    at_both(|school| async move {
        let document = Client::new(&school.url).call("GET", "/api/openapi.json", Value::Null).await.json;
        describes(&document, &school.table);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_02_a_session_ends_after_thirty_idle_minutes_sharp() {
    on_both(|world| async move {
        let admin = world.ready("idler", Role::UnitAdmin, "43010001").await;
        world.clock.advance(29 * 60 + 59);
        assert_eq!(admin.call("GET", "/api/v1/people", Value::Null).await.status, 200);
        world.clock.advance(29 * 60 + 59);
        assert_eq!(
            admin.call("GET", "/api/v1/sessions/current", Value::Null).await.status,
            200,
            "asking is no operation"
        );
        world.clock.advance(1);
        let ended = admin.call("GET", "/api/v1/people", Value::Null).await;
        assert_eq!((ended.status, &ended.json["code"]), (401, &json!("session_expired")));
    })
    .await;
}
