//! Learning at a course platform over the contract: what is credited, what is refused and why, checks, quizzes, years.
use serde_json::{Value, json};

use crate::{
    buying,
    school::{Lesson, School, at_both},
};

const CREDITED: &str = "SELECT CAST(COALESCE(SUM(to_ms - from_ms), 0) AS BIGINT) FROM credited_intervals";

fn close(found: &Value, wanted: f64) -> bool {
    (found.as_f64().unwrap() - wanted).abs() < 0.001
}

const DONE: &str = "SELECT COUNT(*) FROM course_completions";

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_gets_a_clear_answer_and_no_credit() {
    at_both(|school| async move {
        let learners = school.learners(2).await;
        let lesson = learners[0].open("fire-1").await;
        school.clock.advance(15);
        let good = json!({"seq": 1, "position": 15, "playing": true, "visible": true});
        let with = |key: &str, value: Value| {
            let mut beat = good.clone();
            beat[key] = value;
            beat
        };
        for (beat, field) in [
            (with("position", json!(-1)), "position"),
            (with("position", json!(400)), "position"),
            (with("position", json!(1e300)), "position"),
            (with("seq", json!(1_000_000_000_000_000_000_i64)), "seq"),
            (with("seq", json!(-1)), "seq"),
            (with("speed", json!(16)), "speed"),
            (with("playing", json!("yes")), "playing"),
        ] {
            let answer = lesson.send(beat.clone()).await;
            assert_eq!((answer.status, &answer.json["errors"][0]["field"]), (422, &json!(field)), "{beat}");
            assert!(answer.json["title"].as_str().unwrap().chars().any(|c| c > '\u{4e00}'));
        }
        let foreign = Lesson { client: learners[1].client.clone(), ..lesson.clone() };
        assert_eq!(foreign.send(good.clone()).await.status, 404);
        let unknown = Lesson { id: "no-such-session".into(), ..lesson.clone() };
        assert_eq!(unknown.send(good.clone()).await.status, 404);
        let nobody = Lesson { client: testkit::Client::new(&school.url), ..lesson.clone() };
        assert_eq!(nobody.send(good.clone()).await.status, 401);
        assert_eq!(school.number(CREDITED).await, 0);
        assert!(close(&lesson.send(good).await.json["credited"], 15.0), "and an honest beat still counts");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_from_one_learner_is_refused_and_the_others_feel_nothing() {
    at_both(|school| async move {
        let learners = school.learners(2).await;
        let mut flood = learners[0].open("fire-1").await;
        let mut honest = learners[1].open("fire-1").await;
        school.clock.advance(15);
        let mut refused = 0;
        for n in 0..400_i64 {
            let beat = json!({"seq": n + 1, "position": n % 15, "playing": true, "visible": true});
            let answer = flood.send(beat).await;
            if answer.status == 429 {
                assert_eq!(answer.json["code"], "too_many_beats");
                assert_eq!(answer.headers["retry-after"], "1");
                refused += 1;
            }
        }
        assert_eq!(refused, 200);
        assert!(close(&honest.beat(15.0).await["credited"], 15.0));
        assert!(school.number(CREDITED).await <= 30_000, "no more than the clock");
        school.clock.advance(30);
        flood.seq = 1000;
        flood.position = 14.0;
        assert!(flood.play(&school).await["total"].as_f64().unwrap() > 0.0, "it may go on afterwards");
    })
    .await;
}

/// Plays until a check waits; answers it with the last verdict and the seconds credited since the beginning.
async fn until_check(school: &School, lesson: &mut Lesson) -> (Value, f64) {
    let mut credited = 0.0;
    for _ in 0..100 {
        let answer = lesson.play(school).await;
        credited += answer["credited"].as_f64().unwrap();
        if !answer["attention"].is_null() {
            return (answer["attention"].clone(), credited);
        }
    }
    panic!("no check within 25 minutes");
}

fn right_answer(check: &Value) -> Value {
    match check["kind"].as_str().unwrap() {
        "confirm" => json!(true),
        _ => json!(check["prompt"].as_str().unwrap().replace('问', "对")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_left_unanswered_comes_before_anything_that_later_sessions_watch() {
    at_both(|school| async move {
        let learner = school.learner().await;
        until_check(&school, &mut learner.open("long-1").await).await;
        let before = learner.coverage("long-1").await["covered"].clone();
        for _ in 0..3 {
            let mut next = learner.open("long-1").await;
            let told = next.play(&school).await;
            assert!(close(&told["credited"], 0.0) && close(&told["pending"], 15.0), "{told}");
            assert!(!told["attention"].is_null(), "{told}");
        }
        assert_eq!(learner.coverage("long-1").await["covered"], before, "nothing without an answer");
        let mut next = learner.open("long-1").await;
        let check = next.play(&school).await["attention"].clone();
        let answered = next.answer(&check, right_answer(&check)).await;
        assert_eq!(answered.json["outcome"], "in_time", "{:?}", answered.json);
        assert!(close(&answered.json["credited"], 15.0), "who answers loses nothing of this session");
        assert!(close(&next.play(&school).await["credited"], 15.0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_comes_within_8_to_15_minutes_and_what_waits_is_credited_or_costs_a_minute() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let mut lesson = learner.open("long-1").await;
        let (check, credited) = until_check(&school, &mut lesson).await;
        assert!((480.0..=915.0).contains(&credited), "{credited}");
        assert!((1..=60).contains(&check["due_in"].as_i64().unwrap()));
        let held = lesson.play(&school).await;
        assert!(close(&held["credited"], 0.0) && close(&held["pending"], 15.0), "{held}");
        let answered = lesson.answer(&held["attention"], right_answer(&held["attention"])).await;
        assert_eq!(
            (answered.status, &answered.json["outcome"]),
            (200, &json!("in_time")),
            "{:?}",
            answered.json
        );
        assert!(close(&answered.json["credited"], 15.0));
        let again = lesson.answer(&held["attention"], right_answer(&held["attention"])).await;
        assert_eq!((again.status, &again.json["credited"]), (200, &json!(0.0)));

        let (missed, _) = until_check(&school, &mut lesson).await;
        let appeared_at = lesson.position;
        for _ in 0..3 {
            assert!(close(&lesson.play(&school).await["credited"], 0.0));
        }
        let over = lesson.play(&school).await;
        assert_eq!(over["refused"][0]["reason"], "attention_overdue");
        assert!(over["refused"][0]["seconds"].as_f64().unwrap() <= 60.0, "{over}");
        assert!(close(&lesson.play(&school).await["credited"], 0.0), "it waits for the answer");
        let late = lesson.answer(&missed, right_answer(&missed)).await;
        assert_eq!(late.json["outcome"], "late", "{:?}", late.json);
        assert!(close(&late.json["position"], appeared_at));
        lesson.position = appeared_at;
        assert!(close(&lesson.play(&school).await["credited"], 15.0), "and learning goes on from there");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_check_are_asked_and_guessing_is_a_missed_one() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let mut lesson = learner.open("long-1").await;
        let (mut check, _) = until_check(&school, &mut lesson).await;
        let (mut kinds, mut guessed) = (std::collections::HashSet::new(), false);
        for _ in 0..200 {
            kinds.insert(check["kind"].as_str().unwrap().to_owned());
            if check["kind"] == "question" && !guessed {
                guessed = true;
                let waits = lesson.play(&school).await;
                check = waits["attention"].clone();
                for n in 0..3 {
                    let wrong = lesson.answer(&check, json!("随便点第一个")).await;
                    assert_eq!(
                        (wrong.status, &wrong.json["errors"][0]["code"]),
                        (422, &json!("answer_wrong"))
                    );
                    let next = wrong.json["attention"].clone();
                    assert_ne!(next["prompt"], check["prompt"], "another question");
                    assert_eq!(next["due_in"] == 0, n == 2, "{next}");
                    check = next;
                }
                let late = lesson.answer(&check, right_answer(&check)).await;
                assert_eq!((late.status, &late.json["outcome"]), (200, &json!("late")), "{:?}", late.json);
            }
            if kinds.len() == 2 && guessed {
                return;
            }
            // Leaving a check unanswered does not help: the next session asks at once.
            lesson = learner.open("long-1").await;
            check = until_check(&school, &mut lesson).await.0;
            let first = check["options"].as_array().unwrap().first().cloned();
            assert_eq!(first.is_none(), check["kind"] == "confirm");
        }
        panic!("{kinds:?}");
    })
    .await;
}

/// Learns a lecture to its end, attentively.
async fn learn(school: &School, learner: &crate::school::Learner, lecture: &str, seconds: i64) {
    let mut lesson = learner.open(lecture).await;
    for _ in 0..seconds / 15 {
        let check = lesson.play(school).await["attention"].clone();
        if !check.is_null() {
            assert_eq!(lesson.answer(&check, right_answer(&check)).await.status, 200);
        }
    }
    assert_eq!(learner.coverage(lecture).await["complete"], json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_may_be_taken_again_in_a_later_year_and_counts_again() {
    at_both(|school| async move {
        let learner = school.learner().await;
        learn(&school, &learner, "fire-1", 300).await;
        assert_eq!(school.number(DONE).await, 1);
        let mut same_year = learner.open("fire-1").await;
        assert_eq!(same_year.play(&school).await["refused"][0]["reason"], "replay");
        school.clock.advance(86_400 * 60);
        school.run("UPDATE visits SET created_at = created_at + 5184000000, last_operation_at = last_operation_at + 5184000000").await;
        let again = learner.client.call("POST", "/api/v1/enrollments", json!({"course": "fire"})).await;
        assert_eq!(again.status, 201, "{:?}", again.json);
        assert!(close(&learner.coverage("fire-1").await["covered"], 0.0));
        learn(&school, &learner, "fire-1", 300).await;
        assert_eq!(school.number(DONE).await, 2);
        assert_eq!(school.number("SELECT COUNT(DISTINCT year) FROM course_completions").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_with_a_quiz_is_complete_once_passed_and_confirmed() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let post = async |path: &str, body: Value| learner.client.call("POST", path, body).await;
        post("/api/v1/enrollments", json!({"course": "quiz"})).await;
        let early = post("/api/v1/courses/quiz/papers", json!({})).await;
        assert_eq!((early.status, &early.json["code"]), (409, &json!("lectures_incomplete")));
        learn(&school, &learner, "quiz-1", 60).await;
        assert_eq!(school.number(DONE).await, 0);
        let confirm = json!({"pledge": true});
        let unpassed = post("/api/v1/courses/quiz/completion", confirm.clone()).await;
        assert_eq!((unpassed.status, &unpassed.json["code"]), (409, &json!("quiz_not_passed")));
        let mut asked = std::collections::HashSet::new();
        for (option, score, passed) in [("错", 0, false), ("对", 100, true)] {
            let paper = post("/api/v1/courses/quiz/papers", json!({})).await;
            assert_eq!(paper.status, 201, "{:?}", paper.json);
            let questions = paper.json["questions"].as_array().unwrap();
            assert_eq!(questions.len(), 3);
            asked.insert(paper.json["id"].as_str().unwrap().to_owned());
            assert!(!paper.json.to_string().contains("correct"));
            let answers: serde_json::Map<String, Value> =
                questions.iter().map(|q| (q["id"].as_str().unwrap().to_owned(), json!(option))).collect();
            let path = format!("/api/v1/papers/{}/answers", paper.json["id"].as_str().unwrap());
            let marked = post(&path, json!({"answers": answers})).await;
            assert_eq!(marked.json, json!({"score": score, "passed": passed}));
            let twice = post(&path, json!({"answers": answers})).await;
            assert_eq!((twice.status, &twice.json["code"]), (409, &json!("paper_answered")));
        }
        assert_eq!(school.number(DONE).await, 0, "the learner has not confirmed");
        assert_eq!(post("/api/v1/courses/quiz/completion", json!({"pledge": false})).await.status, 422);
        for _ in 0..2 {
            assert_eq!(post("/api/v1/courses/quiz/completion", confirm.clone()).await.status, 204);
        }
        assert_eq!(school.number(DONE).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_course_takes_no_newcomers_and_lets_the_others_finish_for_30_days() {
    at_both(|school| async move {
        let learners = school.learners(2).await;
        let mut lesson = learners[0].open("fire-1").await;
        lesson.play(&school).await;
        school.run("UPDATE courses SET withdrawn_at = 1795399215000 WHERE id = 'fire'").await;
        let late = learners[1].client.call("POST", "/api/v1/learning-sessions", json!({"lecture": "fire-1"})).await;
        assert_eq!((late.status, &late.json["code"]), (410, &json!("course_withdrawn")));
        school.clock.advance(600);
        lesson.position = 15.0;
        assert!(lesson.play(&school).await["credited"].as_f64().unwrap() > 0.0);
        school.clock.advance(31 * 86_400);
        school.run("UPDATE visits SET created_at = created_at + 2679000000, last_operation_at = last_operation_at + 2679000000").await;
        let before = school.number(CREDITED).await;
        let beat = json!({"seq": lesson.seq, "position": 45, "playing": true, "visible": true});
        let gone = lesson.send(beat).await;
        assert_eq!((gone.status, &gone.json["code"]), (410, &json!("course_withdrawn")), "{:?}", gone.json);
        assert_eq!(school.number(CREDITED).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_course_is_finished_or_given_back_and_what_was_learned_stays_visible() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let (order, payment) = buying::order(&learner).await;
        buying::notice(&school, "w1", &payment, orders::Kind::Paid, 400).await;
        let mut lesson = learner.open("paid-1").await;
        lesson.play(&school).await;
        let back = buying::post(&learner, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!(back.json["code"], "refund_too_late", "begun");
        school.run("UPDATE courses SET withdrawn_at = 1795399215000 WHERE id = 'paid'").await;
        let page = async |path: &str| {
            let page = learner.client.call("GET", path, Value::Null).await;
            String::from_utf8(page.bytes).unwrap()
        };
        let said = page("/courses/paid").await;
        assert!(said.contains("本课程已下架") && said.contains("申请退款"), "{said}");
        assert!(page(&format!("/orders/{order}")).await.contains("申请退款"));
        lesson.play(&school).await;
        let back = buying::post(&learner, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!((back.status, &back.json["state"]), (200, &json!("refunding")), "{:?}", back.json);
        let shut = buying::post(&learner, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await;
        assert_eq!(shut.status, 410, "the money is on its way back");
        assert!(close(&learner.coverage("paid-1").await["covered"], 30.0));
        assert!(page("/me").await.contains("收费课"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_over_one_database_credit_each_second_once() {
    at_both(|mut school| async move {
        let learner = school.learner().await;
        let elsewhere = testkit::Client::new(&school.node().await).with_token(&learner.token);
        let mut lesson = learner.open("fire-1").await;
        let here = lesson.client.clone();
        for n in 0..10 {
            lesson.client = if n % 2 == 0 { elsewhere.clone() } else { here.clone() };
            assert!(close(&lesson.play(&school).await["credited"], 15.0), "beat {n}");
        }
        school.clock.advance(15);
        let beat = json!({"seq": lesson.seq, "position": 165, "playing": true, "visible": true});
        let there = Lesson { client: elsewhere.clone(), ..lesson.clone() };
        let (one, other) = tokio::join!(lesson.send(beat.clone()), there.send(beat));
        assert_eq!((one.status, other.status), (200, 200));
        assert_eq!(one.json, other.json, "an equal number is answered as before, wherever");
        assert_eq!(school.number(CREDITED).await, 165_000);
        let newer = crate::school::Learner { client: elsewhere, token: learner.token.clone() };
        newer.open("fire-1").await;
        let old = lesson.send(json!({"seq": 99, "position": 180, "playing": true, "visible": true})).await;
        assert_eq!((old.status, &old.json["code"]), (409, &json!("superseded")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beats_of_many_are_all_there_when_they_are_answered() {
    at_both(|school| async move {
        let learners = school.learners(60).await;
        let mut lessons = vec![];
        for learner in &learners {
            lessons.push(learner.open("fire-1").await);
        }
        for round in 1..=3_i64 {
            school.clock.advance(15);
            let beats = lessons.iter().map(|lesson| {
                let (seq, position) = (lesson.seq + round - 1, round * 15);
                lesson.send(json!({"seq": seq, "position": position, "playing": true, "visible": true}))
            });
            let answers: Vec<_> = futures::future::join_all(beats).await;
            assert!(answers.iter().all(|a| a.status == 200 && close(&a.json["credited"], 15.0)));
            assert_eq!(school.number(CREDITED).await, 60 * 15_000 * round);
        }
    })
    .await;
}

/// No two credited stretches of a learner share a moment, whatever was sent.
const TWICE: &str = "SELECT COUNT(*) FROM credited_intervals a JOIN credited_intervals b ON a.learner_id = b.learner_id \
    AND a.id < b.id AND a.wall_from < b.wall_to AND b.wall_from < a.wall_to";

#[tokio::test(flavor = "multi_thread")]
async fn the_red_team_earns_no_second_beyond_the_clock() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let begin = school.clock.now_millis();
        // A silent second sign-in of the same person.
        school.run(&format!("INSERT INTO visits (id, token_hash, learner_id, created_at, last_operation_at) \
            SELECT '0190a5d4-0000-7000-8000-000000000001', '{}', learner_id, created_at, last_operation_at FROM visits",
            secrets::sha256_hex(b"again"))).await;
        let again = crate::school::Learner {
            client: testkit::Client::new(&school.url).with_token("again"),
            token: "again".into(),
        };
        // 16 times the speed of time, in three tabs of two sign-ins, each beat sent twice and out of order.
        let mut tabs = vec![learner.open("long-1").await, learner.open("fire-1").await, again.open("long-1").await];
        for n in 1..=20_i64 {
            school.clock.advance(15);
            for tab in &mut tabs {
                let beat = |seq: i64, position: i64| json!({"seq": seq, "position": position, "playing": true, "visible": true});
                for (seq, position) in [(2 * n, n * 240), (2 * n, n * 240), (2 * n - 1, n * 240 - 1), (2 * n, 3_600)] {
                    let answer = tab.send(beat(seq, position)).await;
                    assert!(matches!(answer.status, 200 | 409 | 422), "{:?}", answer.json);
                }
            }
            if n % 5 == 0 {
                tabs.push(again.open("fire-1").await);
            }
        }
        assert_eq!(school.number(CREDITED).await, 0, "jumps earn nothing at all");
        // Invented seconds at the right speed from every tab, the hidden and the paused ones too.
        for n in 1..=10_i64 {
            school.clock.advance(15);
            for (at, tab) in tabs.iter().enumerate() {
                let beat = json!({"seq": 100 + n, "position": n * 15, "playing": at != 1, "visible": at != 2});
                tab.send(beat).await;
            }
        }
        let elapsed = school.clock.now_millis() - begin;
        let credited = school.number(CREDITED).await;
        assert!((1..=elapsed).contains(&credited) && credited <= 150_000, "{credited} of {elapsed}");
        assert_eq!(school.number(TWICE).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn courses_are_found_by_words_pinyin_initials_and_subject() {
    at_both(|school| async move {
        for (query, found) in [
            ("q=消防", vec!["fire"]),
            ("q=xiaofang", vec!["fire"]),
            ("q=cw", vec![]),
            ("q=ycy&free=yes", vec!["quiz"]),
            ("subject=professional", vec!["paid"]),
        ] {
            let page =
                testkit::Client::new(&school.url).call("GET", &format!("/?{query}"), Value::Null).await;
            let text = String::from_utf8(page.bytes).unwrap();
            for id in ["fire", "long", "quiz", "paid"] {
                assert_eq!(text.contains(&format!("/courses/{id}\"")), found.contains(&id), "{query}: {id}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_without_quiz_is_complete_with_its_last_second_and_confirmed_afterwards() {
    at_both(|school| async move {
        let learner = school.learner().await;
        learn(&school, &learner, "fire-1", 300).await;
        let done = "SELECT COUNT(*) FROM course_completions";
        assert_eq!(school.number(done).await, 1, "no further call is needed");
        let page = async |path: &str| {
            let answer = learner.client.call("GET", path, Value::Null).await;
            String::from_utf8(answer.bytes).unwrap()
        };
        assert!(page("/courses/fire").await.contains("课程已学完，请确认"));
        let confirm = async |pledge: bool| {
            let body = json!({"pledge": pledge});
            learner.client.call("POST", "/api/v1/courses/fire/completion", body).await.status
        };
        assert_eq!(confirm(false).await, 422);
        assert_eq!(confirm(true).await, 204);
        assert_eq!(confirm(true).await, 204, "the same again");
        assert_eq!(school.number(&format!("{done} WHERE confirmed_at IS NOT NULL")).await, 1);
        assert!(page("/courses/fire").await.contains("您已作出诚信承诺"));
        assert!(page("/").await.contains("公共科目十个主题"));
    })
    .await;
}
