//! What a provider and the management platform are to each other: joining by way of the sandbox, keys in rotation, quotas,
//! accounts, the same courses, courses on their way, lines that rest.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{completion, provider, providers_api::Provider, report, subject},
    training_site::{Site, course},
    world::{World, on_both},
    xapi,
};

const CREDIT_CODE: &str = "91350100M000100Y43";

fn application(name: &str, url: &str) -> Value {
    json!({"name": name, "title": "湖南某培训中心", "credit_code": CREDIT_CODE, "contact": "李老师",
        "telephone": "0731-80000000", "redirect_uri": format!("{url}/callback")})
}

pub async fn decide_on(boss: &Client, name: &str, decision: &str, reason: &str) -> u16 {
    let body = json!({"decision": decision, "reason": reason});
    boss.call("POST", &format!("/api/v1/providers/{name}/decision"), body).await.status
}

pub async fn page(client: &Client, path: &str) -> String {
    let answer = client.call("GET", path, Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

/// The authority's form that names an operator.
async fn appoint(boss: &Client, name: &str, account: &str) -> String {
    let body = format!("account={account}&_csrf={}", crate::roster::csrf(boss).await);
    let sent = ("application/x-www-form-urlencoded", body.into_bytes());
    let answer = boss.send("POST", &format!("/providers/{name}/operators"), sent, &[]).await;
    assert!(matches!(answer.status, 200 | 303), "{}", answer.status);
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

fn state_of<'v>(steps: &'v Value, step: &str) -> (&'v str, &'v str) {
    let found = steps.as_array().unwrap().iter().find(|s| s["step"] == step).unwrap();
    (found["state"].as_str().unwrap(), found["detail"].as_str().unwrap())
}

/// A key is made, and the catalogue is read until it is in order.
async fn check_the_catalogue(operator: &Client, site: &Site) -> Provider {
    let key = operator.call("POST", "/api/v1/provider/keys", json!({})).await;
    assert_eq!(key.status, 201, "{:?}", key.json);
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let program = Provider { key_id: text(&key.json["key_id"]), secret: text(&key.json["secret"]) };
    let checked = operator.call("POST", "/api/v1/provider/check", json!({})).await;
    assert_eq!(state_of(&checked.json["steps"], "catalogue"), ("wrong", "no_courses"));
    site.says(|s| s.courses = json!({"items": [course("fire", "消防", 480), course("x", "", 480)]}));
    let checked = operator.call("POST", "/api/v1/provider/check", json!({})).await;
    assert_eq!(state_of(&checked.json["steps"], "catalogue"), ("wrong", "course 2: course_title"));
    assert!(page(operator, "/provider").await.contains("第 2 门课程"));
    site.says(|s| s.courses = json!({"items": [course("fire", "消防", 480)]}));
    assert_eq!(operator.call("POST", "/api/v1/provider/go-live", json!({})).await.status, 409, "no pass yet");
    program
}

/// Everything that the check asks for is shown, one step after the other.
async fn show_everything(world: &World, operator: &Client, program: &Provider) {
    let stranger = Provider { key_id: program.key_id.clone(), secret: "x".into() };
    let batch = json!({"completions": []});
    assert_eq!(stranger.post(world, "/api/v1/provider/completions", &batch).await.status, 401);
    let own = operator.call("GET", "/api/v1/provider", Value::Null).await.json;
    assert_eq!(state_of(&own["steps"], "signature"), ("wrong", "signature_invalid"));
    let subject = subject(world, operator, program, "px").await;
    let checked = operator.call("POST", "/api/v1/provider/check", json!({})).await;
    assert_eq!(
        (state_of(&checked.json["steps"], "sign_in").0, &checked.json["pass"]),
        ("holds", &Value::Null)
    );
    let mut bad = completion("k0", &subject);
    bad["minutes"] = json!(7);
    assert_eq!(report(world, program, bad).await, ("refused".into(), json!("minutes_differ")));
    let own = operator.call("GET", "/api/v1/provider", Value::Null).await.json;
    assert_eq!(state_of(&own["steps"], "completion"), ("wrong", "minutes_differ"));
    for _ in 0..2 {
        assert_eq!(
            report(world, program, completion("k1", &subject)).await,
            ("kept".into(), json!("sandbox"))
        );
    }
    let checked = operator.call("POST", "/api/v1/provider/check", json!({})).await;
    assert_eq!(checked.json["pass"]["proof"]["cryptosuite"], "eddsa-jcs-2022", "{:?}", checked.json);
    assert_eq!(state_of(&checked.json["steps"], "statement").0, "missing", "xAPI may be left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_joins_by_way_of_the_sandbox_and_a_signed_pass() {
    on_both(|world| async move {
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let operator = world.ready("jigou", Role::Provider, "43").await;
        let site = Site::open().await;
        let wrong = json!({"name": "a b", "title": "", "credit_code": "x", "contact": "", "telephone": "", "redirect_uri": "x"});
        let refused = operator.call("POST", "/api/v1/provider/application", wrong).await;
        assert_eq!((refused.status, refused.json["errors"].as_array().unwrap().len()), (422, 6));
        let applied = operator.call("POST", "/api/v1/provider/application", application("px", &site.url)).await;
        assert_eq!(applied.status, 201, "{:?}", applied.json);
        assert!(page(&operator, "/provider").await.contains("等待主管部门审核"));
        assert_eq!(operator.call("POST", "/api/v1/provider/keys", json!({})).await.status, 409, "no keys before it is admitted");
        assert!(page(&boss, "/providers").await.contains("等待决定"));
        assert_eq!(decide_on(&boss, "px", "refuse", "").await, 422, "a refusal says why");
        assert_eq!(decide_on(&boss, "px", "refuse", "营业范围不符").await, 204);
        assert!(page(&operator, "/provider").await.contains("营业范围不符"));
        let again = operator.call("POST", "/api/v1/provider/application", application("px", &site.url)).await;
        assert_eq!(again.status, 201, "{:?}", again.json);
        assert_eq!(decide_on(&boss, "px", "open", "").await, 409, "not past the sandbox");
        assert_eq!(decide_on(&boss, "px", "admit", "").await, 204);

        let program = check_the_catalogue(&operator, &site).await;
        show_everything(&world, &operator, &program).await;
        assert_eq!(operator.call("POST", "/api/v1/provider/go-live", json!({})).await.status, 204);
        assert_eq!(decide_on(&boss, "px", "open", "").await, 204);
        let courses = boss.call("GET", "/api/v1/courses", Value::Null).await.json;
        assert_eq!(courses["items"][0]["provider"], "px", "a live provider's courses are in the catalogue");
        let subject = subject(&world, &operator, &program, "px").await;
        let sent = report(&world, &program, completion("k1", &subject)).await;
        assert_eq!(sent.0, "counted", "what was tried counts when sent again");
        assert!(page(&operator, "/messages").await.contains("已上线"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_top_authority_decides_and_operators_see_only_their_own() {
    on_both(|world| async move {
        let (admin, _) = world.college(1).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let lower = world.ready("shi", Role::Authority, "4301").await;
        provider(&world, "webtrn").await;
        assert_eq!(decide_on(&lower, "webtrn", "suspend", "x").await, 403);
        assert_eq!(decide_on(&admin, "webtrn", "suspend", "x").await, 403);
        let other = world.ready("jigou", Role::Provider, "43").await;
        let site = Site::open().await;
        other.call("POST", "/api/v1/provider/application", application("px", &site.url)).await;
        for path in [
            "/api/v1/providers",
            "/api/v1/providers/webtrn",
            "/providers/webtrn",
            "/provider-outbox",
            "/course-mapping",
        ] {
            assert_eq!(other.call("GET", path, Value::Null).await.status, 403, "{path}");
        }
        assert_eq!(admin.call("GET", "/provider", Value::Null).await.status, 403);
        assert_eq!(decide_on(&boss, "webtrn", "suspend", "多次报送错误记录").await, 204);
        for path in [
            "/providers",
            "/providers/webtrn",
            "/providers/webtrn/accounts/2026-11",
            "/course-mapping",
            "/provider-outbox",
        ] {
            page(&boss, path).await;
        }
        assert!(page(&boss, "/providers/webtrn").await.contains("多次报送错误记录"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_providers_records_wait_and_count_for_their_day() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let subject = subject(&world, &teacher, &program, "webtrn").await;
        assert_eq!(decide_on(&boss, "webtrn", "suspend", "核查中").await, 204);
        assert_eq!(
            report(&world, &program, completion("k1", &subject)).await,
            ("kept".into(), json!("provider_suspended"))
        );
        let launched = teacher.call("POST", "/api/v1/providers/webtrn/launch", json!({})).await;
        assert_eq!((launched.status, launched.json["code"].as_str()), (409, Some("provider_suspended")));
        let listed = teacher.call("GET", "/api/v1/courses", Value::Null).await.json;
        assert!(listed["items"].as_array().unwrap().is_empty());
        world.clock.advance(3 * 24 * 3600);
        let teacher = world.sign_in(people[0]["account"].as_str().unwrap(), crate::world::PASSWORD).await;
        let teacher = world.anyone.with_token(teacher["token"].as_str().unwrap());
        let boss = world.sign_in("sheng", crate::world::PASSWORD).await;
        let boss = world.anyone.with_token(boss["token"].as_str().unwrap());
        assert_eq!(decide_on(&boss, "webtrn", "resume", "").await, 204);
        assert_eq!(report(&world, &program, completion("k1", &subject)).await.0, "counted");
        let record = teacher.call("GET", "/api/v1/me/years/2026/record", Value::Null).await.json;
        assert_eq!(record["credits"][0]["completed_on"], "2026-11-23", "the day it was earned");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_are_valid_while_one_follows_the_other() {
    on_both(|world| async move {
        let operator = world.ready("jigou", Role::Provider, "43").await;
        let old = provider(&world, "webtrn").await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        assert!(appoint(&boss, "webtrn", "nobody").await.contains("alert"), "an account without the role");
        appoint(&boss, "webtrn", "jigou").await;
        assert!(page(&boss, "/providers/webtrn").await.contains("jigou"));
        assert_eq!(
            operator.call("DELETE", &format!("/api/v1/provider/keys/{}", old.key_id), json!({})).await.status,
            409,
            "the last key of a live provider stays"
        );
        world.clock.advance(1);
        let made = operator.call("POST", "/api/v1/provider/keys", json!({})).await.json;
        let new = Provider {
            key_id: made["key_id"].as_str().unwrap().into(),
            secret: made["secret"].as_str().unwrap().into(),
        };
        let batch = json!({"completions": []});
        for key in [&old, &new] {
            assert_eq!(
                key.post(&world, "/api/v1/provider/completions", &batch).await.status,
                200,
                "both hold"
            );
        }
        assert_eq!(operator.call("POST", "/api/v1/provider/keys", json!({})).await.status, 409, "not three");
        let ended =
            operator.call("DELETE", &format!("/api/v1/provider/keys/{}", old.key_id), json!({})).await;
        assert_eq!(ended.status, 204);
        assert_eq!(old.post(&world, "/api/v1/provider/completions", &batch).await.status, 401);
        assert_eq!(new.post(&world, "/api/v1/provider/completions", &batch).await.status, 200);
        let page = page(&operator, "/provider/keys").await;
        assert!(page.contains(&old.key_id) && page.contains("已停用") && !page.contains(&new.secret));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_are_unlimited_unless_set() {
    on_both(|world| async move {
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let program = provider(&world, "webtrn").await;
        let lrs = xapi::lrs(&world, "alpha").await;
        let batch = json!({"completions": []});
        for _ in 0..5 {
            assert_eq!(program.post(&world, "/api/v1/provider/completions", &batch).await.status, 200);
        }
        let quota = json!({"requests_a_minute": 2, "completions_a_day": 1, "record_requests_a_minute": null});
        let set = boss.call("PUT", "/api/v1/providers/webtrn/quota", quota).await;
        assert_eq!(set.status, 204, "{:?}", set.json);
        for status in [200, 200, 429] {
            let answer = program.post(&world, "/api/v1/provider/completions", &batch).await;
            assert_eq!(answer.status, status);
            assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
        }
        world.clock.advance(60);
        let two = json!({"completions": [completion("a", "x"), completion("b", "x")]});
        let refused = program.post(&world, "/api/v1/provider/completions", &two).await;
        assert_eq!((refused.status, refused.json["code"].as_str()), (429, Some("quota_exceeded")), "whole");
        assert_eq!(
            report(&world, &program, completion("a", "x")).await.0,
            "refused",
            "one fits into the day"
        );
        let quota =
            json!({"requests_a_minute": null, "completions_a_day": null, "record_requests_a_minute": 2});
        assert_eq!(boss.call("PUT", "/api/v1/providers/alpha/quota", quota).await.status, 204);
        world.clock.advance(60);
        for status in [200, 200, 429] {
            assert_eq!(lrs.get("/statements", &[]).await.status, status);
        }
        world.clock.advance(60);
        assert_eq!(lrs.get("/statements", &[]).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_months_account_lists_what_differs_on_both_sides() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let subject = subject(&world, &teacher, &program, "webtrn").await;
        assert_eq!(report(&world, &program, completion("k1", &subject)).await.0, "counted");
        assert_eq!(report(&world, &program, completion("k2", "nobody")).await.0, "refused");
        let record = |id: &str, hours: &str, fee: &str| json!({"id": id, "course": "fire", "hours": hours, "fee": fee});
        let statement = json!({"records": [record("k1", "0.2", "1.00"), record("k2", "0.2", "0.00"), record("k3", "0.2", "0.00")]});
        let path = "/api/v1/provider/accounts/2026-11";
        let account = program.post(&world, path, &statement).await;
        assert_eq!(account.status, 200, "{:?}", account.json);
        assert_eq!(account.json["records"], json!({"theirs": "3", "ours": "1"}));
        let said: Vec<(&str, &str, &str)> = account.json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| (d["id"].as_str().unwrap(), d["difference"].as_str().unwrap(), d["ours"].as_str().unwrap()))
            .collect();
        assert_eq!(
            said,
            [("k1", "fee", "0.00"), ("k2", "not_counted", "person_unknown"), ("k3", "not_received", "")]
        );
        assert_eq!(program.get(&world, path).await.json, account.json, "read again");
        assert_eq!(program.post(&world, "/api/v1/provider/accounts/2026-13", &statement).await.status, 422);
        let shown = page(&boss, "/providers/webtrn/accounts/2026-11").await;
        assert!(shown.contains("费用不一致") && shown.contains("平台没有收到"));
        let many: Vec<Value> = (0..1201).map(|n| record(&format!("x {n:04}"), "0.2", "0.00")).collect();
        let long = program.post(&world, path, &json!({"records": many})).await.json;
        assert_eq!((&long["differing"], long["differences"].as_array().unwrap().len()), (&json!(1202), 1000));
        let next = long["next"].as_str().unwrap().replace(' ', "%20");
        let rest = program.get(&world, &format!("{path}?after={next}")).await.json;
        let ids = |of: &Value| of["differences"].as_array().unwrap().iter().map(|d| d["id"].clone()).collect::<Vec<_>>();
        let (mut all, last) = (ids(&long), ids(&rest));
        all.extend(last);
        all.dedup();
        assert_eq!((all.len(), &rest["next"], &rest["differing"]), (1202, &Value::Null, &json!(1202)));
        let shown = page(&boss, "/providers/webtrn/accounts/2026-11").await;
        assert!(shown.contains("?after=x+0198+not_received"), "{shown}");
        let shown = page(&boss, "/providers/webtrn/accounts/2026-11?after=x+1198+not_received").await;
        assert!(shown.contains("x 1199") && !shown.contains("x 1198") && !shown.contains("下一页"));
        let mended = json!({"records": [record("k1", "0.2", "0.00")]});
        assert_eq!(program.post(&world, path, &mended).await.json["differing"], 0);
        let levels = boss.call("GET", "/api/v1/providers/webtrn", Value::Null).await.json["levels"].clone();
        assert_eq!((&levels["received"], &levels["counted"]), (&json!(2), &json!(1)));
        assert_eq!(levels["rejects"][0]["reason"], "person_unknown");
        assert_eq!(levels["delay_p95"], 3120, "from 09:08 to 10:00");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_course_has_not_arrived_answers_itself_and_pulls_it_again() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let site = Site::open().await;
        providers::moved(&world.site, "webtrn", &site.url).await.unwrap();
        let subject = subject(&world, &teacher, &program, "webtrn").await;
        site.says(|s| s.courses = json!({"items": [course("fire", "消防", 480)]}));
        world.settle().await;
        let learned = |status: &str| {
            json!({"items": [
                {"id": "k1", "course": "fire", "title": "消防", "percent": 100, "completed_at": "2026-11-23T09:08:00+08:00",
                 "sent_at": null, "status": status, "reason": null},
                {"id": "enrolment:law", "course": "law", "title": "法律", "percent": 40, "completed_at": null, "sent_at": null,
                 "status": "under_way", "reason": null}]})
        };
        site.says(|s| s.learned = learned("waiting"));
        assert_eq!(teacher.call("POST", "/api/v1/me/arrivals/pull", json!({})).await.status, 202);
        world.settle().await;
        site.says(|s| assert_eq!(s.asked, [json!({"subject_id": subject, "resend": true})]));
        let arrivals = teacher.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
        let of = |arrivals: &Value, title: &str| {
            arrivals["items"].as_array().unwrap().iter().find(|a| a["title"] == title).unwrap().clone()
        };
        let fire = of(&arrivals, "消防");
        assert_eq!((&fire["turn"], &fire["reason"]), (&json!("provider"), &json!("not_sent")));
        assert_eq!(fire["stages"][0]["at"], "2026-11-23T09:08:00+08:00");
        let law = of(&arrivals, "法律");
        assert_eq!((&law["turn"], &law["percent"]), (&json!("learner"), &json!(40)));
        assert!(page(&teacher, "/arrivals").await.contains("轮到培训机构"));
        assert_eq!(report(&world, &program, completion("k1", &subject)).await.0, "counted");
        site.says(|s| s.learned = learned("counted"));
        teacher.call("POST", "/api/v1/me/arrivals/pull", json!({})).await;
        world.settle().await;
        let arrivals = teacher.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
        let fire = of(&arrivals, "消防");
        assert_eq!((&fire["turn"], &fire["stages"][4]["is_reached"]), (&json!("nobody"), &json!(true)));
        assert_eq!(arrivals["items"].as_array().unwrap().len(), 2, "one line for a course, whoever tells of it");
        let sql = "SELECT COUNT(*) FROM provider_disputes WHERE closed_at IS NULL";
        assert_eq!(db::count(&world.site.db, sql, vec![]).await.unwrap(), 0, "the question is answered");
        let path = format!("people/{}/arrivals", people[0]["id"].as_str().unwrap());
        crate::linked::helpers_see_it_too(&world, (&admin, &path), &arrivals).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_rests_is_seen_and_its_calls_are_replayed() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let support = world.ready("kefu", Role::Support, "43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let site = Site::open().await;
        providers::moved(&world.site, "webtrn", &site.url).await.unwrap();
        site.says(|s| s.status = 503);
        subject(&world, &teacher, &program, "webtrn").await;
        teacher.call("POST", "/api/v1/me/arrivals/pull", json!({})).await;
        let mut state = Value::Null;
        for _ in 0..200 {
            world.clock.advance(5);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            state = support.call("GET", "/api/v1/provider-outbox", Value::Null).await.json;
            if state["lines"][0]["rests_until"].is_string() && !state["failed"].as_array().unwrap().is_empty()
            {
                break;
            }
        }
        assert_eq!(state["lines"][0]["error"], "http_503", "{state}");
        assert!(state["lines"][0]["failures"].as_i64().unwrap() >= 3, "{state}");
        assert!(page(&support, "/provider-outbox").await.contains("立即重发"));
        for _ in 0..12 {
            teacher.call("POST", "/api/v1/providers/webtrn/launch", json!({})).await;
            teacher.call("POST", "/api/v1/me/arrivals/pull", json!({})).await;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let waiting = "SELECT COUNT(*) FROM jobs WHERE kind LIKE 'providers.%' AND attempts > 0";
        let waiting = db::count(&world.site.db, waiting, vec![]).await.unwrap();
        assert!(waiting < 6, "whoever comes by while it is down adds no call of an own: {waiting}");
        site.says(|s| s.status = 200);
        for _ in 0..100 {
            let failed = state["failed"].as_array().unwrap().clone();
            for call in &failed {
                let path = format!("/api/v1/provider-outbox/{}/replay", call["id"].as_str().unwrap());
                let status = support.call("POST", &path, json!({})).await.status;
                assert!(matches!(status, 204 | 404), "404 while it runs: {status}");
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            state = support.call("GET", "/api/v1/provider-outbox", Value::Null).await.json;
            if state["failed"].as_array().unwrap().is_empty() {
                break;
            }
        }
        assert_eq!((&state["failed"], &state["lines"][0]["failures"]), (&json!([]), &json!(0)), "{state}");
        assert_eq!(teacher.call("GET", "/api/v1/provider-outbox", Value::Null).await.status, 403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_breaks_a_rule_is_suspended_with_the_figures() {
    on_both(|world| async move {
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let program = provider(&world, "webtrn").await;
        let batch: Vec<Value> = (0..210).map(|n| completion(&format!("k{n}"), "nobody")).collect();
        let answer =
            program.post(&world, "/api/v1/provider/completions", &json!({"completions": batch})).await;
        assert_eq!(answer.status, 200);
        providers::schedule(&world.site).await.unwrap();
        world.settle().await;
        let standing = boss.call("GET", "/api/v1/providers/webtrn", Value::Null).await.json;
        assert_eq!(standing["standing"], "suspended");
        assert!(standing["reason"].as_str().unwrap().contains("210"), "{standing}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_is_open_to_anyone() {
    on_both(|world| async move {
        let guide = page(&world.anyone, "/provider-guide").await;
        assert!(guide.contains("3ebLpYGBg8S8vytTZgpZTR7yGan6WFzqvkKhceQSIaE=") && guide.contains("测试向量"));
    })
    .await;
}
