//! Money back person by person: the seats of a group order, and the red sheets of invoices that were taken back.
use base::Fen;
use orders::{Kind, Notice};
use serde_json::{Value, json};
use testkit::Answer;

use crate::{
    buying::{group, notice, pay, post, refund_of, send},
    money::text,
    refunds::{HOLDING, enter, item, one, two_courses},
    school::{Learner, School, at_both},
};

async fn refund_for(buyer: &Learner, order: &str, people: Value) -> Answer {
    post(buyer, &format!("/api/v1/orders/{order}/refund"), json!({"people": people})).await
}

/// The seats of a group order: how many courses each person keeps, and what could go back.
async fn seats(buyer: &Learner, order: &str) -> Vec<(i64, String)> {
    let seats = buyer.client.call("GET", &format!("/api/v1/orders/{order}/seats"), Value::Null).await.json;
    let one = |s: &Value| (s["courses"].as_i64().unwrap(), s["refundable"].as_str().unwrap().to_owned());
    seats["items"].as_array().unwrap().iter().map(one).collect()
}

async fn sheet(buyer: &Learner, path: &str) -> (u16, String) {
    let answer = buyer.client.call("GET", path, Value::Null).await;
    (answer.status, String::from_utf8_lossy(&answer.bytes).into_owned())
}

/// The invoices of an order that were taken back, newest last, each with its red sheet as PDF and XML.
async fn each_has_a_red_sheet(school: &School, buyer: &Learner, order: &str) -> Vec<String> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        number: String,
    }
    let sql = "SELECT number FROM order_invoices WHERE order_id = $1 AND cancelled_at IS NOT NULL ORDER BY amount DESC";
    let rows: Vec<Row> = db::all(&school.site.db, sql, db::params![order]).await.unwrap();
    let mut sheets = vec![];
    for Row { number } in rows {
        let path = format!("/orders/{order}/receipts/{number}/red");
        assert!(
            text(&buyer.client, &format!("/orders/{order}")).await.contains(&format!("{path}.pdf")),
            "linked"
        );
        let (status, pdf) = sheet(buyer, &format!("{path}.pdf")).await;
        assert!(status == 200 && pdf.starts_with("%PDF-"));
        let (status, xml) = sheet(buyer, &format!("{path}.xml")).await;
        assert_eq!(
            (status, sheet(buyer, &format!("{path}.xml")).await.1 == xml),
            (200, true),
            "one number for good"
        );
        assert!(
            xml.contains(&format!("<OriginalInvoiceCode>{number}<"))
                && !xml.contains(&format!("<EIid>{number}<"))
        );
        sheets.push(xml);
    }
    sheets
}

/// A paid group order of two courses for three people, of whom the first has begun one course.
struct Group {
    buyer: Learner,
    chosen: Learner,
    order: String,
    codes: Value,
}

async fn of_three(school: &School) -> Group {
    two_courses(school).await;
    let buyer = school.learner().await;
    school.run("UPDATE learners SET name = '赵会计'").await;
    let chosen = school.learner().await;
    school.run("UPDATE learners SET name = '王芳' WHERE name = 'rehearsal'").await;
    let new = json!({"courses": ["paid", "law"], "people": ["王芳", "李强", "陈明"]});
    let placed = post(&buyer, "/api/v1/group-orders", new).await;
    let order = placed.json["id"].as_str().unwrap().to_owned();
    let page = text(&buyer.client, &format!("/orders/{order}")).await;
    assert!(page.contains("可以按人退"), "said before paying");
    let payment = pay(&buyer, &order).await;
    assert_eq!(notice(school, "g", &payment, Kind::Paid, 2100).await.status, 200);
    let codes = buyer.client.call("GET", &format!("/api/v1/orders/{order}/seats"), Value::Null).await.json;
    let code = codes["items"][0]["code"].clone();
    assert_eq!(post(&chosen, "/api/v1/seats", json!({"code": code})).await.status, 200);
    for course in ["law", "paid"] {
        assert_eq!(post(&chosen, "/api/v1/enrollments", json!({"course": course})).await.status, 201);
    }
    assert_eq!(enter(&chosen, "paid").await, 201);
    Group { buyer, chosen, order, codes }
}

fn all(kept: [(i64, &str); 3]) -> Vec<(i64, String)> {
    kept.map(|(n, fee)| (n, fee.to_owned())).to_vec()
}

async fn what_is_none_of_the_orders_is_refused_whole(school: &School, g: &Group, stranger: &Learner) {
    for (people, code) in
        [(json!(["王芳", "无名"]), "invalid"), (json!([]), "invalid"), (json!(["李强", ""]), "invalid")]
    {
        assert_eq!(refund_for(&g.buyer, &g.order, people.clone()).await.code(), code, "{people}");
    }
    let both = json!({"people": ["李强"], "courses": ["law"]});
    assert_eq!(post(&g.buyer, &format!("/api/v1/orders/{}/refund", g.order), both).await.status, 422);
    assert_eq!(refund_for(stranger, &g.order, json!(["李强"])).await.status, 404);
    let refunds = school.number("SELECT COUNT(*) FROM refunds").await;
    assert_eq!((school.number(HOLDING).await, refunds), (2100, 0));
}

const PEOPLE: &str = "SELECT people FROM order_invoices WHERE cancelled_at IS NULL";

/// The invoice over two people holds; the one over three is taken back by a red one.
async fn an_invoice_over_two_holds(school: &School, g: &Group) {
    assert_eq!((school.number(HOLDING).await, school.number(PEOPLE).await), (1400, 2));
    let (_, xml) = sheet(&g.buyer, &format!("/orders/{}/receipt.xml", g.order)).await;
    assert!(xml.contains("公共收费课 × 2") && xml.contains(">14.00<") && xml.contains(">6.00<"), "{xml}");
    let red = each_has_a_red_sheet(school, &g.buyer, &g.order).await;
    assert_eq!(red.len(), 1);
    for said in ["公共收费课 × 3", ">-21.00<", ">-9.00<"] {
        assert!(red[0].contains(said), "{said}: {}", red[0]);
    }
    let path = format!("/orders/{}/receipts/no-such/red.xml", g.order);
    assert_eq!(sheet(&g.buyer, &path).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_group_order_goes_back_the_seat_of_whoever_has_not_begun() {
    at_both(|school| async move {
        let g = of_three(&school).await;
        let kept = all([(2, "3.00"), (2, "7.00"), (2, "7.00")]);
        assert_eq!(seats(&g.buyer, &g.order).await, kept, "one course was begun");
        let stranger = school.learner().await;
        what_is_none_of_the_orders_is_refused_whole(&school, &g, &stranger).await;

        let back = refund_for(&g.buyer, &g.order, json!(["李强"])).await.json;
        let said = (&back["state"], &back["total"], &back["returned"]);
        assert_eq!(said, (&json!("paid"), &json!("21.00"), &json!("7.00")));
        assert_eq!(seats(&g.buyer, &g.order).await, all([(2, "3.00"), (0, "0.00"), (2, "7.00")]));
        assert_eq!(refund_for(&g.buyer, &g.order, json!(["李强"])).await.code(), "refund_asked");
        school.run("UPDATE learners SET name = '李强' WHERE name = 'rehearsal'").await;
        let code = json!({"code": g.codes["items"][1]["code"]});
        assert_eq!(post(&stranger, "/api/v1/seats", code).await.status, 422, "the code is void");
        an_invoice_over_two_holds(&school, &g).await;

        // Of who has begun one course, the other goes back; then all is begun or gone.
        let back = refund_for(&g.buyer, &g.order, json!(["王芳", "陈明"])).await.json;
        assert_eq!((&back["state"], &back["returned"]), (&json!("paid"), &json!("17.00")));
        let items = (item(&back, "law"), item(&back, "paid"));
        assert_eq!(items, (&json!("refunding"), &Value::Null), "no seat of it is left");
        assert_eq!((enter(&g.chosen, "law").await, enter(&g.chosen, "paid").await), (402, 201));
        assert_eq!(refund_for(&g.buyer, &g.order, json!(["王芳"])).await.code(), "refund_too_late");
        assert_eq!((school.number(HOLDING).await, school.number(PEOPLE).await), (400, 1));
        assert_eq!(each_has_a_red_sheet(&school, &g.buyer, &g.order).await.len(), 2);
        let (first, second) = ("SELECT MIN(amount) FROM refunds", "SELECT MAX(amount) FROM refunds");
        assert_eq!((school.number(first).await, school.number(second).await), (700, 1000));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_seats_that_go_back_end_a_group_order() {
    at_both(|school| async move {
        let buyer = school.learner().await;
        school.run("UPDATE learners SET name = '赵会计'").await;
        let (order, _) = group(&school, &buyer).await;
        assert_eq!(refund_for(&buyer, &order, json!(["王芳"])).await.json["state"], "paid");
        let payment = one_payment(&school).await;
        let early = refund_of(&school, &payment).await;
        school.clock.advance(60);
        assert_eq!(refund_for(&buyer, &order, json!(["李强"])).await.json["state"], "refunding");
        assert_eq!(school.number(HOLDING).await, 0);
        for (n, refund) in [early, refund_of(&school, &payment).await].into_iter().enumerate() {
            let kind = Kind::Refunded;
            let told = Notice {
                id: format!("s{n}"),
                payment: payment.clone(),
                refund: Some(refund),
                kind,
                amount: Fen::new(400),
            };
            let (body, signature) = orders::signed_notice(&school.site, &told).unwrap();
            assert_eq!(send(&school, body, &signature).await.status, 200);
            // The sandbox's own notice may have been quicker.
            assert_ne!(one(&buyer, &order).await["state"], "paid");
        }
        assert_eq!(one(&buyer, &order).await["state"], "refunded", "all of the money is back");
        let (second, _) = group(&school, &buyer).await;
        school.run("UPDATE orders SET paid_at = paid_at - 691200000").await;
        assert_eq!(refund_for(&buyer, &second, json!(["王芳"])).await.code(), "refund_too_late");
        school.run("UPDATE courses SET withdrawn_at = 1 WHERE id = 'paid'").await;
        assert_eq!(refund_for(&buyer, &second, json!(["王芳"])).await.status, 200, "it was withdrawn");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_of_one_name_have_a_seat_each() {
    at_both(|school| async move {
        two_courses(&school).await;
        let buyer = school.learner().await;
        school.run("UPDATE learners SET name = '赵会计'").await;
        let (one, two) = (school.learner().await, school.learner().await);
        school.run("UPDATE learners SET name = '王芳' WHERE name = 'rehearsal'").await;
        let twice = json!({"courses": ["paid"], "people": ["王芳", "王芳"]});
        assert_eq!(post(&buyer, "/api/v1/group-orders", twice).await.field_code("people"), "name_twice");
        let new = json!({"courses": ["paid"], "people": ["王芳（教务处）", "王芳（财务处）"]});
        let order = post(&buyer, "/api/v1/group-orders", new).await.json["id"].as_str().unwrap().to_owned();
        let payment = pay(&buyer, &order).await;
        assert_eq!(notice(&school, "two", &payment, Kind::Paid, 800).await.status, 200);
        let path = format!("/api/v1/orders/{order}/seats");
        let codes = buyer.client.call("GET", &path, Value::Null).await.json;
        let code = |n: usize| json!({"code": codes["items"][n]["code"]});
        assert_eq!(post(&one, "/api/v1/seats", code(0)).await.status, 200);
        assert_eq!(post(&one, "/api/v1/seats", code(1)).await.code(), "seat_held", "it is the other one's");
        assert_eq!(post(&two, "/api/v1/seats", code(0)).await.code(), "seat_taken");
        assert_eq!(post(&two, "/api/v1/seats", code(1)).await.status, 200);
        for learner in [&one, &two] {
            assert_eq!(post(learner, "/api/v1/enrollments", json!({"course": "paid"})).await.status, 201);
        }
        assert_eq!(enter(&one, "paid").await, 201);
        let back = refund_for(&buyer, &order, json!(["王芳（财务处）"])).await.json;
        assert_eq!((&back["state"], &back["returned"]), (&json!("paid"), &json!("4.00")));
        assert_eq!((enter(&one, "paid").await, enter(&two, "paid").await), (201, 402));
    })
    .await;
}

async fn one_payment(school: &School) -> String {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        id: String,
    }
    db::one::<Row>(&school.site.db, "SELECT id FROM payments", vec![]).await.unwrap().id
}
