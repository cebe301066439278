//! Policies as data: drafts are checked, tried on everyone, and activated by a second person; last year's rules hold until
//! a year's own are published.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    ledger::{credit, write},
    people::sheet,
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

/// Enough of both subjects, and a course of four minutes for 0.30.
async fn learned_enough(world: &World, person: &Value) {
    let courses = [
        ("gong", base::Subject::Public, 1200, "90.00"),
        ("zhuan", base::Subject::Professional, 2400, "0.00"),
        ("duan", base::Subject::Public, 4, "0.30"),
    ];
    for (key, subject, minutes, fee) in courses {
        let mut new = credit(person["id"].as_str().unwrap().parse().unwrap(), key);
        (new.subject, new.hours) = (subject, base::Hours::from_hundredths(minutes * 100 / 40));
        new.facts.insert("subject".into(), json!(subject));
        new.facts.insert("minutes".into(), json!(minutes));
        new.facts.insert("fee".into(), json!(fee));
        write(&world.site, new).await;
    }
}

/// Uploads a draft and tries it; the trial's address in the API.
async fn tried(world: &World, keeper: &Client, text: &str) -> String {
    let draft = keeper.call("POST", "/api/v1/policies/drafts", json!({"text": text})).await;
    assert_eq!(draft.status, 201, "{:?}", draft.json);
    let path = format!("/api/v1/policies/drafts/{}/trials", draft.json["id"].as_str().unwrap());
    let asked = keeper.call("POST", &path, Value::Null).await;
    assert_eq!(asked.status, 202, "{:?}", asked.json);
    world.settle().await;
    format!("/api/v1/policies/trials/{}", asked.json["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_a_trial_show_the_figures_for_which_someone_is_in_them() {
    on_both(|world: World| async move {
        let (_, people) = world.college(2).await;
        let keeper = world.ready("zhengce1", Role::Authority, "430100").await;
        learned_enough(&world, &people[0]).await;
        // Six public hours more, and what is shorter than half an hour counts no more.
        let text = delivered(2023).replacen("public = \"30\"", "public = \"36\"", 1);
        let text = text.replacen("step = \"0.1\"", "step = \"0.5\"", 1);
        let trial = tried(&world, &keeper, &text).await;
        let result = keeper.call("GET", &trial, Value::Null).await.json;
        assert_eq!(result["effects"], json!({"short": 1, "fees": 1}));
        let list = |effect: &str| format!("{trial}/people?effect={effect}");
        let short = keeper.call("GET", &list("short"), Value::Null).await.json["items"][0].clone();
        let same = json!({"before": "0", "after": "0"});
        assert_eq!((&short["shortfall"], &short["professional_shortfall"]), (&same, &same), "{short}");
        assert_eq!(short["public_shortfall"], json!({"before": "0", "after": "6"}), "{short}");
        let fees = keeper.call("GET", &list("fees"), Value::Null).await.json["items"][0].clone();
        assert_eq!(fees["charged"], json!({"before": "90.30", "after": "90.00"}), "{fees}");
        assert_eq!(fees["reimbursable"], json!({"before": "0.00", "after": "0.00"}), "{fees}");
        for (effect, said) in [
            ("short", ["data-label=\"公共科目还差\">0 → 6<", "data-label=\"总学时还差\">0 → 0<"]),
            (
                "fees",
                ["data-label=\"课程费用（元）\">90.30 → 90.00<", "data-label=\"可报账（元）\">0.00 → 0.00<"],
            ),
        ] {
            let path = list(effect).replacen("/api/v1", "", 1);
            let page = String::from_utf8(keeper.call("GET", &path, Value::Null).await.bytes).unwrap();
            assert!(said.iter().all(|s| page.contains(s)), "{page}");
        }
        let export = json!({"list": list("short"), "purpose": "核对草案"});
        let made = keeper.call("POST", "/api/v1/exports", export).await;
        let xml = sheet(&made.bytes);
        let heads = ["公共科目还差（现行）", "公共科目还差（草案）", "课程费用（草案，元）"];
        for head in heads {
            assert!(xml.contains(head), "{head}: {xml}");
        }
        // A trial of before these were kept says nothing of them, rather than 0.
        let forget = "UPDATE policy_trial_people SET charged_before = NULL, charged_after = NULL";
        db::execute(&world.site.db, forget, vec![]).await.unwrap();
        let fees = keeper.call("GET", &list("fees"), Value::Null).await.json["items"][0].clone();
        assert_eq!(fees["charged"], Value::Null, "{fees}");
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
    // Hours that do not follow from the facts by the rules in force are not written in the first place.
    let mut wrong = credit(person.parse().unwrap(), "wrong");
    wrong.hours = base::Hours::whole(9);
    let tx = world.site.db.begin().await.unwrap();
    assert_eq!(hours::credit(&world.site, &tx, wrong).await.unwrap_err().code(), "policy_replaced");
}

/// Activates a policy's text.
async fn activate(world: &World, text: String) {
    let first = world.ready("zhengce1", Role::Authority, "430100").await;
    let second = world.ready("zhengce2", Role::Authority, "430100").await;
    let draft = first.call("POST", "/api/v1/policies/drafts", json!({"text": text, "note": "调整"})).await;
    assert_eq!(draft.status, 201, "{:?}", draft.json);
    let activation = format!("/api/v1/policies/drafts/{}/activation", draft.json["id"].as_str().unwrap());
    assert_eq!(second.call("POST", &activation, Value::Null).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_waited_over_a_publication_is_decided_by_the_rules_of_the_decision() {
    on_both(|world: World| async move {
        let (admin, people) = world.college(1).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let mut claims = vec![];
        for (item, title) in [("paper.core", "论文"), ("exam.module", "考试模块")] {
            let body =
                json!({"year": 2023, "item": item, "title": title, "on": "2023-06-01", "submit": true});
            let made = teacher.call("POST", "/api/v1/claims", body).await;
            assert_eq!((made.status, &made.json["policy"]), (201, &json!("2023.1")), "{:?}", made.json);
            claims.push(made.json["id"].as_str().unwrap().to_owned());
        }
        let text = delivered(2023).replacen("code = \"exam.module\"", "code = \"exam.other\"", 1);
        let text =
            text.replacen("hours = [\"36\", \"21.6\", \"14.4\"]", "hours = [\"30\", \"18\", \"12\"]", 1);
        activate(&world, text).await;
        world.settle().await;
        // What waits shows what a decision would give, in the queue too; the item that is gone stays as it was.
        let queue = reviewer.call("GET", "/api/v1/reviews", Value::Null).await.json;
        let shown: Vec<_> =
            queue["items"].as_array().unwrap().iter().map(|c| (&c["hours"], &c["policy"])).collect();
        let (new, old) = ((&json!("30"), &json!("2023.2")), (&json!("12"), &json!("2023.1")));
        assert!(shown.len() == 2 && shown.contains(&new) && shown.contains(&old), "{queue}");
        let decide = async |id: &str| {
            reviewer
                .call("POST", &format!("/api/v1/claims/{id}/decision"), json!({"decision": "approve"}))
                .await
        };
        let refused = decide(&claims[1]).await;
        assert_eq!((refused.status, refused.code()), (409, "claim_item_gone"));
        let approved = decide(&claims[0]).await;
        assert_eq!(
            (approved.status, &approved.json["policy"]),
            (200, &json!("2023.2")),
            "{:?}",
            approved.json
        );
        world.settle().await;
        assert!(hours::replay(&world.site).await.unwrap().is_ok());
        let ledger = teacher.call("GET", "/api/v1/me/years/2023/ledger", Value::Null).await.json;
        let entry = &ledger["items"][0];
        assert_eq!((&entry["policy"], &entry["hours"]), (&json!("2023.2"), &json!("30")), "{entry}");
    })
    .await;
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
