//! Courses that cost: order, payment by a gateway whose notices come twice, late, in the wrong order or forged, refunds.
use base::Fen;
use orders::{Kind, Notice};
use serde_json::{Value, json};
use testkit::Answer;

use crate::school::{Learner, School, at_both};

pub async fn post(learner: &Learner, path: &str, body: Value) -> Answer {
    learner.client.call("POST", path, body).await
}

/// Orders the course and begins to pay; the order's id and the payment's.
pub async fn order(learner: &Learner) -> (String, String) {
    let asked = post(learner, "/api/v1/enrollments", json!({"course": "paid"})).await;
    assert_eq!((asked.status, &asked.json["code"]), (402, &json!("payment_required")), "{:?}", asked.json);
    let order = asked.json["order"]["id"].as_str().unwrap().to_owned();
    (order.clone(), pay(learner, &order).await)
}

pub async fn pay(learner: &Learner, order: &str) -> String {
    let buyer = json!({"title": "湖南某学院", "tax_number": "12430000448765432X"});
    let begun = post(learner, &format!("/api/v1/orders/{order}/payment"), buyer).await;
    assert_eq!(begun.status, 201, "{:?}", begun.json);
    begun.json["payment"].as_str().unwrap().to_owned()
}

/// A notice as the cashier signs it; of money given back, of the payment's newest refund.
pub async fn notice(school: &School, id: &str, payment: &str, kind: Kind, fen: i64) -> Answer {
    let refund = match kind {
        Kind::Paid => None,
        Kind::Refunded => Some(refund_of(school, payment).await),
    };
    let (id, payment) = (id.to_owned(), payment.to_owned());
    let notice = Notice { id, payment, refund, kind, amount: Fen::new(fen) };
    let (body, signature) = orders::signed_notice(&school.site, &notice).unwrap();
    send(school, body, &signature).await
}

/// The newest refund of a payment.
pub async fn refund_of(school: &School, payment: &str) -> String {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        id: String,
    }
    let sql = "SELECT r.id FROM refunds r LEFT JOIN order_items i ON i.refund_id = r.id WHERE r.payment_id = $1 \
               ORDER BY r.done_at IS NULL DESC, r.asked_at DESC, i.fee DESC LIMIT 1";
    db::one::<Row>(&school.site.db, sql, db::params![payment]).await.unwrap().id
}

pub async fn send(school: &School, body: Vec<u8>, signature: &str) -> Answer {
    let client = testkit::Client::new(&school.url);
    let headers = [("x-cashier-signature", signature)];
    client.send("POST", "/api/v1/payments/notices", ("application/json", body), &headers).await
}

async fn state(learner: &Learner, order: &str) -> String {
    let found = learner.client.call("GET", &format!("/api/v1/orders/{order}"), Value::Null).await;
    found.json["state"].as_str().unwrap().to_owned()
}

const REFUNDS: &str = "SELECT COUNT(*) FROM refunds";

#[tokio::test(flavor = "multi_thread")]
async fn a_course_is_paid_once_whatever_the_gateway_sends() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let (id, payment) = order(&learner).await;
        let again = post(&learner, "/api/v1/enrollments", json!({"course": "paid"})).await;
        assert_eq!((&again.json["order"]["id"], &again.json["order"]["total"]), (&json!(id), &json!("4.00")));
        assert_eq!(
            post(&learner, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await.status,
            402
        );

        let told = Notice {
            id: "n0".into(),
            payment: payment.clone(),
            refund: None,
            kind: Kind::Paid,
            amount: Fen::new(400),
        };
        let (body, signature) = orders::signed_notice(&school.site, &told).unwrap();
        let forged = String::from_utf8(body.clone()).unwrap().replace("n0", "n9").into_bytes();
        for (body, signature) in [(forged, signature.as_str()), (body.clone(), ""), (body, "00ff")] {
            assert_eq!(send(&school, body, signature).await.status, 401);
        }
        assert_eq!(notice(&school, "n1", &payment, Kind::Paid, 1).await.status, 422, "another amount");
        assert_eq!(notice(&school, "n2", "no-such-payment", Kind::Paid, 400).await.status, 404);
        assert_eq!(state(&learner, &id).await, "paying");

        for _ in 0..3 {
            assert_eq!(notice(&school, "n3", &payment, Kind::Paid, 400).await.status, 200);
        }
        assert_eq!(state(&learner, &id).await, "paid");
        assert_eq!(post(&learner, "/api/v1/enrollments", json!({"course": "paid"})).await.status, 201);
        assert_eq!(
            post(&learner, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await.status,
            201
        );
        assert_eq!(school.number("SELECT COUNT(*) FROM enrolments WHERE fee = 400").await, 1);
        let late = post(&learner, &format!("/api/v1/orders/{id}/refund"), json!({})).await;
        assert_eq!((late.status, &late.json["code"]), (409, &json!("refund_too_late")), "learning has begun");

        let stranger = school.learner().await;
        for path in [format!("/api/v1/orders/{id}"), format!("/orders/{id}/receipt.pdf")] {
            assert_eq!(stranger.client.call("GET", &path, Value::Null).await.status, 404);
        }
        let pdf = learner.client.call("GET", &format!("/orders/{id}/receipt.pdf"), Value::Null).await;
        assert!(pdf.bytes.starts_with(b"%PDF"), "{:?}", pdf.json);
        let xml = learner.client.call("GET", &format!("/orders/{id}/receipt.xml"), Value::Null).await;
        let xml = String::from_utf8(xml.bytes).unwrap();
        let parts = ["湖南某学院", "12430000448765432X", ">3.88<", ">0.12<", ">4.00<", ">肆圆整<"];
        for part in parts {
            assert!(xml.contains(part), "{part} in {xml}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_comes_back_before_learning_begins_and_in_any_order_of_notices() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let (id, payment) = order(&learner).await;
        notice(&school, "p1", &payment, Kind::Paid, 400).await;
        assert_eq!(post(&learner, "/api/v1/enrollments", json!({"course": "paid"})).await.status, 201);
        let back = post(&learner, &format!("/api/v1/orders/{id}/refund"), json!({})).await;
        assert_eq!((back.status, &back.json["state"]), (200, &json!("refunding")));
        assert_eq!(post(&learner, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await.status, 402);
        notice(&school, "r1", &payment, Kind::Refunded, 400).await;
        notice(&school, "p2", &payment, Kind::Paid, 400).await;
        assert_eq!(state(&learner, &id).await, "refunded", "a late notice of the payment changes nothing");

        let (second, payment) = order(&learner).await;
        assert_ne!(second, id);
        notice(&school, "p3", &payment, Kind::Paid, 400).await;
        school.clock.advance(7 * 86_400);
        school.run("UPDATE visits SET created_at = created_at + 604800000, last_operation_at = last_operation_at + 604800000").await;
        let late = post(&learner, &format!("/api/v1/orders/{second}/refund"), json!({})).await;
        assert_eq!((late.status, &late.json["code"]), (409, &json!("refund_too_late")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_paid_twice_or_given_up_gives_the_money_back() {
    at_both(|school| async move {
        let learner = school.learner().await;
        let (id, first) = order(&learner).await;
        let second = pay(&learner, &id).await;
        notice(&school, "a1", &first, Kind::Paid, 400).await;
        assert_eq!(state(&learner, &id).await, "paid");
        assert_eq!(school.number(REFUNDS).await, 0);
        notice(&school, "a2", &second, Kind::Paid, 400).await;
        assert_eq!(school.number(REFUNDS).await, 1, "asked for once");
        let of_second = "SELECT COUNT(*) FROM refunds r JOIN orders o ON o.payment_id <> r.payment_id WHERE r.amount = 400";
        assert_eq!(school.number(of_second).await, 1, "what did not pay the order");
        assert_eq!(state(&learner, &id).await, "paid");
    })
    .await;
}

async fn seat(learner: &Learner, code: &str) -> Answer {
    post(learner, "/api/v1/seats", json!({"code": code})).await
}

/// A paid group order for two people, and the code of the first.
pub async fn group(school: &School, buyer: &Learner) -> (String, String) {
    let new = json!({"courses": ["paid"], "people": ["王芳", "李强"]});
    let placed = post(buyer, "/api/v1/group-orders", new).await;
    assert_eq!((placed.status, &placed.json["total"]), (201, &json!("8.00")), "{:?}", placed.json);
    let order = placed.json["id"].as_str().unwrap().to_owned();
    let untitled = post(buyer, &format!("/api/v1/orders/{order}/payment"), json!({})).await;
    assert_eq!(untitled.field_code("title"), "required", "the invoice is the unit's");
    let payment = pay(buyer, &order).await;
    assert_eq!(notice(school, &format!("g-{order}"), &payment, Kind::Paid, 800).await.status, 200);
    let seats = buyer.client.call("GET", &format!("/api/v1/orders/{order}/seats"), Value::Null).await.json;
    let code = seats["items"][0]["code"].as_str().unwrap().to_owned();
    (order, code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_pays_for_chosen_people_and_nobody_of_them_can_claim_it_again() {
    at_both(|school| async move {
        let buyer = school.learner().await;
        school.run("UPDATE learners SET name = '赵会计'").await;
        let chosen = school.learner().await;
        school.run("UPDATE learners SET name = '王芳' WHERE name = 'rehearsal'").await;
        let other = school.learner().await;
        let (order, code) = group(&school, &buyer).await;
        assert_eq!(post(&buyer, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await.status, 402);
        assert_eq!(seat(&other, &code).await.json["code"], "seat_of_another");
        assert_eq!(seat(&other, "NOSUCHCODE00").await.status, 422);
        let seats = format!("/api/v1/orders/{order}/seats");
        assert_eq!(other.client.call("GET", &seats, Value::Null).await.status, 404);
        for _ in 0..2 {
            assert_eq!(seat(&chosen, &code.to_lowercase()).await.json, json!({"courses": ["paid"]}));
        }
        assert_eq!(post(&chosen, "/api/v1/enrollments", json!({"course": "paid"})).await.status, 201);
        let fees = "SELECT CAST(SUM(fee) AS BIGINT) FROM enrolments";
        assert_eq!(school.number(fees).await, 0, "nothing to claim");
        let opened = post(&chosen, "/api/v1/learning-sessions", json!({"lecture": "paid-1"})).await;
        assert_eq!(opened.status, 201, "{:?}", opened.json);
        let late = post(&buyer, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!(late.json["code"], "refund_too_late", "someone has begun");
        let page = buyer.client.call("GET", &format!("/orders/{order}"), Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains(&code));

        let (second, code) = group(&school, &buyer).await;
        assert_eq!(seat(&chosen, &code).await.status, 200);
        let back = post(&buyer, &format!("/api/v1/orders/{second}/refund"), json!({})).await;
        assert_eq!((back.status, &back.json["state"]), (200, &json!("refunding")), "nobody began");
        for page in ["/group-orders/new", "/seats", "/orders"] {
            assert_eq!(buyer.client.call("GET", page, Value::Null).await.status, 200, "{page}");
        }
    })
    .await;
}

const WITHDRAW: &str = "UPDATE courses SET withdrawn_at = 1795399215000 WHERE id = 'law'";

async fn page(learner: &Learner, order: &str) -> String {
    crate::money::text(&learner.client, &format!("/orders/{order}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_course_is_no_longer_sold_and_an_order_goes_on_without_it() {
    at_both(|school| async move {
        crate::refunds::two_courses(&school).await;
        let (cart, begun) = (school.learner().await, school.learner().await);
        let mut orders = vec![];
        for learner in [&cart, &begun] {
            post(learner, "/api/v1/enrollments", json!({"course": "paid"})).await;
            let asked = post(learner, "/api/v1/enrollments", json!({"course": "law"})).await;
            orders.push(asked.json["order"]["id"].as_str().unwrap().to_owned());
        }
        let new = json!({"courses": ["law", "paid"], "people": ["王芳"]});
        let group = post(&cart, "/api/v1/group-orders", new).await.json["id"].as_str().unwrap().to_owned();
        pay(&begun, &orders[1]).await;
        school.run(WITHDRAW).await;
        for (learner, order) in [(&cart, &orders[0]), (&begun, &orders[1]), (&cart, &group)] {
            let buyer = json!({"title": "湖南某学院"});
            let refused = post(learner, &format!("/api/v1/orders/{order}/payment"), buyer).await;
            assert_eq!((refused.status, refused.code()), (410, "course_withdrawn"), "{:?}", refused.json);
            assert_eq!(refused.json["courses"], json!(["law"]));
            let said = page(learner, order).await;
            assert!(said.contains("已下架") && !said.contains("去付款"), "{said}");
            let form = ("application/x-www-form-urlencoded", b"title=&tax_number=".to_vec());
            let sent = learner.client.send("POST", &format!("/orders/{order}/pay"), form, &[]).await;
            assert_eq!(sent.status, 410);
        }
        assert_eq!(school.number("SELECT COUNT(*) FROM payments").await, 1, "no other was begun");

        let path = format!("/api/v1/orders/{}/items/law", orders[0]);
        assert_eq!(cart.client.call("DELETE", &path, Value::Null).await.status, 204);
        assert!(page(&cart, &orders[0]).await.contains("去付款"));
        let payment = pay(&cart, &orders[0]).await;
        assert_eq!(notice(&school, "rest", &payment, Kind::Paid, 400).await.status, 200);
        let anew = post(&begun, "/api/v1/enrollments", json!({"course": "paid"})).await;
        assert_eq!((anew.status, &anew.json["order"]["total"]), (402, &json!("4.00")), "an order of its own");
        assert_ne!(anew.json["order"]["id"], orders[1].as_str());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_after_a_course_was_withdrawn_goes_back_and_the_rest_of_the_order_stands() {
    at_both(|school| async move {
        crate::refunds::two_courses(&school).await;
        let (both, alone) = (school.learner().await, school.learner().await);
        post(&both, "/api/v1/enrollments", json!({"course": "paid"})).await;
        let mut told = vec![];
        for learner in [&both, &alone] {
            let asked = post(learner, "/api/v1/enrollments", json!({"course": "law"})).await;
            let order = asked.json["order"]["id"].as_str().unwrap().to_owned();
            told.push((order.clone(), pay(learner, &order).await));
        }
        let new = json!({"courses": ["law"], "people": ["王芳", "李强"]});
        let group = post(&alone, "/api/v1/group-orders", new).await.json["id"].as_str().unwrap().to_owned();
        told.push((group.clone(), pay(&alone, &group).await));
        school.run(WITHDRAW).await;
        for ((_, payment), fen) in told.iter().zip([700, 300, 600]) {
            for id in ["late", "late", "later"] {
                let taken = notice(&school, &format!("{id}-{payment}"), payment, Kind::Paid, fen).await;
                assert_eq!(taken.status, 200);
            }
        }
        let sums = "SELECT CAST(SUM(amount) AS BIGINT) FROM refunds";
        assert_eq!((school.number(REFUNDS).await, school.number(sums).await), (3, 1200), "each once");
        let kept = crate::refunds::one(&both, &told[0].0).await;
        assert_eq!((&kept["state"], &kept["returned"]), (&json!("paid"), &json!("3.00")), "{kept}");
        assert_eq!(
            (school.number(crate::refunds::HOLDING).await, kept["total"].as_str()),
            (400, Some("7.00"))
        );
        assert_eq!(crate::refunds::enter(&both, "paid").await, 201);
        for learner in [&both, &alone] {
            assert_eq!(crate::refunds::enter(learner, "law").await, 410);
        }
        for (order, _) in &told[1..] {
            assert!(["refunding", "refunded"].contains(&state(&alone, order).await.as_str()));
        }
        let recorded = "SELECT COUNT(*) FROM audit_entries WHERE action = 'order.refund'";
        assert_eq!(school.number(recorded).await, 3);
    })
    .await;
}
