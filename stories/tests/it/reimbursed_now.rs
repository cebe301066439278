//! What is reimbursed is what the year bears out now: hours that are recognised, or taken back, after a claim was sent in.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    money::text,
    reimbursement::{claim, complete, decide, invoice, send},
    world::{World, on_both},
};

const NUMBER: &str = "24432000000012345678";

/// Those who decide in turn.
struct Desks {
    head: Client,
    hr: Client,
    finance: Client,
}

impl Desks {
    async fn of(world: &World) -> Self {
        Self {
            head: world.ready("zhuren", Role::DepartmentHead, "43010001").await,
            hr: world.ready("renshi", Role::Hr, "43010001").await,
            finance: world.ready("caiwu", Role::Finance, "43010001").await,
        }
    }

    async fn approve(&self, id: &str) {
        for who in [&self.head, &self.hr, &self.finance] {
            let decided = decide(who, id, "approve").await;
            assert_eq!(decided.status, 200, "{:?}", decided.json);
        }
    }

    async fn pay(&self, id: &str) -> Answer {
        let path = format!("/api/v1/reimbursements/{id}/payment");
        self.finance.call("POST", &path, json!({"reference": format!("PZ-{id}")})).await
    }
}

/// Sends in a claim of the notice's 144.00 yuan; its id.
async fn sent(teacher: &Client, number: &str) -> String {
    let sent = send(teacher, claim(&[invoice(number, "144.00")])).await;
    assert_eq!((sent.status, &sent.json["reimbursable"]), (201, &json!("144.00")), "{:?}", sent.json);
    sent.json["id"].as_str().unwrap().to_owned()
}

/// A paper of 21.6 hours beside the training's 24, approved: (60 − 45.6) × 4.00 = 57.60 yuan are left. Its id.
async fn paper(teacher: &Client, admin: &Client) -> String {
    let paper = json!({"year": 2023, "item": "paper.core", "title": "湘江流域教学研究", "on": "2023-06-01", "rank": 2, "submit": true});
    let made = teacher.call("POST", "/api/v1/claims", paper).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    let approve = json!({"decision": "approve", "comment": "属实"});
    let decided = admin.call("POST", &format!("/api/v1/claims/{id}/decision"), approve).await;
    assert_eq!((decided.status, &decided.json["state"]), (200, &json!("approved")), "{:?}", decided.json);
    id
}

/// Recognises a degree's 60 hours and lets no job tell of it, so that a refusal is seen before the claim is given back.
async fn unheard(world: &World, person: &Value) {
    let id = person["id"].as_str().unwrap();
    let facts = json!({"kind": "activity", "item": "degree.award", "title": "硕士学位", "on": "2023-06-30"});
    let Value::Object(facts) = facts else { unreachable!() };
    let credit = hours::NewCredit {
        person: id.parse().unwrap(),
        year: "2023".parse().unwrap(),
        source: "activity".into(),
        source_key: format!("activity:{id}"),
        title: "硕士学位".into(),
        subject: base::Subject::Professional,
        hours: base::Hours::whole(60),
        facts,
        evidence: None,
        decided_by: None,
    };
    let tx = world.site.db.begin().await.unwrap();
    hours::credit(&world.site, &tx, credit).await.unwrap();
    db::execute(&tx, "DELETE FROM jobs WHERE kind = 'hours.year_changed'", vec![]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn shown(client: &Client, id: &str) -> Value {
    client.call("GET", &format!("/api/v1/reimbursements/{id}"), Value::Null).await.json
}

async fn inbox(client: &Client) -> String {
    client.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string()
}

async fn form(world: &World, client: &Client, path: &str, body: &str) -> Answer {
    let form = ("application/x-www-form-urlencoded", body.as_bytes().to_vec());
    client.send("POST", path, form, &[("origin", world.url.as_str())]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_given_back_when_an_activity_is_approved_and_handed_in_anew_with_the_lower_amount() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let desks = Desks::of(&world).await;
        let id = sent(&teacher, NUMBER).await;
        assert_eq!(decide(&desks.head, &id, "approve").await.status, 200);
        paper(&teacher, &admin).await;
        world.settle().await;
        let back = shown(&teacher, &id).await;
        assert_eq!(
            (&back["state"], &back["recover"], &back["recover_amount"]),
            (&json!("returned"), &Value::Null, &Value::Null),
            "{back}"
        );
        assert_eq!(decide(&desks.hr, &id, "approve").await.code(), "reimbursement_decided");
        let why = "可报销的金额由 144.00 元变为 57.60 元";
        let told = inbox(&teacher).await;
        assert!(told.contains(why), "{told}");
        let page = text(&teacher, &format!("/reimbursements/{id}")).await;
        assert!(page.contains(why) && page.contains("退回（系统）"), "{page}");

        let again = send(&teacher, claim(&[invoice(NUMBER, "144.00")])).await;
        assert_eq!(
            (again.status, &again.json["id"], &again.json["reimbursable"]),
            (201, &json!(id), &json!("57.60")),
            "{:?}",
            again.json
        );
        desks.approve(&id).await;
        let paid = desks.pay(&id).await;
        assert_eq!((paid.status, &paid.json["state"]), (200, &json!("paid")), "{:?}", paid.json);
        world.settle().await;
        assert_eq!(shown(&teacher, &id).await["recover"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_claim_no_longer_comes_to_is_neither_approved_nor_paid() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 5).await;
        let desks = Desks::of(&world).await;
        let mut ids = vec![];
        for (n, person) in people.iter().take(5).enumerate() {
            let teacher = world.trainee(&admin, person).await;
            ids.push(sent(&teacher, &format!("2443200000001234567{n}")).await);
        }
        for id in &ids[1..] {
            desks.approve(id).await;
        }
        world.settle().await;
        for person in people.iter().take(4) {
            unheard(&world, person).await;
        }
        let now = |a: &Answer| (a.status, a.code().to_owned(), a.json["reimbursable"].clone());
        let refused = || (409, "reimbursement_amount_changed".to_owned(), json!("0.00"));

        let queue = text(&desks.head, "/reimbursements/queue").await;
        assert!(queue.contains("现在只能报销 0.00 元"), "{queue}");
        let together = json!({"ids": [ids[0]]});
        let many = desks.head.call("POST", "/api/v1/reimbursements/decisions", together).await;
        assert_eq!(many.json["items"][0]["code"], "has_to_be_looked_at", "{:?}", many.json);
        assert_eq!(now(&decide(&desks.head, &ids[0], "approve").await), refused());
        assert_eq!(now(&desks.pay(&ids[1]).await), refused());
        let listed = json!({"payments": [{"id": ids[2], "reference": "PZ-2"}]});
        let listed = desks.finance.call("POST", "/api/v1/reimbursements/payments", listed).await;
        assert_eq!(listed.json["items"][0]["code"], "reimbursement_amount_changed", "{:?}", listed.json);
        let why = |person: &Value| {
            format!("{}: 提交之后学时或费用有变化，现在可报销的金额", person["name"].as_str().unwrap())
        };
        let file = form(&world, &desks.finance, "/reimbursements/transfer", "year=2023&purpose=pay").await;
        let page = String::from_utf8_lossy(&file.bytes).into_owned();
        assert!(page.contains(&why(&people[3])) && !page.contains(&why(&people[4])), "{page}");

        world.settle().await;
        unheard(&world, &people[4]).await;
        let file = form(&world, &desks.finance, "/reimbursements/export", "year=2023&purpose=pay").await;
        let page = String::from_utf8_lossy(&file.bytes).into_owned();
        assert!(page.contains(&why(&people[4])), "{page}");
        let rest = "year=2023&purpose=pay&anyway=1";
        let file = form(&world, &desks.finance, "/reimbursements/export", rest).await;
        assert_eq!(org::lines(&file.bytes).unwrap().len(), 1, "the head alone");
        world.settle().await;
        for id in &ids {
            assert_eq!(shown(&desks.head, id).await["state"], "returned", "nothing waits for nobody");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_beyond_the_year_has_to_come_back_until_the_activity_is_taken_back() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let desks = Desks::of(&world).await;
        let id = sent(&teacher, NUMBER).await;
        desks.approve(&id).await;
        assert_eq!(desks.pay(&id).await.status, 200);
        let paper = paper(&teacher, &admin).await;
        world.settle().await;
        let marked = shown(&teacher, &id).await;
        assert_eq!(
            (&marked["state"], &marked["reimbursable"], &marked["recover_amount"]),
            (&json!("paid"), &json!("144.00"), &json!("86.40")),
            "{marked}"
        );
        let why = marked["recover"].as_str().unwrap();
        assert!(why.contains("由 144.00 元变为 57.60 元"), "{why}");
        let books = text(&desks.finance, "/reimbursements/books?year=2023").await;
        assert!(books.contains("已付款中待追回 86.40 元"), "{books}");
        let told = inbox(&teacher).await;
        assert!(told.contains("多付的 86.40 元须退回"), "{told}");

        // Looked at once more, nothing is said again.
        let (person, year) = (people[0]["id"].as_str().unwrap().parse().unwrap(), "2023".parse().unwrap());
        let tx = world.site.db.begin().await.unwrap();
        hours::year_changed(&world.site, &tx, hours::YearChanged { person, year }).await.unwrap();
        tx.commit().await.unwrap();
        world.settle().await;
        let count = |inbox: &str| inbox.matches("多付的").count();
        assert_eq!(count(&inbox(&teacher).await), count(&told));

        let token =
            world.sign_in("root43", crate::world::PASSWORD).await["token"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/claims/{paper}/reversal");
        let reason = json!({"reason": "检索证明系伪造"});
        let reversed = world.anyone.with_token(&token).call("POST", &path, reason).await;
        assert_eq!(reversed.status, 200, "{:?}", reversed.json);
        world.settle().await;
        let lifted = shown(&teacher, &id).await;
        assert_eq!(
            (&lifted["state"], &lifted["recover"], &lifted["recover_amount"]),
            (&json!("paid"), &Value::Null, &Value::Null),
            "{lifted}"
        );
        assert!(!text(&desks.finance, "/reimbursements/books?year=2023").await.contains("待追回"));
        assert!(inbox(&teacher).await.contains("不再须退回"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_that_the_unit_turns_out_to_have_paid_gives_an_approved_claim_back() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let desks = Desks::of(&world).await;
        let id = sent(&teacher, NUMBER).await;
        desks.approve(&id).await;
        let payment = json!({"year": 2023, "unit": "43010001", "title": "团购课程", "course": "webtrn:1",
            "invoice": "24432000000012345679", "amount": "4320.00", "people": 30, "paid_on": "2026-11-01"});
        let recorded = admin.call("POST", "/api/v1/unit-payments", payment).await;
        assert_eq!(recorded.status, 201, "{:?}", recorded.json);
        world.settle().await;
        assert_eq!(shown(&teacher, &id).await["state"], "returned");
        let told = inbox(&teacher).await;
        assert!(told.contains("现在没有可报销的费用"), "{told}");
    })
    .await;
}
