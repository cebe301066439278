//! What was not credited can be seen, understood and appealed; what was learned without a network counts under a lease.
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    platform_trail::trail,
    school::{Learner, Lesson, School, at_both},
};

const CREDITED: &str = "SELECT CAST(COALESCE(SUM(to_ms - from_ms), 0) AS BIGINT) FROM credited_intervals";
/// No two credited stretches share a moment.
const TWICE: &str = "SELECT COUNT(*) FROM credited_intervals a JOIN credited_intervals b ON a.learner_id = b.learner_id \
    AND a.id < b.id AND a.wall_from < b.wall_to AND b.wall_from < a.wall_to";
/// Everyone who has come in so far looks after the platform.
const APPOINT: &str = "INSERT INTO managers (subject_id, added_at) SELECT subject_id, 0 FROM learners";

async fn refusals(learner: &Learner) -> Vec<Value> {
    let listed = learner.client.call("GET", "/api/v1/me/refusals", Value::Null).await;
    assert_eq!(listed.status, 200, "{:?}", listed.json);
    listed.json["items"].as_array().unwrap().clone()
}

async fn appeal(learner: &Learner, refusal: &Value) -> Answer {
    let path = format!("/api/v1/refusals/{}/appeal", refusal["id"].as_str().unwrap());
    learner.client.call("POST", &path, json!({"words": "当时一直在学习，页面没有离开。"})).await
}

async fn decide(manager: &Learner, appeal: &Value, decision: &str) -> Answer {
    let path = format!("/api/v1/appeals/{}/decision", appeal["id"].as_str().unwrap());
    manager.client.call("POST", &path, json!({"decision": decision, "answer": "记录显示播放正常。"})).await
}

/// Each decision of the story below, once.
async fn are_on_record(manager: &Learner) {
    let decided = trail(manager, "action=appeal").await;
    let said: Vec<&Value> = decided.iter().map(|e| &e["details"]["credited_seconds"]).collect();
    assert_eq!(said, [&json!(15), &json!(10), &json!(15)]);
    assert_eq!(decided[0]["details"]["state"], json!({"before": "waiting", "after": "granted"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_listed_and_what_is_granted_stays_within_the_clock() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let (learner, stranger) = (school.learner().await, school.learner().await);
        let mut lesson = learner.open("long-1").await;
        lesson.play(&school).await;
        school.clock.advance(40);
        let told = lesson.beat(55.0).await;
        assert_eq!(told["refused"], json!([{"reason": "gap", "seconds": 10.0}]));
        school.clock.advance(15);
        lesson.send(json!({"seq": lesson.seq, "position": 70, "playing": true, "visible": false})).await;
        lesson.seq += 1;
        school.clock.advance(15);
        assert_eq!(lesson.beat(900.0).await["refused"][0]["reason"], "jump");

        let refused = refusals(&learner).await;
        let reasons: Vec<&str> = refused.iter().map(|r| r["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, ["jump", "hidden", "gap"]);
        let (jump, hidden, gap) = (&refused[0], &refused[1], &refused[2]);
        assert!(refusals(&stranger).await.is_empty());
        assert_eq!(appeal(&stranger, hidden).await.status, 404);
        let bundle = format!("/api/v1/refusals/{}/evidence", hidden["id"].as_str().unwrap());
        assert_eq!(stranger.client.call("GET", &bundle, Value::Null).await.status, 404);
        let bundle = learner.client.call("GET", &bundle, Value::Null).await.json;
        assert_eq!(bundle["bundle"]["refusal"]["reason"], "hidden");
        let credited = bundle["bundle"]["credited"].as_array().unwrap();
        assert_eq!((credited.len(), &credited[0]["to_ms"]), (1, &json!(45_000)), "one run: {bundle}");
        assert_eq!(bundle["seal"].as_str().unwrap().len(), 64);

        let before = school.number(CREDITED).await;
        for (refusal, worth) in [(hidden, 15_000), (gap, 10_000), (jump, 15_000)] {
            let filed = appeal(&learner, refusal).await;
            assert_eq!((filed.status, &filed.json["state"]), (201, &json!("waiting")), "{:?}", filed.json);
            assert_eq!(appeal(&learner, refusal).await.json["id"], filed.json["id"], "filed once");
            assert_eq!(decide(&learner, &filed.json, "grant").await.status, 403, "learners decide nothing");
            let earlier = school.number(CREDITED).await;
            let granted = decide(&manager, &filed.json, "grant").await;
            assert_eq!(
                (granted.status, &granted.json["state"]),
                (200, &json!("granted")),
                "{:?}",
                granted.json
            );
            assert_eq!(school.number(CREDITED).await - earlier, worth, "{refusal}");
            assert_eq!(decide(&manager, &filed.json, "uphold").await.status, 409);
        }
        assert_eq!(school.number(CREDITED).await, before + 40_000, "the time that passed, not a second more");
        assert_eq!(school.number(TWICE).await, 0);
        are_on_record(&manager).await;
        school.clock.advance(15);
        let replay = json!([{"reason": "replay", "seconds": 15.0}]);
        assert_eq!(lesson.beat(85.0).await["refused"], replay, "the living session knows it");
        assert_eq!(lesson.play(&school).await["credited"], 15.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_on_an_own_appeal_and_pages_are_for_those_they_are_for() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let own = manager.open("long-1").await;
        hide(&school, own).await;
        let refused = refusals(&manager).await;
        let filed = appeal(&manager, &refused[0]).await;
        assert_eq!(decide(&manager, &filed.json, "grant").await.json["code"], "own_decision");
        for page in ["/me/refusals", "/studio/appeals", "/studio"] {
            assert_eq!(manager.client.call("GET", page, Value::Null).await.status, 200, "{page}");
        }
        assert_eq!(learner.client.call("GET", "/studio/appeals", Value::Null).await.status, 403);
    })
    .await;
}

async fn hide(school: &School, lesson: Lesson) {
    school.clock.advance(15);
    lesson.send(json!({"seq": lesson.seq, "position": 15, "playing": true, "visible": false})).await;
}

/// Signs a batch as the player does.
pub fn batch(issued: &Value, beats: &[(i64, i64, i64)]) -> Value {
    let lease = issued["lease"].as_str().unwrap();
    let lines = beats.iter().map(|(after, seq, position)| format!("\n{after} {seq} {position} 1 1"));
    let text: String = std::iter::once(lease.to_owned()).chain(lines).collect();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, issued["key"].as_str().unwrap().as_bytes());
    let signature = secrets::hex(ring::hmac::sign(&key, text.as_bytes()).as_ref());
    let beat = |(after, seq, position): &(i64, i64, i64)| json!({"after_ms": after, "seq": seq, "position_ms": position, "playing": true, "visible": true});
    json!({"lease": lease, "beats": beats.iter().map(beat).collect::<Vec<_>>(), "signature": signature})
}

pub async fn hand_in(lesson: &Lesson, batch: Value) -> Answer {
    let path = format!("/api/v1/learning-sessions/{}/offline", lesson.id);
    lesson.client.call("POST", &path, batch).await
}

pub async fn lease(lesson: &Lesson) -> Value {
    let path = format!("/api/v1/learning-sessions/{}/lease", lesson.id);
    let issued = lesson.client.call("POST", &path, Value::Null).await;
    assert_eq!((issued.status, &issued.json["seconds"]), (201, &json!(600)), "{:?}", issued.json);
    issued.json
}

/// A beat every 15 s from an offset on: after the lease's issue in ms, number, position in ms.
fn beats(from_seq: i64, from: i64, count: i64) -> Vec<(i64, i64, i64)> {
    (1..=count).map(|n| (n * 15_000, from_seq + n - 1, from + n * 15_000)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_minutes_without_a_network_count_under_a_lease_and_a_check_follows() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let mut lesson = learner.open("long-1").await;
        lesson.play(&school).await;
        let issued = lease(&lesson).await;
        school.clock.advance(590);
        let late = batch(&issued, &beats(lesson.seq, 15_000, 39));
        let told = hand_in(&lesson, late.clone()).await;
        assert_eq!(told.status, 200, "{:?}", told.json);
        assert_eq!((&told.json["credited"], &told.json["refused"]), (&json!(585.0), &json!([])));
        let again = hand_in(&lesson, late).await;
        assert_eq!((again.status, &again.json["credited"]), (200, &json!(0.0)), "the same batch again");
        assert_eq!(school.number(CREDITED).await, 600_000);
        assert_eq!(school.number(TWICE).await, 0);
        lesson.seq += 39;
        // The check that came due without a network appears when it can be seen, at the latest with the next minutes.
        let mut position = 600.0;
        let mut asked = told.json["attention"].clone();
        for _ in 0..30 {
            if !asked.is_null() {
                break;
            }
            school.clock.advance(15);
            position += 15.0;
            asked = lesson.beat(position).await["attention"].clone();
        }
        assert!(!asked.is_null());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_gains_no_more_than_itself_and_cannot_be_made_up() {
    at_both(|school| async move {
        let (learner, stranger) = (school.learner().await, school.learner().await);
        let lesson = learner.open("long-1").await;
        let issued = lease(&lesson).await;
        // At once: no time has passed.
        let told = hand_in(&lesson, batch(&issued, &beats(1, 0, 39))).await;
        assert_eq!((told.status, &told.json["credited"]), (200, &json!(0.0)));
        // An hour later, by forged times and at sixteen times the speed.
        school.clock.advance(3_600);
        school.run("UPDATE visits SET last_operation_at = last_operation_at + 3600000").await;
        let fast: Vec<_> = (1..=39).map(|n| (n * 15_000, 100 + n, n * 90_000)).collect();
        hand_in(&lesson, batch(&issued, &fast)).await;
        let beyond: Vec<_> = (1..=239).map(|n| (n * 15_000, 200 + n, n * 15_000)).collect();
        hand_in(&lesson, batch(&issued, &beyond)).await;
        assert!(school.number(CREDITED).await <= 600_000, "{}", school.number(CREDITED).await);
        assert_eq!(school.number(TWICE).await, 0);

        let mut forged = batch(&issued, &beats(900, 600_000, 2));
        forged["beats"][1]["position_ms"] = json!(700_000);
        let mut foreign = batch(&issued, &beats(900, 600_000, 2));
        foreign["lease"] = json!("0190a5d4-0000-7000-8000-000000000000.1.00");
        for bad in [forged, foreign, json!({"lease": "", "beats": [], "signature": ""})] {
            let told = hand_in(&lesson, bad).await;
            assert_eq!(told.status, 422, "{:?}", told.json);
        }
        let theirs = stranger.open("long-1").await;
        let told = hand_in(&theirs, batch(&issued, &beats(1, 0, 2))).await;
        assert_eq!(told.json["code"], "lease_refused", "a lease belongs to its session");
        let stolen = Lesson { client: stranger.client.clone(), ..lesson.clone() };
        assert_eq!(hand_in(&stolen, batch(&issued, &beats(900, 0, 2))).await.status, 404);
        learner.open("long-1").await;
        let told = hand_in(&lesson, batch(&issued, &beats(950, 700_000, 2))).await;
        assert_eq!((told.status, &told.json["credited"]), (200, &json!(0.0)), "its lease is over");
        for (beats, field) in [
            (vec![(15_000, 1_000_000_001, 15_000)], "beats"),
            (vec![(15_000, 960, -1)], "beats"),
            (vec![(15_000, 960, 3_700_000)], "position"),
        ] {
            let lesson = learner.open("long-1").await;
            let told = hand_in(&lesson, batch(&lease(&lesson).await, &beats)).await;
            assert_eq!((told.status, told.json["errors"][0]["field"].as_str().unwrap()), (422, field));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learned_before_another_device_took_over_is_credited_up_to_that_moment() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let mut first = learner.open("long-1").await;
        first.play(&school).await;
        let issued = lease(&first).await;
        // Nine seconds after its last report the lecture goes on at another device.
        school.clock.advance(9);
        let mut second = learner.open("long-1").await;
        assert!((second.position - 15.0).abs() < f64::EPSILON);
        school.clock.advance(3);
        second.beat(18.0).await;
        let late = json!({"seq": first.seq, "position": 27.0, "playing": true, "visible": true});
        assert_eq!(first.send(late).await.json["code"], "superseded");
        // The first page tells under its lease: 12 s played, 9 of them before the other began; 3 are covered by now.
        let told = hand_in(&first, batch(&issued, &[(12_000, first.seq, 27_000)])).await;
        assert_eq!((told.status, &told.json["credited"]), (200, &json!(6.0)), "{:?}", told.json);
        assert_eq!(
            told.json["refused"],
            json!([{"reason": "replay", "seconds": 3.0}, {"reason": "superseded", "seconds": 3.0}])
        );
        let again = hand_in(&first, batch(&issued, &[(12_000, first.seq, 27_000)])).await;
        assert_eq!(again.json["credited"], 0.0);
        // The living session knows of it: nothing is credited twice.
        school.clock.advance(15);
        let told = second.beat(33.0).await;
        assert_eq!((&told["credited"], &told["total"]), (&json!(9.0), &json!(33.0)));
        assert_eq!((school.number(CREDITED).await, school.number(TWICE).await), (33_000, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_without_a_network_are_not_lost_when_another_device_goes_on() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let mut first = learner.open("long-1").await;
        first.play(&school).await;
        let issued = lease(&first).await;
        school.clock.advance(300);
        let mut second = learner.open("fire-1").await;
        second.play(&school).await;
        // Eight minutes were played, five of them before another lecture was begun elsewhere.
        school.clock.advance(165);
        let told = hand_in(&first, batch(&issued, &beats(first.seq, 15_000, 32))).await;
        assert_eq!((told.status, &told.json["credited"]), (200, &json!(300.0)), "{:?}", told.json);
        assert_eq!(school.number(CREDITED).await, 330_000);
        assert_eq!(school.number(TWICE).await, 0);
        let back = learner.open("long-1").await;
        assert!((back.position - 315.0).abs() < f64::EPSILON, "{}", back.position);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_midnight_of_12_31_the_last_second_learned_decides_the_year() {
    at_both(|school| async move {
        let (first, second) = (school.learner().await, school.learner().await);
        // 23:52 on the last day.
        school.clock.advance(38 * 86_400 + 13 * 3_600 + 52 * 60);
        school.run("UPDATE visits SET created_at = created_at + 3333120000, last_operation_at = last_operation_at + 3333120000").await;
        let said = async |path: &str| {
            let page = second.client.call("GET", path, Value::Null).await;
            String::from_utf8(page.bytes).unwrap()
        };
        assert!(said("/courses/fire").await.contains("12 月 31 日 24 时以后学完的，计入 2027 年度"));
        let offline = first.open("fire-1").await;
        let issued = lease(&offline).await;
        school.clock.advance(240);
        assert!(said("/lectures/fire-1").await.contains("已经不够学完本课程，学完后计入 2027 年度"));
        let mut lesson = second.open("fire-1").await;
        for _ in 0..20 {
            lesson.play(&school).await;
        }
        // 00:03: what was learned without a network until 23:57 is handed in.
        school.clock.advance(120);
        let told = hand_in(&offline, batch(&issued, &beats(1, 0, 20))).await;
        assert_eq!((told.status, &told.json["credited"]), (200, &json!(300.0)), "{:?}", told.json);
        let of = |year: i64, at: &str| {
            let at = base::day::millis(at.parse().unwrap());
            format!("SELECT COUNT(*) FROM course_completions WHERE year = {year} AND completed_at = {at}")
        };
        assert_eq!(school.number(&of(2026, "2026-12-31T23:57:00+08:00")).await, 1);
        assert_eq!(school.number(&of(2027, "2027-01-01T00:01:00+08:00")).await, 1);
        // In January the pledge for last year's course can still be made.
        let pledged = first.client.call("POST", "/api/v1/courses/fire/completion", json!({"pledge": true})).await;
        assert_eq!(pledged.status, 204, "{:?}", pledged.json);
        assert_eq!(school.number("SELECT COUNT(*) FROM course_completions").await, 2);
    })
    .await;
}
