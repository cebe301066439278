//! One rule in one place: the same achievement counts once whichever of its files comes first, a day counts as long as the
//! year's policy says, and whoever a policy or a correction gives another result hears of it.
use std::collections::BTreeMap;

use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    files::{pdf, upload},
    reports::confirmed,
    world::{PASSWORD, World, on_both, on_both_made},
};

async fn text(client: &Client, path: &str) -> String {
    String::from_utf8(client.call("GET", path, Value::Null).await.bytes).unwrap()
}

/// What counts of each title of a year, and why not more.
async fn counted(client: &Client, year: u16) -> BTreeMap<String, (String, Value)> {
    let ledger = client.call("GET", &format!("/api/v1/me/years/{year}/ledger"), Value::Null).await.json;
    let credits = ledger["items"].as_array().unwrap().iter().filter(|e| e["kind"] == "credit");
    let of = |e: &Value, key: &str| e[key].as_str().unwrap().to_owned();
    credits.map(|e| (of(e, "title"), (of(e, "counted"), e["reason"].clone()))).collect()
}

/// The record of the contract, assessed by whoever has it, gives the numbers that are shown.
async fn is_the_same_outside(client: &Client, year: u16) {
    let shown = client.call("GET", &format!("/api/v1/me/years/{year}"), Value::Null).await.json;
    let record = client.call("GET", &format!("/api/v1/me/years/{year}/record"), Value::Null).await.json;
    let (_, policy) = rules::policy::delivered().iter().find(|(y, _)| y.number() == 2023).unwrap();
    let mut out = vec![];
    rules::assess::run_line(
        &rules::Policy::load(policy).unwrap(),
        1,
        record.to_string().as_bytes(),
        &mut out,
    );
    let assessed: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        (&assessed["earned"], &assessed["credits"]),
        (&shown["earned"], &shown["credits"]),
        "{record}"
    );
}

/// Files a claim on files and has it approved; its id.
async fn approved(
    teacher: &Client,
    reviewer: &Client,
    (title, on, files): (&str, &str, Vec<&Value>),
) -> String {
    let body = json!({"year": 2023, "item": "meeting.city", "title": title, "on": on, "files": files, "submit": true});
    let made = teacher.call("POST", "/api/v1/claims", body).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    let decision = json!({"decision": "approve", "comment": "属实"});
    let decided = reviewer.call("POST", &format!("/api/v1/claims/{id}/decision"), decision).await;
    assert_eq!(decided.json["state"], "approved", "{:?}", decided.json);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_counts_once_whichever_place_it_has_among_a_claims_files() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let mut files = vec![];
        for n in 1..=3 {
            files.push(upload(&teacher, ("a.pdf", "application/pdf"), &pdf(n)).await.json["id"].clone());
        }
        let [one, two, three] = [&files[0], &files[1], &files[2]];
        let first = approved(&teacher, &reviewer, ("甲", "2023-06-01", vec![one, two])).await;
        let look = format!(
            "/api/v1/claims/preview?year=2023&item=meeting.city&on=2023-06-02&files={},{}",
            three.as_str().unwrap(),
            two.as_str().unwrap()
        );
        let seen = teacher.call("GET", &look, Value::Null).await.json;
        assert_eq!(
            (&seen["counted"], &seen["reason"]),
            (&json!("0"), &json!("duplicate_achievement")),
            "{seen}"
        );
        let waiting = json!({"year": 2023, "item": "meeting.city", "title": "丁", "on": "2023-06-04",
            "files": [three, two], "submit": true});
        let waiting = teacher.call("POST", "/api/v1/claims", waiting).await.json["id"].clone();
        let page = text(&reviewer, &format!("/reviews/{}", waiting.as_str().unwrap())).await;
        assert!(page.contains("通过后计入 0 学时") && page.contains("证明材料相同"), "{page}");

        approved(&teacher, &reviewer, ("乙", "2023-06-02", vec![three, two])).await;
        approved(&teacher, &reviewer, ("丙", "2023-06-03", vec![three])).await;
        let (full, none) = (("4".to_owned(), Value::Null), ("0".to_owned(), json!("duplicate_achievement")));
        let now = counted(&teacher, 2023).await;
        assert_eq!(
            [&now["甲"], &now["乙"], &now["丙"]],
            [&full, &none, &full],
            "丙 shares with what counts nothing"
        );
        is_the_same_outside(&teacher, 2023).await;
        let page = text(&teacher, "/hours?year=2023").await;
        assert!(page.contains("有一份证明材料相同"), "{page}");

        let why = json!({"reason": "材料不实"});
        let back = admin.call("POST", &format!("/api/v1/claims/{first}/reversal"), why).await;
        assert_eq!(back.status, 200, "{:?}", back.json);
        let now = counted(&teacher, 2023).await;
        assert_eq!([&now["乙"], &now["丙"]], [&full, &none], "what it was the same as is gone");
        is_the_same_outside(&teacher, 2023).await;
        world.settle().await;
        assert_eq!(statistics::verify(&world.site, "2023".parse().unwrap()).await.unwrap(), []);
        assert_eq!(hours::replay(&world.site).await.unwrap(), Ok(4));
    })
    .await;
}

fn delivered(year: i16) -> &'static str {
    rules::policy::delivered().iter().find(|(y, _)| y.number() == year).unwrap().1
}

/// Two people of the authority at the top.
async fn keepers(world: &World) -> (Client, Client) {
    (
        world.ready("zhengce1", Role::Authority, "430100").await,
        world.ready("zhengce2", Role::Authority, "430100").await,
    )
}

/// Publishes a policy; the version that decisions name.
async fn publish(world: &World, (first, second): &(Client, Client), text: &str) {
    let draft = first.call("POST", "/api/v1/policies/drafts", json!({"text": text})).await;
    assert_eq!(draft.status, 201, "{:?}", draft.json);
    let path = format!("/api/v1/policies/drafts/{}/activation", draft.json["id"].as_str().unwrap());
    let done = second.call("POST", &path, Value::Null).await;
    assert_eq!(done.status, 200, "{:?}", done.json);
    world.settle().await;
}

fn one_day(title: &str, on: &str, people: Vec<&Value>) -> Value {
    json!({"title": title, "from": on, "to": on, "days": "1", "subject": "professional", "people": people})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_training_counts_as_long_as_the_years_policy_says() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let person = vec![&people[0]["id"]];
        let before =
            admin.call("POST", "/api/v1/batch-claims", one_day("先", "2026-11-02", person.clone())).await;
        assert_eq!(before.json["hours"], "8", "{:?}", before.json);
        let shorter = delivered(2026).replacen("hours_per_day = \"8\"", "hours_per_day = \"6\"", 1);
        publish(&world, &keepers(&world).await, &shorter).await;
        let admin = world.anyone.with_token(world.sign_in("yuanzhang", PASSWORD).await["token"].as_str().unwrap());
        let after = admin.call("POST", "/api/v1/batch-claims", one_day("后", "2026-11-03", person)).await;
        assert_eq!(
            (&after.json["hours"], &after.json["items"][0]["credited"]),
            (&json!("6"), &json!("6")),
            "{:?}",
            after.json
        );
        let ledger = teacher.call("GET", "/api/v1/me/years/2026/ledger", Value::Null).await.json;
        let line = |n: usize| ["hours", "counted", "reason", "policy"].map(|key| ledger["items"][n][key].clone());
        assert_eq!(line(0), [json!("8"), json!("6"), json!("policy_changed"), json!("2026.1")]);
        assert_eq!(line(1), [json!("6"), json!("6"), Value::Null, json!("2026.2")]);
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!((&year["earned"]["total"], &year["earned"]["days"]), (&json!("12"), &json!("2")));
        let page = text(&teacher, "/hours?year=2026").await;
        assert!(page.contains("登记时按 2026.1 版政策为 8 学时"), "{page}");
        assert_eq!(hours::replay(&world.site).await.unwrap(), Ok(2), "each under its own version");

        let stay = json!({"unit": "43010001", "title": "现场", "date": "2026-11-23", "from": "12:00", "to": "18:00"});
        let made = admin.call("POST", "/api/v1/attendances", stay).await;
        let page = text(&admin, &format!("/attendances/{}", made.json["id"].as_str().unwrap())).await;
        assert!(page.contains("满 3 小时半天，满 6 小时 1 天"), "{page}");
    })
    .await;
}

/// The texts of a person's messages of a kind, the oldest first.
async fn told(client: &Client, kind: &str) -> Vec<String> {
    let all = client.call("GET", "/api/v1/me/messages?limit=100", Value::Null).await.json;
    let of_kind = all["items"].as_array().unwrap().iter().filter(|m| m["kind"] == kind);
    let mut texts: Vec<String> = of_kind.map(|m| m["text"].as_str().unwrap().to_owned()).collect();
    texts.reverse();
    texts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_policy_tells_whose_result_changes_and_why() {
    on_both_made(World::of_all_ways, |world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let colleague = world.trainee(&admin, &people[1]).await;
        confirmed(&world, &teacher, "jiaoshi@example.cn").await;
        admin
            .call("POST", "/api/v1/batch-claims", one_day("集训", "2026-11-02", vec![&people[0]["id"]]))
            .await;
        let keepers = keepers(&world).await;
        let easier = delivered(2026)
            .replacen("total = \"90\"", "total = \"8\"", 1)
            .replacen("public = \"30\"", "public = \"0\"", 1)
            .replacen("professional = \"60\"", "professional = \"8\"", 1);
        publish(&world, &keepers, &easier).await;
        let heard = told(&teacher, "policy").await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        for words in ["由 2026.1 版改为 2026.2 版", "年度要求由共 90 学时", "由未完成变为已完成"]
        {
            assert!(heard[0].contains(words), "{heard:?}");
        }
        assert!(told(&colleague, "policy").await[0].contains("还差由共 90 学时"));
        let mails = world.mail("jiaoshi@example.cn");
        assert_eq!(mails.iter().filter(|m| m["purpose"] == "policy").count(), 1, "{mails:?}");
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        let no = year["certificate_no"].as_str().unwrap().to_owned();

        let again = hours::Replaced { year: "2026".parse().unwrap(), version: 2 };
        world.site.enqueue(&world.site.db, hours::POLICY_REPLACED, &again).await.unwrap();
        world.settle().await;
        assert_eq!(told(&teacher, "policy").await.len(), 1, "nobody hears of a version twice");
        assert_eq!(world.mail("jiaoshi@example.cn").len(), mails.len());

        world.clock.advance(60);
        publish(&world, &keepers, &easier.replacen("closes_on = 2027-01-31", "closes_on = 2027-02-28", 1))
            .await;
        assert_eq!(told(&colleague, "policy").await.len(), 1, "another closing day changes no result");
        publish(&world, &keepers, delivered(2026)).await;
        let heard = told(&teacher, "policy").await;
        assert!(heard.len() == 2 && heard[1].contains("由已完成变为未完成"), "{heard:?}");
        let revoked = world.anyone.call("GET", &format!("/api/v1/verify/{no}"), Value::Null).await.json;
        assert_eq!(revoked["state"], "revoked", "{revoked}");
        let ended = told(&teacher, "certificate").await;
        assert!(ended.iter().any(|t| t.contains(&no) && t.contains("年度政策已调整")), "{ended:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_states_no_hours_that_the_ledger_does_not_hold() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let id = &people[0]["id"];
        let book = |title: &str, from: &str, to: &str, days: &str, subject: &str| {
            let body = json!({"title": title, "from": from, "to": to, "days": days, "subject": subject, "people": [id]});
            let admin = admin.clone();
            async move { admin.call("POST", "/api/v1/batch-claims", body).await.json["id"].clone() }
        };
        book("公共", "2023-03-06", "2023-03-10", "4", "public").await;
        let wrong = book("误登", "2023-06-05", "2023-06-07", "2", "professional").await;
        book("专业", "2023-04-03", "2023-04-14", "8", "professional").await;
        world.settle().await;
        let asked = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await.json;
        let no = asked["no"].as_str().unwrap().to_owned();
        let state = || async {
            let seen = world.anyone.call("GET", &format!("/api/v1/verify/{no}"), Value::Null).await.json;
            ["state", "professional", "total", "revision"].map(|key| seen[key].clone())
        };
        assert_eq!(state().await, [json!("valid"), json!("80"), json!("112"), json!(1)]);
        let pdf_path = format!("/api/v1/certificates/{no}.pdf");
        let old = teacher.call("GET", &pdf_path, Value::Null).await.bytes;

        book("又学", "2023-09-04", "2023-09-04", "1", "professional").await;
        world.settle().await;
        assert_eq!(state().await[2..], [json!("112"), json!(1)], "more hours later change nothing");
        let path = format!("/api/v1/batch-claims/{}/reversal", wrong.as_str().unwrap());
        let back = admin.call("POST", &path, json!({"people": [id], "reason": "更正"})).await;
        assert_eq!(back.status, 200, "{:?}", back.json);
        world.settle().await;
        assert_eq!(state().await, [json!("valid"), json!("72"), json!("104"), json!(2)]);
        let asked = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await.json;
        assert_eq!(asked["no"], json!(no), "the same number");
        assert_eq!(crate::certificate_states::upload(&world, &old).await["state"], "superseded");
        let heard = told(&teacher, "certificate").await;
        assert!(heard.iter().any(|t| t.contains("由 112 变为 104")), "{heard:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_says_what_counts_of_it_also_where_another_training_has_the_day() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let training = |title: &str, from: &str, to: &str, days: &str| {
            json!({"title": title, "from": from, "to": to, "days": days, "subject": "professional",
                "people": people.iter().map(|p| &p["id"]).collect::<Vec<_>>()})
        };
        let first = training("暑期集训", "2023-08-30", "2023-09-01", "3");
        let second = training("校本培训", "2023-09-01", "2023-09-02", "1");
        for (body, expected) in [
            (&first, ("24", Value::Null)),
            (&second, ("0", json!("overlap"))),
            (&second, ("0", json!("overlap"))),
        ] {
            let answer = admin.call("POST", "/api/v1/batch-claims", body.clone()).await;
            assert_eq!(answer.status, 200, "{:?}", answer.json);
            for item in answer.json["items"].as_array().unwrap() {
                assert_eq!((item["credited"].as_str().unwrap(), item["reason"].clone()), expected, "{item}");
            }
        }
    })
    .await;
}
