//! Policies as data: drafts are checked, tried on everyone, and activated by a second person; last year's rules hold until
//! a year's own are published.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    ledger::{credit, write},
    world::{World, on_both},
};

fn delivered(year: i16) -> &'static str {
    rules::policy::delivered().iter().find(|(y, _)| y.number() == year).unwrap().1
}

/// The year's policy with a tenth of the hours.
fn easier() -> String {
    let text = delivered(2023);
    let changed =
        text.replacen("total = \"90\"", "total = \"2\"", 1).replacen("public = \"30\"", "public = \"1\"", 1);
    changed.replacen("professional = \"60\"", "professional = \"0\"", 1)
}

async fn refuses_a_broken_draft(first: &Client) {
    let broken = easier().replacen("total = ", "totl = ", 1);
    let refused = first.call("POST", "/api/v1/policies/drafts", json!({"text": broken})).await;
    assert_eq!((refused.status, refused.code()), (422, "policy_wrong"));
    let keys: Vec<&str> =
        refused.json["problems"].as_array().unwrap().iter().map(|p| p["code"].as_str().unwrap()).collect();
    assert!(keys.contains(&"unknown_key") && keys.contains(&"missing"), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_tried_on_everyone_and_activated_by_a_second_person() {
    on_both(|world: World| async move {
        assert_ne!(easier(), delivered(2023));
        let (_, people) = world.college(3).await;
        let first = world.ready("zhengce1", Role::Authority, "430100").await;
        let second = world.ready("zhengce2", Role::Authority, "430100").await;
        let person = people[0]["id"].as_str().unwrap();
        for key in ["a", "b"] {
            write(&world.site, credit(person.parse().unwrap(), key)).await;
        }
        refuses_a_broken_draft(&first).await;
        let draft =
            first.call("POST", "/api/v1/policies/drafts", json!({"text": easier(), "note": "试行"})).await;
        assert_eq!(draft.status, 201, "{:?}", draft.json);
        let id = draft.json["id"].as_str().unwrap();
        let asked = first.call("POST", &format!("/api/v1/policies/drafts/{id}/trials"), Value::Null).await;
        assert_eq!(asked.status, 202, "{:?}", asked.json);
        world.settle().await;
        let trial = asked.json["id"].as_str().unwrap();
        let result = first.call("GET", &format!("/api/v1/policies/trials/{trial}"), Value::Null).await.json;
        assert_eq!((&result["finished"], &result["assessed"]), (&json!(true), &json!(3)));
        assert_eq!((&result["short_before"], &result["short_after"]), (&json!(3), &json!(2)));
        assert_eq!(result["effects"], json!({"gain": 1}));
        followed(&first, &second, asked.json["progress"].as_str().unwrap()).await;
        assert_eq!(result["by_category"][0]["key"], "professional");
        assert_eq!(result["by_unit"][0]["key"], "43010001");
        let list = format!("/api/v1/policies/trials/{trial}/people?effect=gain");
        let list = first.call("GET", &list, Value::Null).await.json;
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&list["items"][0]["id"], &list["items"][0]["shortfall"]["after"]),
            (&json!(person), &json!("0"))
        );
        let page = first.call("GET", &format!("/policies/drafts/{id}"), Value::Null).await;
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains("删去") && text.contains("新增") && text.contains("total = "), "{text}");
        let activation = format!("/api/v1/policies/drafts/{id}/activation");
        let own = first.call("POST", &activation, Value::Null).await;
        assert_eq!((own.status, own.code()), (403, "second_person_needed"));
        let done = second.call("POST", &activation, Value::Null).await;
        assert_eq!((done.status, &done.json["version"]), (200, &json!(2)));
        assert_eq!(second.call("POST", &activation, Value::Null).await.code(), "policy_activated_before");
        world.settle().await;
        let year = "2023".parse().unwrap();
        let standing = hours::standing(&world.site.db, person.parse().unwrap(), year).await.unwrap();
        assert_eq!((standing.policy_version.as_str(), standing.assessment.certificate), ("2023.2", true));
        assert_eq!(statistics::verify(&world.site, year).await.unwrap(), []);
        let figures = second.call("GET", "/api/v1/stats?year=2023", Value::Null).await.json;
        assert_eq!(figures["rows"][0]["done"], 1, "everyone was assessed anew");
        replays(&world, person).await;
        let old = &standing.entries[0];
        assert_eq!(old.policy, "2023.1", "an entry carries the version that it was made under");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_year_keeps_its_rules() {
    on_both(|world: World| async move {
        world.college(1).await;
        let first = world.ready("zhengce1", Role::Authority, "430100").await;
        let second = world.ready("zhengce2", Role::Authority, "430100").await;
        let draft =
            json!({"text": delivered(2024).replacen("total = \"90\"", "total = \"80\"", 1), "note": "放宽"});
        let draft = first.call("POST", "/api/v1/policies/drafts", draft).await;
        assert_eq!(draft.status, 201, "{:?}", draft.json);
        let activation = format!("/api/v1/policies/drafts/{}/activation", draft.json["id"].as_str().unwrap());
        assert_eq!(second.call("POST", &activation, Value::Null).await.code(), "year_closed");
    })
    .await;
}

/// Every entry comes out again under its own version, and one with other hours is named.
async fn replays(world: &World, person: &str) {
    let mut now = credit(person.parse().unwrap(), "after");
    now.facts.insert("minutes".into(), json!(80));
    now.hours = base::Hours::whole(2);
    write(&world.site, now).await;
    assert_eq!(hours::replay(&world.site).await.unwrap(), Ok(3), "each under its own version");
    let mut wrong = credit(person.parse().unwrap(), "wrong");
    wrong.hours = base::Hours::whole(9);
    write(&world.site, wrong).await;
    assert_eq!(hours::replay(&world.site).await.unwrap().unwrap_err().seq, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_authority_at_the_top_keeps_policies() {
    on_both(|world: World| async move {
        let (admin, _) = world.college(1).await;
        let county = world.ready("xianji", Role::Authority, "43010001").await;
        let draft = json!({"text": easier()});
        assert_eq!(admin.call("POST", "/api/v1/policies/drafts", draft.clone()).await.status, 403);
        assert_eq!(county.call("POST", "/api/v1/policies/drafts", draft).await.status, 403);
        assert_eq!(county.call("GET", "/policies", Value::Null).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn until_a_year_has_its_own_policy_last_years_rules_apply() {
    on_both(|world: World| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let year = teacher.call("GET", "/api/v1/me/years/2027", Value::Null).await;
        assert_eq!((year.status, &year.json["required"]["total"]), (200, &json!("90")));
        let page = teacher.call("GET", "/hours?year=2027", Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("暂按上年政策"));
        let far = teacher.call("GET", "/api/v1/me/years/2028", Value::Null).await;
        assert_eq!(far.code(), "policy_not_published");
        let new = hours::NewCredit {
            year: "2027".parse().unwrap(),
            ..credit(people[0]["id"].as_str().unwrap().parse().unwrap(), "early")
        };
        write(&world.site, new).await;
        let ledger = teacher.call("GET", "/api/v1/me/years/2027/ledger", Value::Null).await.json;
        assert_eq!(ledger["items"][0]["policy"], "2026.1");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_page_tells_the_year_and_htmx_gets_its_part_alone() {
    on_both(|world: World| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let person = people[0]["id"].as_str().unwrap().parse().unwrap();
        write(&world.site, credit(person, "a")).await;
        let mut twice = credit(person, "b");
        twice.facts.insert("course".into(), json!("a"));
        write(&world.site, twice).await;
        let whole = teacher.call("GET", "/hours?year=2023", Value::Null).await;
        let text = String::from_utf8(whole.bytes).unwrap();
        for said in [
            "<!doctype html>",
            "data-chart",
            "各月数字",
            "公共科目还差 29 学时",
            "同一门课程",
            "下载入账证明",
        ] {
            assert!(text.contains(said), "{said}");
        }
        let htmx = [("HX-Request", "true"), ("HX-Request-Type", "partial")];
        let part = teacher.send("GET", "/hours?year=2023&show=uncounted", ("", vec![]), &htmx).await;
        let text = String::from_utf8(part.bytes).unwrap();
        assert!(text.trim_start().starts_with("<div id=\"year\">"), "{text}");
        assert_eq!(text.matches("row-detail").count(), 1, "only what did not count");
    })
    .await;
}

/// Who asked for a trial follows it as it goes on; nobody else does.
async fn followed(asker: &Client, other: &Client, work: &str) {
    let told = asker.call("GET", &format!("/api/v1/progress/{work}"), Value::Null).await.json;
    assert_eq!((&told["kind"], &told["state"]), (&json!("trial"), &json!("done")));
    assert_eq!((&told["done"], &told["total"]), (&json!(3), &json!(3)));
    let path = format!("/progress/{work}/events");
    let events = String::from_utf8(asker.call("GET", &path, Value::Null).await.bytes).unwrap();
    assert!(events.contains("event: progress") && events.contains("\"state\":\"done\""), "{events}");
    assert_eq!(other.call("GET", &path, Value::Null).await.status, 404);
}
