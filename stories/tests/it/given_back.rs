//! What was being learned when its money went back: it ends at once, stays visible, and nothing of it is told.
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    appeals,
    buying::{self, post},
    refunds::{enter, one, two_courses},
    school::{Learner, Lesson, School, at_both},
};

const WITHDRAW: &str = "UPDATE courses SET withdrawn_at = 1795399215000 WHERE id = 'paid'";
const DONE: &str = "SELECT COUNT(*) FROM course_completions";

/// A paid order of the course, of which 15 s are learned; then the course is withdrawn.
async fn begun(school: &School) -> (Learner, String, Lesson) {
    let learner = school.learner().await;
    let (order, payment) = buying::order(&learner).await;
    let paid = buying::notice(school, &format!("p-{order}"), &payment, orders::Kind::Paid, 400).await;
    assert_eq!(paid.status, 200);
    let mut lesson = learner.open("paid-1").await;
    lesson.play(school).await;
    (learner, order, lesson)
}

async fn refund(learner: &Learner, order: &str) -> Answer {
    post(learner, &format!("/api/v1/orders/{order}/refund"), json!({})).await
}

/// Everything that is said in the session, or about the course, is answered as a newcomer is.
async fn all_is_refused(learner: &Learner, lesson: &Lesson, refusal: (u16, &str)) {
    let beat =
        json!({"seq": lesson.seq, "position": lesson.position + 10.0, "playing": true, "visible": true});
    let path = |what: &str| format!("/api/v1/learning-sessions/{}/{what}", lesson.id);
    let answers = [
        lesson.send(beat).await,
        post(learner, &path("lease"), json!({})).await,
        post(learner, &path("attention"), json!({"id": "1", "answer": true})).await,
        post(learner, "/api/v1/courses/paid/completion", json!({"pledge": true})).await,
        post(learner, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await,
        post(learner, "/api/v1/enrollments", json!({"course": "paid"})).await,
    ];
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!((answer.status, answer.code()), refusal, "{n}: {:?}", answer.json);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_ends_the_lesson_that_is_open_and_what_was_learned_stays_visible() {
    at_both(|mut school| async move {
        let (learner, order, mut lesson) = begun(&school).await;
        let leased = appeals::lease(&lesson).await;
        school.run(WITHDRAW).await;
        // Another program holds the session in memory, too.
        let elsewhere = testkit::Client::new(&school.node().await).with_token(&learner.token);
        let here = std::mem::replace(&mut lesson.client, elsewhere);
        lesson.play(&school).await;
        assert_eq!(refund(&learner, &order).await.status, 200);
        school.clock.advance(15);
        all_is_refused(&learner, &lesson, (410, "course_withdrawn")).await;
        lesson.client = here;
        all_is_refused(&learner, &lesson, (410, "course_withdrawn")).await;

        // What was made without a network is not taken either.
        let late = appeals::hand_in(&lesson, appeals::batch(&leased, &[(30_000, 9, 45_000)])).await;
        assert_eq!((late.status, late.code()), (410, "course_withdrawn"), "{:?}", late.json);

        school.run("UPDATE courses SET withdrawn_at = NULL WHERE id = 'paid'").await;
        all_is_refused(&learner, &lesson, (402, "payment_required")).await;
        let seen = learner.coverage("paid-1").await["covered"].as_f64().unwrap();
        assert!((seen - 30.0).abs() < 0.001, "{seen}");
        assert_eq!(school.number(DONE).await, 0, "nothing to be told");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_and_the_last_beat_at_once_have_one_effect() {
    at_both(|school| async move {
        school.run("UPDATE lectures SET seconds = 30 WHERE id = 'paid-1'").await;
        let mut done = 0;
        for _ in 0..4 {
            school.run("UPDATE courses SET withdrawn_at = NULL WHERE id = 'paid'").await;
            let (learner, order, lesson) = begun(&school).await;
            school.run(WITHDRAW).await;
            school.clock.advance(15);
            let beat = json!({"seq": lesson.seq, "position": 30, "playing": true, "visible": true});
            let (beaten, back) = tokio::join!(lesson.send(beat), refund(&learner, &order));
            match (beaten.status, back.status) {
                (200, 409) => done += 1,
                (410, 200) => assert_ne!(one(&learner, &order).await["state"], "paid"),
                other => panic!("{other:?}: {:?} {:?}", beaten.json, back.json),
            }
            assert_eq!(school.number(DONE).await, done);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_learns_in_a_seat_that_is_given_back_stops_and_the_others_go_on() {
    at_both(|school| async move {
        two_courses(&school).await;
        let buyer = school.learner().await;
        school.run("UPDATE learners SET name = '赵会计'").await;
        let new = json!({"courses": ["paid", "law"], "people": ["王芳", "李强"]});
        let order = post(&buyer, "/api/v1/group-orders", new).await.json["id"].as_str().unwrap().to_owned();
        let payment = buying::pay(&buyer, &order).await;
        assert_eq!(buying::notice(&school, "g", &payment, orders::Kind::Paid, 1400).await.status, 200);
        let codes =
            buyer.client.call("GET", &format!("/api/v1/orders/{order}/seats"), Value::Null).await.json;
        let mut lessons = vec![];
        for (n, name) in ["王芳", "李强"].into_iter().enumerate() {
            let learner = school.learner().await;
            school.run(&format!("UPDATE learners SET name = '{name}' WHERE name = 'rehearsal'")).await;
            let code = json!({"code": codes["items"][n]["code"]});
            assert_eq!(post(&learner, "/api/v1/seats", code).await.status, 200);
            let mut lesson = learner.open("paid-1").await;
            lesson.play(&school).await;
            lessons.push((learner, lesson));
        }
        school.run(WITHDRAW).await;
        let path = format!("/api/v1/orders/{order}/refund");
        let back = post(&buyer, &path, json!({"people": ["王芳"]})).await;
        assert_eq!((back.status, &back.json["returned"]), (200, &json!("7.00")), "{:?}", back.json);
        let (first, lesson) = &lessons[0];
        all_is_refused(first, lesson, (410, "course_withdrawn")).await;
        lessons[1].1.play(&school).await;
        assert_eq!(post(&buyer, &path, json!({"courses": ["paid"]})).await.status, 200);
        let (second, lesson) = &lessons[1];
        all_is_refused(second, lesson, (410, "course_withdrawn")).await;
        assert_eq!((enter(second, "law").await, enter(&lessons[0].0, "law").await), (201, 402));
        assert_eq!(school.number(DONE).await, 0);
    })
    .await;
}
