//! Money back course by course, and payments and refunds whose notices never come.
use base::{Fen, Role};
use orders::{Kind, Notice};
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    buying::{notice, pay, post, refund_of, send},
    linked::{Linked, linked},
    money::text,
    received::{claim, complete, waiting},
    reimbursement,
    school::{Learner, School, at_both},
    world::PASSWORD,
};

const COURSE: &str = "INSERT INTO courses (id, place, title, subject, topic, teacher, price, free, paper_size, published_at) VALUES \
    ('law', 5, '公共收费课', 'public', '党的建设', '某', 300, FALSE, 0, 0)";
const LECTURE: &str =
    "INSERT INTO lectures (id, course_id, place, title, seconds) VALUES ('law-1', 'law', 1, '一', 2400)";

pub async fn two_courses(school: &School) {
    school.run(COURSE).await;
    school.run(LECTURE).await;
}

/// A paid order of a public and a professional course; its id and the payment's.
async fn mixed(school: &School, learner: &Learner) -> (String, String) {
    post(learner, "/api/v1/enrollments", json!({"course": "paid"})).await;
    let cart = post(learner, "/api/v1/enrollments", json!({"course": "law"})).await;
    let order = cart.json["order"]["id"].as_str().unwrap().to_owned();
    assert_eq!(cart.json["order"]["total"], "7.00", "one cart");
    let payment = pay(learner, &order).await;
    let id = format!("paid-{order}");
    assert_eq!(notice(school, &id, &payment, Kind::Paid, 700).await.status, 200);
    (order, payment)
}

async fn refund(learner: &Learner, order: &str, courses: Value) -> Answer {
    post(learner, &format!("/api/v1/orders/{order}/refund"), json!({"courses": courses})).await
}

pub async fn one(learner: &Learner, order: &str) -> Value {
    learner.client.call("GET", &format!("/api/v1/orders/{order}"), Value::Null).await.json
}

/// The refund of an item of the order.
pub fn item<'a>(order: &'a Value, course: &str) -> &'a Value {
    let items = order["items"].as_array().unwrap();
    &items.iter().find(|i| i["course"] == course).unwrap()["refund"]
}

pub async fn enter(learner: &Learner, course: &str) -> u16 {
    post(learner, "/api/v1/learning-sessions", json!({"lecture": format!("{course}-1")})).await.status
}

pub const HOLDING: &str =
    "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM order_invoices WHERE cancelled_at IS NULL";

/// What holds is an invoice over the rest; the first one stays, taken back.
async fn an_invoice_over_the_rest_holds(school: &School, learner: &Learner, order: &str) {
    assert_eq!(school.number(HOLDING).await, 400);
    assert_eq!(school.number("SELECT COUNT(*) FROM order_invoices").await, 2);
    let xml = learner.client.call("GET", &format!("/orders/{order}/receipt.xml"), Value::Null).await;
    let xml = String::from_utf8(xml.bytes).unwrap();
    assert!(xml.contains(">4.00<") && !xml.contains("公共收费课"), "{xml}");
    let page = text(&learner.client, &format!("/orders/{order}")).await;
    assert!(page.contains("已冲红") && page.contains("有效") && page.contains("· 退款 3.00 元"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_course_of_an_order_goes_back_while_another_is_being_learned() {
    at_both(|school| async move {
        two_courses(&school).await;
        let learner = school.learner().await;
        let (order, payment) = mixed(&school, &learner).await;
        for course in ["paid", "law"] {
            assert_eq!(post(&learner, "/api/v1/enrollments", json!({"course": course})).await.status, 201);
        }
        let mut lesson = learner.open("paid-1").await;
        lesson.play(&school).await;
        let whole = post(&learner, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!((whole.status, whole.code()), (409, "refund_too_late"), "a part of it was begun");
        for (courses, code) in [
            (json!(["paid"]), "refund_too_late"),
            (json!(["law", "paid"]), "refund_too_late"),
            (json!(["fire"]), "invalid"),
            (json!([]), "invalid"),
        ] {
            assert_eq!(refund(&learner, &order, courses.clone()).await.code(), code, "{courses}");
        }
        assert_eq!(
            (item(&one(&learner, &order).await, "law"), school.number(HOLDING).await),
            (&Value::Null, 700)
        );

        let back = refund(&learner, &order, json!(["law"])).await.json;
        assert_eq!(
            (&back["state"], &back["total"], &back["returned"]),
            (&json!("paid"), &json!("7.00"), &json!("3.00"))
        );
        assert_eq!((item(&back, "law"), item(&back, "paid")), (&json!("refunding"), &Value::Null));
        assert_eq!(enter(&learner, "law").await, 402, "the money is on its way back");
        let recorded =
            "SELECT COUNT(*) FROM audit_entries WHERE action = 'order.refund' AND details LIKE '%\"3.00\"%'";
        assert_eq!(school.number(recorded).await, 1);
        lesson.play(&school).await;
        assert_eq!(refund(&learner, &order, json!(["law"])).await.code(), "refund_asked");
        let stranger = school.learner().await;
        assert_eq!(refund(&stranger, &order, json!(["paid"])).await.status, 404);

        an_invoice_over_the_rest_holds(&school, &learner, &order).await;
        assert_eq!(
            notice(&school, "wrong", &payment, Kind::Refunded, 700).await.status,
            422,
            "another amount"
        );
        for id in ["b1", "b1", "b2"] {
            assert_eq!(notice(&school, id, &payment, Kind::Refunded, 300).await.status, 200);
        }
        let after = one(&learner, &order).await;
        assert_eq!((&after["state"], item(&after, "law")), (&json!("paid"), &json!("refunded")));
        let again = post(&learner, "/api/v1/enrollments", json!({"course": "law"})).await;
        assert_eq!((again.status, again.json["order"]["id"] == order.as_str()), (402, false), "bought anew");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn course_by_course_the_whole_order_goes_back_in_any_order_of_notices() {
    at_both(|school| async move {
        two_courses(&school).await;
        let learner = school.learner().await;
        let (order, payment) = mixed(&school, &learner).await;
        assert_eq!(refund(&learner, &order, json!(["law"])).await.json["state"], "paid");
        let law = refund_of(&school, &payment).await;
        assert_eq!(refund(&learner, &order, json!(["paid"])).await.json["state"], "refunding");
        assert_eq!(school.number(HOLDING).await, 0);
        assert_eq!(notice(&school, "second", &payment, Kind::Refunded, 400).await.status, 200);
        assert_ne!(one(&learner, &order).await["state"], "paid");
        let first = Notice {
            id: "first".into(),
            payment: payment.clone(),
            refund: Some(law),
            kind: Kind::Refunded,
            amount: Fen::new(300),
        };
        let (body, signature) = orders::signed_notice(&school.site, &first).unwrap();
        assert_eq!(send(&school, body, &signature).await.status, 200);
        let after = one(&learner, &order).await;
        assert_eq!((&after["state"], &after["returned"]), (&json!("refunded"), &json!("7.00")));
        assert_eq!(school.number("SELECT COUNT(*) FROM payments WHERE state = 'refunded'").await, 1);
        assert_eq!(notice(&school, "late", &payment, Kind::Paid, 700).await.status, 200);
        assert_eq!(one(&learner, &order).await["state"], "refunded", "said once more, nothing changes");
        for course in ["law", "paid"] {
            assert_eq!(enter(&learner, course).await, 402);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_group_order_goes_back_what_nobody_has_begun() {
    at_both(|school| async move {
        two_courses(&school).await;
        let buyer = school.learner().await;
        school.run("UPDATE learners SET name = '赵会计'").await;
        let chosen = school.learner().await;
        school.run("UPDATE learners SET name = '王芳' WHERE name = 'rehearsal'").await;
        let new = json!({"courses": ["paid", "law"], "people": ["王芳", "李强"]});
        let placed = post(&buyer, "/api/v1/group-orders", new).await;
        let order = placed.json["id"].as_str().unwrap().to_owned();
        let payment = pay(&buyer, &order).await;
        assert_eq!(notice(&school, "g", &payment, Kind::Paid, 1400).await.status, 200);
        let seats =
            buyer.client.call("GET", &format!("/api/v1/orders/{order}/seats"), Value::Null).await.json;
        let code = seats["items"][0]["code"].clone();
        assert_eq!(post(&chosen, "/api/v1/seats", json!({"code": code})).await.status, 200);
        assert_eq!(post(&chosen, "/api/v1/enrollments", json!({"course": "law"})).await.status, 201);
        assert_eq!(enter(&chosen, "paid").await, 201);
        assert_eq!(refund(&buyer, &order, json!(["paid"])).await.code(), "refund_too_late");
        let back = refund(&buyer, &order, json!(["law"])).await.json;
        assert_eq!((&back["state"], &back["returned"]), (&json!("paid"), &json!("6.00")), "both seats of it");
        assert_eq!((enter(&chosen, "law").await, enter(&chosen, "paid").await), (402, 201));
        assert_eq!(school.number(HOLDING).await, 800);
        let other = seats["items"][1]["code"].clone();
        school.run("UPDATE learners SET name = '李强' WHERE name = '赵会计'").await;
        assert_eq!(
            post(&buyer, "/api/v1/seats", json!({"code": other})).await.json,
            json!({"courses": ["paid"]})
        );
    })
    .await;
}

/// An entry in the cashier's books whose notice gets lost.
async fn enter_books(school: &School, payment: &str, kind: Kind, (refund, fen): (&str, i64)) {
    let sql = "INSERT INTO cashier_books (notice, payment_id, refund_id, kind, amount, at) VALUES ($1, $2, $3, $4, $5, 0)";
    let notice = format!("lost-{}-{payment}", kind.code());
    let values = db::params![notice, payment, refund, kind.code(), fen];
    db::execute(&school.site.db, sql, values).await.unwrap();
}

/// Waits until a count in the database comes to that; what the platform tells a management platform that is not there
/// stays undone meanwhile.
async fn until(school: &School, count: &str, expected: i64) {
    for _ in 0..400 {
        if school.number(count).await == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{count}: never {expected}");
}

async fn ordered(learner: &Learner) -> (String, String) {
    crate::buying::order(learner).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_notice_told_is_asked_for_by_itself() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let (order, payment) = ordered(&learner).await;
        // Asked before the money came in, the cashier knows nothing; the next question follows by itself.
        let second =
            "SELECT COUNT(*) FROM jobs WHERE kind = 'orders.question' AND payload LIKE '%\"round\":1%'";
        assert_eq!(school.number(second).await, 0);
        school.clock.advance(150);
        until(&school, second, 1).await;
        assert_eq!(one(&learner, &order).await["state"], "paying");
        enter_books(&school, &payment, Kind::Paid, ("", 400)).await;
        school.clock.advance(10 * 60);
        until(&school, "SELECT COUNT(*) FROM orders WHERE state = 'paid'", 1).await;
        let late = notice(&school, &format!("lost-paid-{payment}"), &payment, Kind::Paid, 400).await;
        let kept = "SELECT COUNT(*) FROM payment_notices";
        assert_eq!((late.status, school.number(kept).await), (200, 1), "it counts once");

        // A refund that the cashier gave and whose notices told nothing.
        let back = post(&learner, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!(back.json["state"], "refunding");
        let given = "SELECT COUNT(*) FROM orders WHERE state = 'refunded'";
        until(&school, given, 1).await;
        until(&school, "SELECT COUNT(*) FROM jobs WHERE kind = 'orders.cashier_notice'", 0).await;
        school.run("UPDATE orders SET state = 'refunding'").await;
        school.run("UPDATE refunds SET done_at = NULL").await;
        school.run("DELETE FROM payment_notices WHERE kind = 'refunded'").await;
        assert_eq!(school.number(given).await, 0);
        school.clock.advance(150);
        until(&school, given, 1).await;
        school.clock.advance(2 * 3600);
        let questions = "SELECT COUNT(*) FROM jobs WHERE kind = 'orders.question'";
        until(&school, questions, 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_paid_and_waits_asks_at_once_and_only_signed_questions_are_answered() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let (order, payment) = ordered(&learner).await;
        assert!(text(&learner.client, &format!("/orders/{order}")).await.contains("查询付款结果"));
        let ask = format!("/api/v1/orders/{order}/inquiry");
        assert_eq!(post(&learner, &ask, json!({})).await.json["state"], "paying");
        enter_books(&school, &payment, Kind::Paid, ("", 400)).await;
        let stranger = school.learner().await;
        assert_eq!(post(&stranger, &ask, json!({})).await.status, 404);
        assert_eq!(post(&learner, &ask, json!({})).await.json["state"], "paid");

        let question = json!({"payment": payment, "nonce": "n"}).to_string().into_bytes();
        let signature = school.site.keys.mac("cashier.question", &[&question]);
        let client = testkit::Client::new(&school.url);
        for (signature, status) in [("", 401), ("00ff", 401), (signature.as_str(), 200)] {
            let headers = [("x-cashier-signature", signature)];
            let sent = ("application/json", question.clone());
            let answer = client.send("POST", "/api/v1/cashier/questions", sent, &headers).await;
            assert_eq!(answer.status, status);
        }
        // The reply to a notice is the word that the cashier waits for; it sends again until it hears it.
        let heard = notice(&school, &format!("lost-paid-{payment}"), &payment, Kind::Paid, 400).await;
        assert_eq!((heard.status, heard.bytes.as_slice()), (200, b"success".as_slice()));
        assert!(heard.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    })
    .await;
}

/// A gateway that answers a question with what a forger would.
async fn forger(answers: impl Fn(Value) -> Value + Clone + Send + Sync + 'static) -> String {
    let answer = move |axum::Json(question): axum::Json<Value>| {
        let answers = answers.clone();
        async move { axum::Json(answers(question)) }
    };
    let routes = axum::Router::new().route("/api/v1/cashier/questions", axum::routing::post(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_forged_replayed_or_about_another_payment_changes_nothing() {
    at_both(|mut school| async move {
        let learner = school.learner().await;
        let (order, payment) = ordered(&learner).await;
        let keys = school.site.keys.clone();
        let paid = json!([{"id": "x", "payment": payment, "refund": null, "kind": "paid", "amount": "4.00"}]);
        let of_another =
            json!([{"id": "x", "payment": "other", "refund": null, "kind": "paid", "amount": "4.00"}]);
        let cases: [(&str, Option<&str>, Value); 4] = [
            ("another key", None, paid.clone()),
            ("an older answer", Some("older"), paid.clone()),
            ("another payment", None, of_another),
            ("true", None, paid),
        ];
        for (case, nonce, notices) in cases {
            let keys = keys.clone();
            let url = forger(move |question: Value| {
                let nonce = nonce.map_or(question["nonce"].clone(), |n| json!(n));
                let answer =
                    json!({"nonce": nonce, "payment": question["payment"], "notices": notices}).to_string();
                let purpose = if case == "another key" { "cashier" } else { "cashier.answer" };
                json!({"answer": answer, "signature": keys.mac(purpose, &[answer.as_bytes()])})
            })
            .await;
            let node = testkit::Client::new(&school.speaking_of(&url).await).with_token(&learner.token);
            let told = node.call("POST", &format!("/api/v1/orders/{order}/inquiry"), json!({})).await;
            let state = one(&learner, &order).await["state"].clone();
            let expected = if case == "true" { (200, "paid") } else { (401, "paying") };
            assert_eq!((told.status, state.as_str().unwrap()), expected, "{case}: {:?}", told.json);
        }
    })
    .await;
}

/// Learns the course that costs to its end, answering each check.
async fn learn(both: &Linked, learner: &Learner) {
    assert_eq!(post(learner, "/api/v1/enrollments", json!({"course": "paid"})).await.status, 201);
    let mut lesson = learner.open("paid-1").await;
    while learner.coverage("paid-1").await["complete"] != json!(true) {
        let check = lesson.play(&both.school).await["attention"].clone();
        if !check.is_null() {
            assert_eq!(lesson.answer(&check, json!(true)).await.status, 200, "{check}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_partial_refund_what_is_charged_less_what_went_back_is_what_is_invoiced() {
    linked(|both| async move {
        two_courses(&both.school).await;
        let (admin, people) = complete(&both.world, 1).await;
        let teacher = both.world.trainee(&admin, &people[0]).await;
        let learner = both.learner(&people[0], false).await;
        let (order, _) = mixed(&both.school, &learner).await;
        both.settle().await;
        let before = waiting(&teacher).await;
        assert_eq!((before.len(), &before[0]["amount"]), (1, &json!("7.00")), "{before:?}");
        assert_eq!(refund(&learner, &order, json!(["law"])).await.status, 200);
        both.settle().await;
        let after = waiting(&teacher).await;
        assert_eq!((after.len(), &after[0]["amount"]), (1, &json!("4.00")), "{after:?}");
        assert_ne!(after[0]["number"], before[0]["number"], "the first was taken back");
        let old = reimbursement::send(&teacher, claim(&[before[0].clone()])).await;
        assert_eq!((old.status, old.code()), (409, "invoice_blocked"));

        learn(&both, &learner).await;
        both.settle().await;
        let account = people[0]["account"].as_str().unwrap();
        let opened = both.world.sign_in(account, PASSWORD).await;
        let teacher = both.world.anyone.with_token(opened["token"].as_str().unwrap());
        // The notice's case costs 144 yuan besides, at the same platform.
        let others = json!({"number": "24432000000012345678", "date": "2026-11-02", "amount": "144.00", "buyer": "湖南某学院"});
        let sent = reimbursement::send(&teacher, claim(&[after[0].clone(), others])).await;
        assert_eq!((sent.status, &sent.json["paid"]), (201, &json!("148.00")), "{:?}", sent.json);
        let finance = both.world.ready("caiwu", Role::Finance, "43010001").await;
        let books = text(&finance, "/reimbursements/books?year=2026").await;
        assert!(books.contains("课程费用 148.00 − 已退 0.00 = 发票合计 148.00 元，费用与发票一致"), "{books}");
    })
    .await;
}
