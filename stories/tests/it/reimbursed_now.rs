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
async fn paper(teacher: &Client, admin: &Client, title: &str) -> String {
    let paper = json!({"year": 2023, "item": "paper.core", "title": title, "on": "2023-06-01", "rank": 2, "submit": true});
    let made = teacher.call("POST", "/api/v1/claims", paper).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    let approve = json!({"decision": "approve", "comment": "属实"});
    let decided = admin.call("POST", &format!("/api/v1/claims/{id}/decision"), approve).await;
    assert_eq!((decided.status, &decided.json["state"]), (200, &json!("approved")), "{:?}", decided.json);
    id
}

/// Takes papers back, and lets everything that follows happen.
async fn reverse(world: &World, papers: &[&String]) {
    let token = world.sign_in("root43", crate::world::PASSWORD).await["token"].as_str().unwrap().to_owned();
    let root = world.anyone.with_token(&token);
    for paper in papers {
        let path = format!("/api/v1/claims/{paper}/reversal");
        let reversed = root.call("POST", &path, json!({"reason": "检索证明系伪造"})).await;
        assert_eq!(reversed.status, 200, "{:?}", reversed.json);
    }
    world.settle().await;
}

/// Recognises a degree's 60 hours, which leave nothing to reimburse, and lets no job tell of it.
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
async fn a_claim_goes_on_with_the_amount_of_now_up_to_what_it_was_handed_in_with() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let desks = Desks::of(&world).await;
        let id = sent(&teacher, NUMBER).await;
        assert_eq!(decide(&desks.head, &id, "approve").await.status, 200);
        let first = paper(&teacher, &admin, "湘江流域教学研究").await;
        // Whether or not the change was followed yet, HR decides on the figure of now.
        let by_hr = decide(&desks.hr, &id, "approve").await;
        assert_eq!(
            (by_hr.status, &by_hr.json["state"], &by_hr.json["reimbursable"], &by_hr.json["allowance"]),
            (200, &json!("hr_approved"), &json!("57.60"), &json!("57.60")),
            "{:?}",
            by_hr.json
        );
        world.settle().await;
        let told = inbox(&teacher).await;
        assert_eq!(told.matches("由 144.00 元变为 57.60 元，按现在的金额继续办理").count(), 1, "{told}");
        let page = text(&teacher, &format!("/reimbursements/{id}")).await;
        assert!(page.contains("由 144.00 元变为 57.60 元") && page.contains("更新金额（系统）"), "{page}");

        // Handed in with 57.60 yuan, it never comes to more.
        let other = world.trainee(&admin, &people[1]).await;
        let second = paper(&other, &admin, "洞庭湖区教学研究").await;
        let low = send(&other, claim(&[invoice("24432000000012345679", "144.00")])).await;
        assert_eq!((low.status, &low.json["reimbursable"]), (201, &json!("57.60")), "{:?}", low.json);
        reverse(&world, &[&first, &second]).await;
        let back = shown(&teacher, &id).await;
        assert_eq!(
            (&back["state"], &back["reimbursable"]),
            (&json!("hr_approved"), &json!("144.00")),
            "{back}"
        );
        assert_eq!(shown(&other, low.json["id"].as_str().unwrap()).await["reimbursable"], "57.60");
        assert_eq!(decide(&desks.finance, &id, "approve").await.json["reimbursable"], "144.00");
        let paid = desks.pay(&id).await;
        assert_eq!(
            (paid.status, &paid.json["state"], &paid.json["recover"]),
            (200, &json!("paid"), &Value::Null),
            "{:?}",
            paid.json
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_left_a_claim_stays_is_not_approved_and_is_in_no_file() {
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
        let refused = decide(&desks.head, &ids[0], "approve").await;
        assert_eq!(
            (refused.status, refused.code(), &refused.json["reimbursable"]),
            (409, "reimbursement_amount_changed", &json!("0.00"))
        );
        let queue = text(&desks.head, "/reimbursements/queue").await;
        assert!(queue.contains("现在没有可报销的费用"), "{queue}");
        let together = json!({"ids": [ids[0]]});
        let many = desks.head.call("POST", "/api/v1/reimbursements/decisions", together).await;
        assert_eq!(many.json["items"][0]["code"], "has_to_be_looked_at", "{:?}", many.json);

        // Payments are booked whatever they come to.
        let paid = desks.pay(&ids[1]).await;
        assert_eq!((paid.status, &paid.json["reimbursable"]), (200, &json!("0.00")), "{:?}", paid.json);
        let listed = json!({"payments": [{"id": ids[2], "reference": "PZ-2"}]});
        let listed = desks.finance.call("POST", "/api/v1/reimbursements/payments", listed).await;
        assert_eq!(listed.json["items"][0]["code"], Value::Null, "{:?}", listed.json);
        let why = |person: &Value| {
            format!(
                "{}: 提交之后学时或费用有变化，现在可报销的金额为 0.00 元",
                person["name"].as_str().unwrap()
            )
        };
        let file = form(&world, &desks.finance, "/reimbursements/transfer", "year=2023&purpose=pay").await;
        let page = String::from_utf8_lossy(&file.bytes).into_owned();
        assert!(page.contains(&why(&people[3])) && !page.contains(&why(&people[4])), "{page}");

        // That page gave no file out, so nothing was named yet.
        unheard(&world, &people[4]).await;
        let file = form(&world, &desks.finance, "/reimbursements/export", "year=2023&purpose=pay").await;
        let page = String::from_utf8_lossy(&file.bytes).into_owned();
        assert!(page.contains(&why(&people[4])), "{page}");
        let rest = "year=2023&purpose=pay&anyway=1";
        let file = form(&world, &desks.finance, "/reimbursements/export", rest).await;
        assert_eq!(org::lines(&file.bytes).unwrap().len(), 1, "the head alone");
        world.settle().await;
        for (n, state) in [(0, "submitted"), (3, "approved"), (4, "approved")] {
            let stays = shown(&desks.head, &ids[n]).await;
            assert_eq!((&stays["state"], &stays["reimbursable"]), (&json!(state), &json!("0.00")), "{stays}");
        }
    })
    .await;
}

/// What the payroll's list says of a claim.
async fn listed(world: &World, desks: &Desks, id: &str) -> Option<String> {
    let file = form(world, &desks.finance, "/reimbursements/export", "year=2023&purpose=pay").await;
    let rows = org::lines(&file.bytes).unwrap();
    rows.into_iter().find(|(_, cells)| cells[0] == id).map(|(_, cells)| cells[9].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_named_stays_and_is_booked_and_the_rest_has_to_come_back() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 3).await;
        let desks = Desks::of(&world).await;
        let (mut teachers, mut ids) = (vec![], vec![]);
        for (n, person) in people.iter().take(3).enumerate() {
            let teacher = world.trainee(&admin, person).await;
            ids.push(sent(&teacher, &format!("2443200000001234567{n}")).await);
            teachers.push(teacher);
        }
        for id in &ids {
            desks.approve(id).await;
        }
        // Followed or not, the file says the figure of now.
        let low = paper(&teachers[2], &admin, "湘江流域教学研究").await;
        assert_eq!(listed(&world, &desks, &ids[2]).await.as_deref(), Some("57.6"));
        paper(&teachers[0], &admin, "洞庭湖区教学研究").await;
        reverse(&world, &[&low]).await;
        for (id, named) in [(&ids[0], "144.00"), (&ids[2], "57.60")] {
            let stays = shown(&desks.head, id).await;
            assert_eq!(
                (&stays["state"], &stays["reimbursable"]),
                (&json!("approved"), &json!(named)),
                "{stays}"
            );
        }
        assert_eq!(listed(&world, &desks, &ids[0]).await.as_deref(), Some("144"), "once more the same");
        for (id, back) in [(&ids[0], json!("86.40")), (&ids[2], Value::Null)] {
            let paid = desks.pay(id).await;
            assert_eq!(
                (paid.status, &paid.json["state"], &paid.json["recover_amount"]),
                (200, &json!("paid"), &back),
                "{:?}",
                paid.json
            );
        }
        assert!(inbox(&teachers[0]).await.contains("多付的 86.40 元须退回"));

        // Its invoice no longer holds while the bank has the file.
        let note = json!({"number": "24432000000012345671", "kind": "red", "reason": "红字发票 2543"});
        let noted = desks.finance.call("POST", "/api/v1/invoice-blocks", note).await;
        assert_eq!(noted.json["effect"], "reopened", "{:?}", noted.json);
        let paid = desks.pay(&ids[1]).await;
        assert_eq!(
            (paid.status, &paid.json["state"], &paid.json["recover_amount"]),
            (200, &json!("paid"), &json!("144.00")),
            "{:?}",
            paid.json
        );
        assert!(paid.json["recover"].as_str().unwrap().contains("24432000000012345671"), "{:?}", paid.json);
        assert!(inbox(&teachers[1]).await.contains("已付的款须退回"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_human_was_paid_for_a_year_under_two_records_is_taken_together() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let desks = Desks::of(&world).await;
        let (mut teachers, mut ids) = (vec![], vec![]);
        for (n, person) in people.iter().take(2).enumerate() {
            let teacher = world.trainee(&admin, person).await;
            let id = sent(&teacher, &format!("2443200000001234567{n}")).await;
            desks.approve(&id).await;
            assert_eq!(desks.pay(&id).await.status, 200);
            world.clock.advance(60);
            teachers.push(teacher);
            ids.push(id);
        }
        let [kept, gone] = [0, 1].map(|n| people[n]["id"].as_str().unwrap().to_owned());
        let sql = "UPDATE people SET merged_into = $1 WHERE id = $2";
        db::execute(&world.site.db, sql, db::params![kept, gone]).await.unwrap();
        let (person, year) = (kept.parse().unwrap(), "2023".parse().unwrap());
        let tx = world.site.db.begin().await.unwrap();
        hours::year_changed(&world.site, &tx, hours::YearChanged { person, year }).await.unwrap();
        tx.commit().await.unwrap();
        world.settle().await;
        assert_eq!(shown(&teachers[0], &ids[0]).await["recover"], Value::Null, "the first stays");
        let second = shown(&teachers[0], &ids[1]).await;
        assert_eq!(
            (&second["state"], &second["recover_amount"]),
            (&json!("paid"), &json!("144.00")),
            "the record that stays reads it: {second}"
        );
        assert!(inbox(&teachers[0]).await.contains("多付的 144.00 元须退回"));
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
        let paper = paper(&teacher, &admin, "湘江流域教学研究").await;
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

        reverse(&world, &[&paper]).await;
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
async fn a_course_that_the_unit_turns_out_to_have_paid_leaves_an_approved_claim_nothing() {
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
        let file = form(&world, &desks.finance, "/reimbursements/transfer", "year=2023&purpose=pay").await;
        let page = String::from_utf8_lossy(&file.bytes).into_owned();
        assert!(page.contains("现在可报销的金额为 0.00 元"), "{page}");
        world.settle().await;
        let stays = shown(&teacher, &id).await;
        assert_eq!(
            (&stays["state"], &stays["reimbursable"], &stays["unit_paid"]),
            (&json!("approved"), &json!("0.00"), &json!("144.00")),
            "{stays}"
        );
        let told = inbox(&teacher).await;
        assert!(told.contains("现在没有可报销的费用"), "{told}");
    })
    .await;
}
