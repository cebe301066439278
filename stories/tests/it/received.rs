//! Invoices that come from course platforms by themselves: claimed without typing, once in the province, never by someone
//! else, never where a unit paid, and no more once the platform took them back.
use base::Role;
use orders::Kind;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    buying::{group, notice, order, post},
    courses::{provider, providers_api::Provider, subject},
    linked::{Linked, linked},
    main_job::courses_of,
    money::text,
    reimbursement::{decide, send},
    world::{World, on_both},
};

/// A college whose first people have completed the year that runs.
pub async fn complete(world: &World, people: usize) -> (Client, Vec<Value>) {
    let (admin, found) = world.college(people).await;
    let training = json!({"title": "2026年度教职工素质能力提升培训", "from": "2026-08-30", "to": "2026-09-01", "days": "3",
        "subject": "professional", "people": "unit"});
    assert_eq!(admin.call("POST", "/api/v1/batch-claims", training).await.status, 200);
    for person in &found {
        courses_of(world, person["id"].as_str().unwrap(), "2026").await;
    }
    world.settle().await;
    (admin, found)
}

pub async fn waiting(client: &Client) -> Vec<Value> {
    let listed = client.call("GET", "/api/v1/me/invoices?year=2026", Value::Null).await;
    assert_eq!(listed.status, 200, "{:?}", listed.json);
    listed.json["items"].as_array().unwrap().clone()
}

pub fn claim(invoices: &[Value]) -> Value {
    json!({"year": 2026, "invoices": invoices})
}

/// Buys the course that costs; the order's id.
async fn bought(both: &Linked, person: &Value) -> String {
    let learner = both.learner(person, false).await;
    let (id, payment) = order(&learner).await;
    assert_eq!(notice(&both.school, &format!("n-{id}"), &payment, Kind::Paid, 400).await.status, 200);
    both.settle().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orders_invoice_is_in_its_persons_claim_without_upload_and_once_in_the_province() {
    linked(|both| async move {
        let (admin, people) = complete(&both.world, 2).await;
        let teacher = both.world.trainee(&admin, &people[0]).await;
        let other = both.world.trainee(&admin, &people[1]).await;
        bought(&both, &people[0]).await;
        let found = waiting(&teacher).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0]["amount"], &found[0]["buyer"]), (&json!("4.00"), &json!("湖南某学院")));
        assert_eq!(waiting(&other).await, Vec::<Value>::new());
        let page = text(&teacher, "/reimbursements?year=2026").await;
        assert!(
            page.contains("学习平台直接送达") && page.contains(found[0]["number"].as_str().unwrap()),
            "{page}"
        );
        // Told once more, it is the same invoice.
        both.school.run("UPDATE order_invoices SET told = ''").await;
        link::catch_up(&both.school.site).await.unwrap();
        both.settle().await;
        assert_eq!(waiting(&teacher).await, found);
        let stolen = send(&other, claim(&[found[0].clone()])).await;
        assert_eq!(stolen.field_code("invoices[0].number"), "invoice_of_another");
        let mut dear = found[0].clone();
        dear["amount"] = json!("5.00");
        let refused = send(&teacher, claim(&[dear])).await;
        assert_eq!(refused.field_code("invoices[0].amount"), "invoice_not_as_received");
        let sent = send(&teacher, claim(&[])).await;
        assert_eq!((sent.status, &sent.json["paid"]), (201, &json!("4.00")), "{:?}", sent.json);
        assert_eq!(waiting(&teacher).await, Vec::<Value>::new(), "a claim holds it");
        let head = both.world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let id = sent.json["id"].as_str().unwrap();
        assert!(text(&head, &format!("/reimbursements/{id}")).await.contains("学习平台直接送达"));
        assert_eq!(decide(&head, id, "approve").await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refunded_orders_invoice_holds_no_more_and_a_paid_claim_is_to_be_recovered() {
    linked(|both| async move {
        let (admin, people) = complete(&both.world, 1).await;
        let teacher = both.world.trainee(&admin, &people[0]).await;
        let order = bought(&both, &people[0]).await;
        let number = waiting(&teacher).await[0]["number"].as_str().unwrap().to_owned();
        let sent = send(&teacher, claim(&[])).await;
        let id = sent.json["id"].as_str().unwrap();
        let learner = both.learner(&people[0], false).await;
        let back = post(&learner, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!(back.status, 200, "{:?}", back.json);
        both.settle().await;
        let head = both.world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        assert_eq!(decide(&head, id, "approve").await.code(), "invoice_blocked");
        assert!(text(&head, "/reimbursements/queue").await.contains(&number), "the one reason names it");
        let inbox = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string();
        assert!(inbox.contains(&number) && inbox.contains("作废或冲红"), "{inbox}");
        assert_eq!(decide(&head, id, "return").await.status, 200);
        let again =
            json!([{"number": number, "date": "2026-11-23", "amount": "4.00", "buyer": "湖南某学院"}]);
        let refused = send(&teacher, json!({"year": 2026, "invoices": again})).await;
        assert_eq!((refused.status, refused.code()), (409, "invoice_blocked"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_orders_invoice_is_what_the_unit_paid_and_nobodys_to_claim() {
    linked(|both| async move {
        let (admin, people) = complete(&both.world, 1).await;
        let teacher = both.world.trainee(&admin, &people[0]).await;
        let buyer = both.learner(&people[0], false).await;
        let (order, _) = group(&both.school, &buyer).await;
        both.settle().await;
        assert_eq!(waiting(&teacher).await, Vec::<Value>::new(), "though the teacher ordered");
        let listed = admin.call("GET", "/api/v1/unit-payments?year=2026", Value::Null).await.json;
        let paid = &listed["items"][0];
        assert_eq!(
            (&paid["amount"], &paid["people"], &paid["unit"]),
            (&json!("8.00"), &json!(2), &json!("湖南某学院")),
            "{listed}"
        );
        let claimed =
            json!({"number": paid["invoice"], "date": "2026-11-23", "amount": "8.00", "buyer": "湖南某学院"});
        let refused = send(&teacher, claim(&[claimed])).await;
        assert_eq!((refused.status, refused.code()), (409, "invoice_unit_paid"));
        let back = post(&buyer, &format!("/api/v1/orders/{order}/refund"), json!({})).await;
        assert_eq!(back.status, 200, "{:?}", back.json);
        both.settle().await;
        let listed = admin.call("GET", "/api/v1/unit-payments?year=2026", Value::Null).await.json;
        assert_eq!(listed["items"], json!([]), "the money went back");
    })
    .await;
}

/// Nobody decides on an approved claim any more: it would be paid.
#[tokio::test(flavor = "multi_thread")]
async fn an_approved_claim_whose_invoice_its_platform_took_back_is_given_back_and_not_paid() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        let known = subject(&world, &teacher, &program, "webtrn").await;
        let mut invoice = json!({"number": "26432000000012345678", "subject_id": known, "date": "2026-11-20",
            "amount": "144.00", "title": "课程"});
        assert_eq!(told(&world, &program, invoice.clone()).await, ("taken".to_owned(), Value::Null));
        let sent = send(&teacher, claim(&[])).await;
        assert_eq!(sent.status, 201, "{:?}", sent.json);
        let id = sent.json["id"].as_str().unwrap();
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        for who in [&head, &hr, &finance] {
            let decided = decide(who, id, "approve").await;
            assert_eq!(decided.status, 200, "{:?}", decided.json);
        }
        invoice["cancelled"] = json!(true);
        for _ in 0..2 {
            assert_eq!(told(&world, &program, invoice.clone()).await, ("taken".to_owned(), Value::Null));
        }
        let path = format!("/api/v1/reimbursements/{id}");
        let shown = teacher.call("GET", &path, Value::Null).await.json;
        assert_eq!(shown["state"], "returned", "{shown}");
        let payment = json!({"reference": "PZ-2026-118"});
        let refused = finance.call("POST", &format!("{path}/payment"), payment).await;
        assert_eq!((refused.status, refused.code()), (409, "not_approved"));
        let page = text(&teacher, &format!("/reimbursements/{id}")).await;
        assert!(page.contains("发票 26432000000012345678 已作废") && page.contains("系统"), "{page}");
        let inbox = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string();
        assert_eq!(inbox.matches("报销已退回，请更换发票").count(), 1, "{inbox}");
        assert_eq!(waiting(&teacher).await, Vec::<Value>::new(), "it is offered no more");
    })
    .await;
}

async fn told(world: &World, program: &Provider, invoice: Value) -> (String, Value) {
    let body = json!({"invoices": [invoice]});
    let answer: Answer = program.post(world, "/api/v1/provider/invoices", &body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    let item = &answer.json["items"][0];
    (item["status"].as_str().unwrap().to_owned(), item["reason"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_taken_once_by_its_number_or_refused_with_a_reason() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let (one, two) = (provider(&world, "webtrn").await, provider(&world, "ischinese").await);
        let known = subject(&world, &teacher, &one, "webtrn").await;
        let elsewhere = subject(&world, &teacher, &two, "ischinese").await;
        let invoice = json!({"number": "26432000000012345678", "subject_id": known, "date": "2026-11-20", "amount": "144.00"});
        let with = |field: &str, value: Value| {
            let mut other = invoice.clone();
            other[field] = value;
            other
        };
        for _ in 0..2 {
            assert_eq!(told(&world, &one, invoice.clone()).await, ("taken".to_owned(), Value::Null));
        }
        assert_eq!(waiting(&teacher).await[0]["buyer"], people[0]["name"], "no buyer is the person");
        for (field, value, reason) in [
            ("amount", json!("145.00"), "invoice_differs"),
            ("subject_id", json!(elsewhere), "person_unknown"),
            ("number", json!("1"), "number_unreadable"),
            ("date", json!("2026-11-24"), "in_the_future"),
            ("amount", json!("0.00"), "amount_wrong"),
        ] {
            let (status, said) = told(&world, &one, with(field, value)).await;
            assert_eq!((status.as_str(), &said), ("refused", &json!(reason)), "{field}");
        }
        let (status, said) = told(&world, &two, with("subject_id", json!(elsewhere))).await;
        assert_eq!((status.as_str(), &said), ("refused", &json!("number_taken")), "another platform's");
        let unsigned = json!({"invoices": [invoice]});
        assert_eq!(world.anyone.call("POST", "/api/v1/provider/invoices", unsigned).await.status, 401);
        let many = json!({"invoices": vec![invoice.clone(); 501]});
        assert_eq!(one.post(&world, "/api/v1/provider/invoices", &many).await.status, 422);
        let boss = world.ready("sheng", Role::Authority, "43").await;
        assert_eq!(crate::relations::decide_on(&boss, "webtrn", "suspend", "核查").await, 204);
        let later = told(&world, &one, with("number", json!("26432000000012345679"))).await;
        assert_eq!(later, ("kept".to_owned(), json!("provider_suspended")));
        assert_eq!(waiting(&teacher).await.len(), 1, "nothing was stored");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn units_that_both_blocked_an_invoice_become_one_and_both_notes_stay() {
    on_both(|world| async move {
        world.college(0).await;
        let boss = world.ready("juzhang", Role::Authority, "430100").await;
        let unit = json!({"code": "43010002", "name": "湖南某大学", "kind": "unit", "parent": "430100"});
        assert_eq!(boss.call("POST", "/api/v1/units", unit).await.status, 201);
        let note = |reason: &str| json!({"number": "24432000000012345678", "kind": "red", "reason": reason});
        for (account, code) in [("caiwu1", "43010001"), ("caiwu2", "43010002")] {
            let finance = world.ready(account, Role::Finance, code).await;
            let noted = finance.call("POST", "/api/v1/invoice-blocks", note(account)).await;
            assert_eq!(noted.status, 201, "{:?}", noted.json);
            let again = finance.call("POST", "/api/v1/invoice-blocks", note(account)).await;
            assert_eq!(again.code(), "block_exists");
        }
        let into = json!({"into": "43010002", "from": "2026-11-01", "reason": "合并办学"});
        let merged = boss.call("POST", "/api/v1/units/43010001/merge", into).await;
        assert_eq!(merged.status, 200, "{:?}", merged.json);
        let listed = boss.call("GET", "/api/v1/invoice-blocks", Value::Null).await.json;
        assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
    })
    .await;
}
