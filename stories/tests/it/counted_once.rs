//! What counts once: a course that two providers have, and the time in which someone learned at two of them.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{at_another_time, completion, provider, providers_api::Provider, report, subject},
    relations::page,
    training_site::course,
    world::{World, on_both},
    wrong_providers::until,
};

/// What the authority's page knows.
async fn mapping(boss: &Client) -> Value {
    boss.call("GET", "/api/v1/course-mapping", Value::Null).await.json
}

/// The suggestion with these titles, as a decision names its courses.
fn pair(mapping: &Value, title: &str, same: bool) -> Value {
    let all = mapping["suggestions"].as_array().unwrap();
    let found = all.iter().find(|s| s["one"]["title"].as_str().unwrap().contains(title)).unwrap();
    json!({"one": found["one"]["id"], "other": found["other"]["id"], "same": same})
}

async fn earned(teacher: &Client) -> Value {
    teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json["earned"]["public"].clone()
}

/// Learned there, the law's course.
async fn learn(world: &World, teacher: &Client, at: (&str, &Provider)) {
    assert_eq!(told(world, teacher, at).await, ("counted".to_owned(), Value::Null));
}

/// The same for a course that the year holds already.
async fn learn_again(world: &World, teacher: &Client, at: (&str, &Provider)) {
    assert_eq!(told(world, teacher, at).await, ("kept".to_owned(), json!("duplicate_course")));
}

async fn told(world: &World, teacher: &Client, (name, program): (&str, &Provider)) -> (String, Value) {
    let subject = subject(world, teacher, program, name).await;
    let slot = i64::from(name == "webtrn");
    let mut done = at_another_time(completion(&format!("k-{subject}"), &subject), slot);
    done["course"] = json!("law");
    let told = report(world, program, done).await;
    world.clock.advance(1);
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn courses_that_are_the_same_are_suggested_count_once_and_each_again_when_that_was_wrong() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let mut teachers = vec![];
        for person in &people {
            teachers.push(world.trainee(&admin, person).await);
        }
        let (one, other) = (provider(&world, "webtrn").await, provider(&world, "ischinese").await);
        let list = |title: &str| json!({"courses": [course("law", title, 480), course("", "x", 480)]});
        let pushed = one.post(&world, "/api/v1/provider/courses", &list("民法典婚姻家庭编解读")).await;
        assert_eq!(pushed.status, 200, "{:?}", pushed.json);
        let items = &pushed.json["items"];
        assert_eq!((&items[0]["status"], &items[1]["reason"]), (&json!("taken"), &json!("course_id")));
        other.post(&world, "/api/v1/provider/courses", &list("《民法典》婚姻家庭编解读（2026版）")).await;
        let suggested = mapping(&boss).await;
        let (law, fire) = (pair(&suggested, "民法典", true), pair(&suggested, "消防", false));
        // One of them learned it here before the authority said a word.
        learn(&world, &teachers[1], ("ischinese", &other)).await;
        assert_eq!(teachers[0].call("POST", "/api/v1/course-mapping", law.clone()).await.status, 403);
        for decision in [&law, &law, &fire] {
            assert_eq!(boss.call("POST", "/api/v1/course-mapping", decision.clone()).await.status, 204);
        }
        let said = "SELECT COUNT(*) FROM audit_entries WHERE action = 'courses.join'";
        assert_eq!(db::count(&world.site.db, said, vec![]).await.unwrap(), 1, "said twice is said once");
        let decided = mapping(&boss).await;
        assert_eq!(decided["suggestions"], json!([]), "what was decided is not suggested again");
        let courses = decided["groups"][0]["courses"].as_array().unwrap();
        assert_eq!(courses.len(), 2);
        assert!(page(&boss, "/course-mapping").await.contains("拆开"));
        learn(&world, &teachers[0], ("webtrn", &one)).await;
        learn_again(&world, &teachers[0], ("ischinese", &other)).await;
        learn_again(&world, &teachers[1], ("webtrn", &one)).await;
        for teacher in &teachers {
            assert_eq!(earned(teacher).await, "0.2");
            let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
            assert!(year["credits"].as_array().unwrap().iter().any(|c| c["reason"] == "duplicate_course"));
        }
        let head = format!("/api/v1/course-mapping/{}", courses[0]["id"].as_str().unwrap());
        assert_eq!(boss.call("DELETE", &head, json!({})).await.status, 409, "it is itself");
        let joined = format!("/api/v1/course-mapping/{}", courses[1]["id"].as_str().unwrap());
        assert_eq!(boss.call("DELETE", &joined, json!({})).await.status, 204);
        assert_eq!(mapping(&boss).await["groups"], json!([]));
        for teacher in &teachers {
            let is_whole = |year: &Value| year["earned"]["public"] == "0.4";
            assert!(
                until(teacher, "/api/v1/me/years/2026", is_whole).await,
                "the mistake took nothing from anyone"
            );
            let ledger = teacher.call("GET", "/api/v1/me/years/2026/ledger", Value::Null).await.json;
            let entries = ledger["items"].as_array().unwrap();
            assert_eq!(entries.iter().filter(|e| e["kind"] == "reversal").count(), 1, "{ledger}");
            let why = page(teacher, "/hours?year=2026").await;
            assert!(why.contains("撤销了") && why.contains("按本课程登记"), "{why}");
        }
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
        assert_eq!(hours::replay(&world.site).await.unwrap().unwrap(), 8);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_learned_both_before_the_confirmation_keeps_the_earlier_one_and_is_told() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let (one, other) = (provider(&world, "webtrn").await, provider(&world, "ischinese").await);
        let list = json!({"courses": [course("law", "民法典婚姻家庭编解读", 480)]});
        for program in [&one, &other] {
            assert_eq!(program.post(&world, "/api/v1/provider/courses", &list).await.status, 200);
        }
        let both = world.trainee(&admin, &people[0]).await;
        let only = world.trainee(&admin, &people[1]).await;
        learn(&world, &both, ("ischinese", &other)).await;
        learn(&world, &both, ("webtrn", &one)).await;
        learn(&world, &only, ("ischinese", &other)).await;
        assert_eq!((earned(&both).await, earned(&only).await), (json!("0.4"), json!("0.2")));
        let law = pair(&mapping(&boss).await, "民法典", true);
        assert_eq!(boss.call("POST", "/api/v1/course-mapping", law).await.status, 204);
        let counted = |hours: &'static str| move |year: &Value| year["earned"]["public"] == hours;
        assert!(
            until(&both, "/api/v1/me/years/2026", counted("0.2")).await,
            "a course counts once in a year"
        );
        let year = both.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        let credits: Vec<_> =
            year["credits"].as_array().unwrap().iter().map(|c| (&c["counted"], &c["reason"])).collect();
        assert_eq!(credits, [(&json!("0.2"), &Value::Null), (&json!("0"), &json!("duplicate_course"))]);
        let said = |messages: &Value| messages.to_string().contains("计较早完成的一次");
        assert!(until(&both, "/api/v1/me/messages", said).await, "the person is told");
        let entries = |ledger: &Value| ledger["items"].as_array().unwrap().len();
        let ledger = only.call("GET", "/api/v1/me/years/2026/ledger", Value::Null).await.json;
        assert_eq!(
            (entries(&ledger), earned(&only).await),
            (1, json!("0.2")),
            "nothing is changed for one alone"
        );
        let joined = mapping(&boss).await["groups"][0]["courses"][1]["id"].clone();
        let joined = format!("/api/v1/course-mapping/{}", joined.as_str().unwrap());
        assert_eq!(boss.call("DELETE", &joined, json!({})).await.status, 204);
        assert!(until(&both, "/api/v1/me/years/2026", counted("0.4")).await, "and a mistake takes nothing");
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
        hours::replay(&world.site).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn near_titles_are_suggested_with_what_differs_and_parts_of_one_course_are_not() {
    on_both(|world| async move {
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let (one, other) = (provider(&world, "webtrn").await, provider(&world, "ischinese").await);
        let send = async |program: &Provider, courses: [Value; 3]| {
            let batch = json!({"courses": courses, "whole": true});
            assert_eq!(program.post(&world, "/api/v1/provider/courses", &batch).await.status, 200);
            world.clock.advance(1);
        };
        let (first, second) =
            (course("a", "公文写作实务（一）", 480), course("b", "公文写作实务（二）", 480));
        send(&one, [first, second, course("c", "数字政府建设2025版", 480)]).await;
        let renewed = course("z", "【数字政府】建设（２０２６年版）", 960);
        send(&other, [course("x", "公文写作实务 二", 480), course("y", "公文写作实务第三讲", 480), renewed])
            .await;
        let mapping = mapping(&boss).await;
        let suggested = mapping["suggestions"].as_array().unwrap();
        let seen: Vec<Value> =
            suggested.iter().map(|s| json!([s["one"]["title"], s["other"]["title"], s["differs"]])).collect();
        let expected = [
            json!(["公文写作实务（二）", "公文写作实务 二", []]),
            json!(["数字政府建设2025版", "【数字政府】建设（２０２６年版）", ["year", "length"]]),
        ];
        assert_eq!(seen, expected);
        let page = page(&boss, "/course-mapping").await;
        assert!(page.contains("年份不同") && page.contains("时长不同"), "{page}");
    })
    .await;
}

/// Learned there from one instant to another, without a pause.
fn stretch(id: &str, subject: &str, (from, to): (&str, &str)) -> Value {
    let mut done = completion(id, subject);
    let at = |text: &str| format!("{text}+08:00");
    done["started_at"] = json!(at(from));
    done["completed_at"] = json!(at(to));
    done["intervals"] = json!([{"from": at(from), "to": at(to)}]);
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn time_learned_at_three_places_counts_once_over_the_turn_of_the_year() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let mut places = vec![];
        for name in ["webtrn", "hnkfdx", "ischinese"] {
            let program = provider(&world, name).await;
            let subject = subject(&world, &teacher, &program, name).await;
            places.push((program, subject));
        }
        let (none, overlap, same) = (Value::Null, json!("overlap"), json!("duplicate_course"));
        let cases = [
            (0, "2025-12-31T23:56:00", "2026-01-01T00:04:00", "counted", &none),
            // Half of it ran beside the first.
            (1, "2026-01-01T00:00:00", "2026-01-01T00:08:00", "counted", &overlap),
            // Five minutes beside the first, three beside the second.
            (2, "2025-12-31T23:59:00", "2026-01-01T00:07:00", "refused", &overlap),
            (2, "2026-01-01T00:05:00", "2026-01-01T00:13:00", "counted", &overlap),
            // Three minutes are left, which give no tenth of an hour; they stay free for others.
            (1, "2026-01-01T00:08:00", "2026-01-01T00:16:00", "refused", &overlap),
            (0, "2026-01-01T00:13:00", "2026-01-01T00:21:00", "kept", &same),
            // Told of last, learned first.
            (2, "2025-12-31T23:50:00", "2025-12-31T23:58:00", "refused", &json!("year_closed")),
            (1, "2025-12-31T23:52:00", "2026-01-01T00:00:00", "kept", &same),
        ];
        for (n, (place, from, to, status, reason)) in cases.into_iter().enumerate() {
            // Of two of one day the one that was received first counts.
            world.clock.advance(1);
            let (program, subject) = &places[place];
            let told = report(&world, program, stretch(&format!("k{n}"), subject, (from, to))).await;
            assert_eq!(told, (status.to_owned(), reason.clone()), "{n}: {from}");
        }
        let sum = "SELECT CAST(COALESCE(SUM(hours), 0) AS BIGINT) FROM hour_entries";
        // 8, 4, 5 (of which 4 give hours), 8 and 4 minutes.
        assert_eq!(db::count(&world.site.db, sum, vec![]).await.unwrap(), 20 + 10 + 10 + 20 + 10);
        assert_eq!(hours::overlaps(&world.site).await.unwrap(), 0);
    })
    .await;
}
