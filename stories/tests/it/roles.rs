//! Several roles in one person: which of them acts, and which may not meet (issue: the page header switches between them;
//! security item 36).
use base::Role;
use serde_json::{Value, json};
use testkit::Browser;

use crate::world::{PASSWORD, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_several_roles_acts_in_all_or_in_the_chosen_one() {
    on_both(|world| async move {
        let boss = world.ready("root43", Role::Authority, "430100").await;
        let unit = json!({"code": "43010001", "name": "湖南某学院", "kind": "unit", "parent": "430100"});
        assert_eq!(boss.call("POST", "/api/v1/units", unit).await.status, 201);
        let one = world.ready("duoduo", Role::UnitAdmin, "43010001").await;
        let me = one.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let path = format!("/api/v1/people/{}/roles", me.json["person"]["id"].as_str().unwrap());
        let finance = json!({"role": "finance", "unit": "43010001"});
        assert_eq!(boss.call("POST", &path, finance).await.status, 201);
        let opened = world.sign_in("duoduo", PASSWORD).await;
        let one = world.anyone.with_token(opened["token"].as_str().unwrap());
        let held = one.call("GET", "/api/v1/sessions/current", Value::Null).await.json["held"].clone();
        assert_eq!(held.as_array().unwrap().len(), 2, "{held}");
        let of = |role: &str| {
            let all = held.as_array().unwrap();
            all.iter().find(|h| h["role"] == role).unwrap()["id"].clone()
        };
        let status = async |path: &str| one.call("GET", path, Value::Null).await.status;
        assert_eq!((status("/api/v1/people").await, status("/reimbursements/books").await), (200, 200));
        let act = async |role: Value| {
            one.call("PUT", "/api/v1/sessions/current/role", json!({"role": role})).await.status
        };
        assert_eq!(act(of("finance")).await, 204);
        assert_eq!((status("/api/v1/people").await, status("/reimbursements/books").await), (403, 200));
        assert_eq!(act(json!("01900000-0000-7000-8000-000000000000")).await, 404);
        assert_eq!(act(Value::Null).await, 204);
        assert_eq!(status("/api/v1/people").await, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_offers_the_roles_and_the_page_follows() {
    on_both(|world| async move {
        let boss = world.ready("root43", Role::Authority, "430100").await;
        let one = world.ready("duoduo", Role::UnitAdmin, "43010001").await;
        let me = one.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let path = format!("/api/v1/people/{}/roles", me.json["person"]["id"].as_str().unwrap());
        boss.call("POST", &path, json!({"role": "hr", "unit": "43010001"})).await;
        let mut browser = Browser::default();
        let at = |path: &str| format!("{}{path}", world.url);
        let home = browser.post(&at("/sign-in"), &[("account", "duoduo"), ("password", PASSWORD)]).await;
        assert!(home.text().contains("切换角色") && home.text().contains("href=\"/people-import\""));
        let mut choices = home.text().split("name=\"role\" value=\"").skip(1);
        let hr = choices.find(|part| part.contains("<strong>人事</strong>")).unwrap();
        let hr = hr.split('"').next().unwrap().to_owned();
        let csrf = home.hidden("_csrf").unwrap();
        let home =
            browser.post(&at("/session/role"), &[("_csrf", csrf.as_str()), ("role", hr.as_str())]).await;
        assert!(home.status == 200 && !home.text().contains("href=\"/people-import\""), "{}", home.url);
        assert!(home.text().contains("href=\"/checks\""));
        let trail = boss.call("GET", "/api/v1/audit?action=session.role", Value::Null).await;
        assert_eq!(trail.json["items"].as_array().unwrap().len(), 1, "{:?}", trail.json);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_36_system_business_and_audit_are_never_one_person() {
    on_both(|world| async move {
        let system = world.ready("xitong", Role::SystemAdmin, "43").await;
        let admin = world.ready("guanli", Role::UnitAdmin, "43010001").await;
        let me = admin.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let path = format!("/api/v1/people/{}/roles", me.json["person"]["id"].as_str().unwrap());
        let auditor = system.call("POST", &path, json!({"role": "auditor", "unit": "43010001"})).await;
        assert_eq!((auditor.status, auditor.code()), (409, "duties_conflict"));
        let staff = world.ready("zhigong", Role::Staff, "43010001").await;
        let me = staff.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let path = format!("/api/v1/people/{}/roles", me.json["person"]["id"].as_str().unwrap());
        let auditor = json!({"role": "auditor", "unit": "43010001"});
        assert_eq!(system.call("POST", &path, auditor).await.status, 201);
        let reviewer = admin.call("POST", &path, json!({"role": "reviewer", "unit": "43010001"})).await;
        assert!(reviewer.status == 409 || reviewer.status == 403, "{:?}", reviewer.json);
        for path in ["/api/v1/people", "/people", "/api/v1/stats?unit=43010001&year=2026&by=unit", "/audit"] {
            let seen = system.call("GET", path, Value::Null).await;
            assert_eq!(seen.status, 403, "the system role sees no personal data: {path}");
        }
    })
    .await;
}
