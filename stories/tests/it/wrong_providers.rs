//! Providers that are slow, wrong or hostile, and what is kept of what they say until it can count.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{at_another_time, completion, provider, report, subject},
    relations::decide_on,
    training_site::{Site, course},
    world::{PASSWORD, World, on_both},
    xapi,
};

/// Asks until the answer is as wanted.
pub async fn until(client: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> bool {
    for _ in 0..200 {
        if wanted(&client.call("GET", path, Value::Null).await.json) {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_answers_slowly_delays_nobody_else() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let (slow, quick) = (Site::open().await, Site::open().await);
        let mut teachers = vec![];
        for person in &people {
            teachers.push(world.trainee(&admin, person).await);
        }
        for (name, site) in [("alpha", &slow), ("beta", &quick)] {
            let program = provider(&world, name).await;
            providers::moved(&world.site, name, &site.url).await.unwrap();
            for teacher in &teachers {
                subject(&world, teacher, &program, name).await;
            }
        }
        world.settle().await;
        quick.says(|s| {
            s.learned = json!({"items": [{"id": "k", "course": "fire", "title": "消防", "percent": 40, "completed_at": null,
                "sent_at": null, "status": "under_way", "reason": null}]});
        });
        slow.says(|s| s.is_slow = true);
        for teacher in &teachers {
            teacher.call("POST", "/api/v1/me/arrivals/pull", json!({})).await;
        }
        for teacher in &teachers {
            let has = |a: &Value| a["items"].as_array().is_some_and(|i| i.iter().any(|i| i["provider"] == "beta"));
            assert!(until(teacher, "/api/v1/me/arrivals", has).await, "the other provider is asked meanwhile");
        }
        slow.says(|s| {
            assert_eq!(s.asked.len(), 1, "one call at a time waits for it");
            s.is_slow = false;
        });
        world.settle().await;
        slow.says(|s| assert_eq!(s.asked.len(), 3, "and then the others follow"));
    })
    .await;
}

/// A statement of `s-9` who completed a course on the `n`th day after November 20th.
pub fn statement(world: &World, n: u32, course: &str) -> Value {
    json!({
        "id": xapi::uuid(n),
        "actor": {"account": {"homePage": world.url, "name": "s-9"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": format!("https://alpha.example/courses/{course}")},
        "result": {"completion": true, "duration": "PT8M"},
        "timestamp": format!("2026-11-2{n}T09:08:00+08:00"),
        "context": {"contextActivities": {"category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_cannot_count_yet_waits_and_counts_for_its_day() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let lrs = xapi::lrs(&world, "alpha").await;
        let site = Site::open().await;
        providers::moved(&world.site, "alpha", &site.url).await.unwrap();
        site.says(|s| s.courses = json!({"items": [course("fire", "消防", 480)]}));
        providers::sync_all(&world.site).await.unwrap();
        world.settle().await;
        let sql = "INSERT INTO provider_subjects (provider_id, subject_id, person_id) SELECT id, 's-9', $1 FROM providers WHERE name = 'alpha'";
        db::execute(&world.site.db, sql, db::params![people[0]["id"].as_str().unwrap()]).await.unwrap();
        let earned = async || teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json["earned"]["total"].clone();
        assert_eq!(decide_on(&boss, "alpha", "suspend", "核查").await, 204);
        lrs.post(&statement(&world, 1, "fire")).await;
        world.settle().await;
        assert_eq!(earned().await, "0", "nothing counts meanwhile");
        assert_eq!(decide_on(&boss, "alpha", "resume", "").await, 204);
        world.settle().await;
        assert_eq!(earned().await, "0.2", "nobody has to send it again");

        lrs.post(&statement(&world, 2, "flood")).await;
        world.settle().await;
        assert_eq!(earned().await, "0.2", "the course is not known yet");
        site.says(|s| s.courses = json!({"items": [course("fire", "消防", 480), {"id": 7}, course("flood", "防汛", 480)], "next": null}));
        providers::sync_all(&world.site).await.unwrap();
        world.settle().await;
        assert_eq!(earned().await, "0.4", "known now, though another course of the list is not in order");
        let record = teacher.call("GET", "/api/v1/me/years/2026/record", Value::Null).await.json;
        let mut days: Vec<&str> = record["credits"].as_array().unwrap().iter().filter_map(|c| c["completed_on"].as_str()).collect();
        days.sort_unstable();
        assert_eq!(days, ["2026-11-21", "2026-11-22"]);
        let sql = "SELECT COUNT(*) FROM provider_waiting";
        assert_eq!(db::count(&world.site.db, sql, vec![]).await.unwrap(), 0, "nothing waits any more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_a_batch_is_named() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let subject = subject(&world, &teacher, &program, "webtrn").await;
        let path = "/api/v1/provider/completions";
        let with = |key: &str, value: Value| {
            let mut bad = completion("k2", &subject);
            bad[key] = value;
            json!({"completions": [completion("k1", &subject), bad]})
        };
        for (key, value, place) in [
            ("fee", json!("1.234"), "completions[1].fee"),
            ("minutes", json!("8"), "completions[1].minutes"),
            ("surprise", json!(1), "completions[1].surprise"),
        ] {
            let refused = program.post(&world, path, &with(key, value)).await;
            assert_eq!(
                (refused.status, &refused.json["errors"][0]["field"]),
                (422, &json!(place)),
                "{:?}",
                refused.json
            );
        }
        let sql = "SELECT COUNT(*) FROM completions";
        assert_eq!(db::count(&world.site.db, sql, vec![]).await.unwrap(), 0, "nothing half-stored");
        let wrong = [
            ("id", json!(""), "id_unreadable"),
            ("id", json!("a\u{0}b"), "id_unreadable"),
            ("subject_id", json!("s\u{0}"), "id_unreadable"),
            ("course", json!("x".repeat(201)), "id_unreadable"),
            (
                "intervals",
                json!([{"from": "2026-11-23T09:08:00+08:00", "to": "2026-11-23T09:00:00+08:00"}]),
                "intervals_wrong",
            ),
            (
                "intervals",
                json!([{"from": "2020-11-23T09:00:00+08:00", "to": "2020-11-23T09:08:00+08:00"}]),
                "intervals_wrong",
            ),
        ];
        for (n, (key, value, reason)) in wrong.into_iter().enumerate() {
            let mut bad = completion(&format!("w{n}"), &subject);
            bad[key] = value;
            assert_eq!(report(&world, &program, bad).await, ("refused".into(), json!(reason)));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_returned_is_checked_anew_and_an_id_stands_for_one_content() {
    on_both(|world| async move {
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let system = world.ready("xitong", Role::SystemAdmin, "43").await;
        world.ready("jigou", Role::Staff, "43").await;
        let page = opened(&system, "nobody").await;
        assert!(page.contains("这一项的内容不正确"), "{page}");
        let page = opened(&system, "jigou").await;
        assert!(page.contains("已指定"), "{page}");
        let token = world.sign_in("jigou", PASSWORD).await["token"].as_str().unwrap().to_owned();
        let operator = world.anyone.with_token(&token);
        let site = Site::open().await;
        let form = json!({"name": "px", "title": "某培训中心", "credit_code": "91350100M000100Y43", "contact": "李老师",
            "telephone": "0731-80000000", "redirect_uri": format!("{}/callback", site.url)});
        let applied = operator.call("POST", "/api/v1/provider/application", form).await;
        assert_eq!(applied.status, 201, "{:?}", applied.json);
        assert_eq!(decide_on(&boss, "px", "admit", "").await, 204);
        let key = operator.call("POST", "/api/v1/provider/keys", json!({})).await.json;
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let program = crate::courses::providers_api::Provider { key_id: text(&key["key_id"]), secret: text(&key["secret"]) };
        site.says(|s| s.courses = json!({"items": [course("fire", "消防", 480)]}));
        operator.call("POST", "/api/v1/provider/check", json!({})).await;
        let subject = subject(&world, &operator, &program, "px").await;
        let sent = report(&world, &program, completion("k1", &subject)).await;
        assert_eq!(sent, ("kept".into(), json!("sandbox")));
        let mut other = completion("k1", &subject);
        other["fee"] = json!("1.00");
        assert_eq!(report(&world, &program, other).await, ("refused".into(), json!("id_reused")));
        assert_eq!(report(&world, &program, completion("k1", &subject)).await.0, "kept");
        let ask = async || operator.call("POST", "/api/v1/provider/go-live", json!({})).await.status;
        let check = async || operator.call("POST", "/api/v1/provider/check", json!({})).await.json["pass"].is_object();
        assert!(check().await);
        assert_eq!(ask().await, 204);
        world.clock.advance(60);
        assert_eq!(decide_on(&boss, "px", "return", "请补充教师").await, 204);
        assert_eq!(ask().await, 409, "the pass is older than what had to be mended");
        assert!(check().await);
        assert_eq!(ask().await, 204);
    })
    .await;
}

/// The system administrator's form that lets an account apply.
async fn opened(system: &Client, account: &str) -> String {
    let body = format!("account={account}&_csrf={}", crate::roster::csrf(system).await);
    let sent = ("application/x-www-form-urlencoded", body.into_bytes());
    let answer = system.send("POST", "/provider-holders", sent, &[]).await;
    assert_eq!(answer.status, 200);
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_claims_is_not_taken_for_what_was_received() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let (program, site) = (provider(&world, "webtrn").await, Site::open().await);
        providers::moved(&world.site, "webtrn", &site.url).await.unwrap();
        let mut teachers = vec![];
        for person in &people {
            let teacher = world.trainee(&admin, person).await;
            let subject = subject(&world, &teacher, &program, "webtrn").await;
            teachers.push((teacher, subject));
        }
        let [(asking, _), (other, at_other)] = &teachers[..] else { panic!("two people") };
        assert_eq!(report(&world, &program, completion("k1", at_other)).await.0, "counted");
        // Asked about one, it answers with the other's record, and that something counted which never came.
        let told = |id: &str| {
            json!({"id": id, "course": "fire", "title": "消防", "percent": 100, "sent_at": "2026-11-23T09:09:00+08:00",
                "completed_at": "2026-11-23T09:08:00+08:00", "status": "counted", "reason": null})
        };
        site.says(|s| s.learned = json!({"items": [told("k1"), told("k9")]}));
        assert_eq!(asking.call("POST", "/api/v1/me/arrivals/pull", json!({})).await.status, 202);
        world.settle().await;
        let seen = asking.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
        let lines = seen["items"].as_array().unwrap();
        assert_eq!(lines.len(), 2, "{seen}");
        for line in lines {
            assert_eq!((&line["turn"], &line["reason"]), (&json!("provider"), &json!("claimed")), "{line}");
            assert!(line["stages"].as_array().unwrap()[2..].iter().all(|s| s["is_reached"] == false), "{line}");
        }
        let own = other.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "{own}");
        assert_eq!(own["items"][0]["stages"][4]["is_reached"], true, "{own}");
        // The same course once more counts nothing, and says so.
        world.clock.advance(1);
        let again = at_another_time(completion("k2", at_other), 0);
        assert_eq!(report(&world, &program, again).await, ("kept".to_owned(), json!("duplicate_course")));
        let own = other.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
        let line = &own["items"][0];
        assert_eq!((&line["turn"], &line["reason"]), (&json!("nobody"), &json!("duplicate_course")), "{own}");
        assert_eq!(line["stages"][4]["is_reached"], false, "{own}");
        assert!(crate::relations::page(other, "/arrivals").await.contains("培训项目不可重复"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_holds_in_the_middle_of_a_batch() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let subject = subject(&world, &teacher, &program, "webtrn").await;
        let all: Vec<Value> =
            (0..300).map(|n| at_another_time(completion(&format!("k{n:03}"), &subject), -1 - n)).collect();
        let batch = json!({"completions": all});
        let suspend = async {
            let some = "SELECT COUNT(*) FROM completions";
            while db::count(&world.site.db, some, vec![]).await.unwrap() == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            let sql = "UPDATE providers SET standing = 'suspended'";
            db::execute(&world.site.db, sql, vec![]).await.unwrap();
        };
        let (answer, ()) =
            tokio::join!(program.post(&world, "/api/v1/provider/completions", &batch), suspend);
        let items = answer.json["items"].as_array().unwrap();
        let counted = items.iter().take_while(|i| i["status"] == "counted").count();
        assert!((1..300).contains(&counted), "{counted}");
        assert!(items[counted..].iter().all(|i| i["reason"] == "provider_suspended"), "{:?}", items[counted]);
        let booked = "SELECT COUNT(*) FROM hour_entries";
        assert_eq!(db::count(&world.site.db, booked, vec![]).await.unwrap(), i64::try_from(counted).unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_answered_is_suspended_after_a_week_of_failures_and_not_before() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        // Nothing listens where it is said to be: it may be one that only sends.
        let program = provider(&world, "webtrn").await;
        subject(&world, &teacher, &program, "webtrn").await;
        let until = async |sql: &str, seconds: i64| {
            for _ in 0..600 {
                if db::count(&world.site.db, sql, vec![]).await.unwrap() > 0 {
                    return true;
                }
                world.clock.advance(seconds);
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            false
        };
        assert!(until("SELECT COUNT(*) FROM provider_lines WHERE failures > 3", 30).await);
        providers::schedule(&world.site).await.unwrap();
        // It has looked once tomorrow's look is in the queue.
        let looked =
            "SELECT COUNT(*) FROM jobs WHERE kind = 'providers.look' AND payload LIKE '%2026-11-24%'";
        assert!(until(looked, 0).await);
        let suspended =
            "SELECT COUNT(*) FROM providers WHERE standing = 'suspended' AND standing_reason LIKE '%7 天%'";
        assert_eq!(db::count(&world.site.db, suspended, vec![]).await.unwrap(), 0, "it fails since today");
        assert!(until(suspended, 1800).await, "a week of failures");
    })
    .await;
}
