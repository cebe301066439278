//! Reimbursement: 三.3 over the contract, its refusals, and the books.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    main_job::{courses, training},
    world::{World, on_both},
};

const COLLEGE: &str = "湖南某学院";

pub fn invoice(number: &str, amount: &str) -> Value {
    json!({"number": number, "date": "2023-11-02", "amount": amount, "buyer": COLLEGE})
}

pub fn claim(invoices: &[Value]) -> Value {
    json!({"year": 2023, "invoices": invoices})
}

/// A college whose first `done` people have completed the notice's case.
pub async fn complete(world: &World, done: usize) -> (Client, Vec<Value>) {
    let (admin, people) = world.college(done + 1).await;
    admin.call("POST", "/api/v1/batch-claims", training()).await;
    for person in people.iter().take(done) {
        courses(world, person["id"].as_str().unwrap()).await;
    }
    world.settle().await;
    (admin, people)
}

pub async fn send(client: &Client, body: Value) -> testkit::Answer {
    client.call("POST", "/api/v1/reimbursements", body).await
}

pub async fn decide(client: &Client, id: &str, decision: &str) -> testkit::Answer {
    let body = json!({"decision": decision, "comment": "看过"});
    client.call("POST", &format!("/api/v1/reimbursements/{id}/decision"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_notices_case_is_144_yuan_approved_in_three_stages_and_paid() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let sent = send(&teacher, claim(&[invoice("24432000000012345678", "150.00")])).await;
        assert_eq!(sent.status, 201, "{:?}", sent.json);
        let amounts = |a: &Value| [a["paid"].clone(), a["allowance"].clone(), a["reimbursable"].clone()];
        assert_eq!(amounts(&sent.json), ["150.00", "144.00", "144.00"].map(|t| json!(t)));
        assert_eq!(sent.json["state"], "submitted");
        let id = sent.json["id"].as_str().unwrap();
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        assert_eq!(decide(&hr, id, "approve").await.json["code"], "other_stage");
        assert_eq!(decide(&teacher, id, "approve").await.json["code"], "own_decision");
        for (who, state) in [(&head, "department_approved"), (&hr, "hr_approved"), (&finance, "approved")] {
            let decided = decide(who, id, "approve").await;
            assert_eq!((decided.status, &decided.json["state"]), (200, &json!(state)), "{:?}", decided.json);
        }
        assert_eq!(decide(&finance, id, "approve").await.json["code"], "reimbursement_decided");
        let path = format!("/api/v1/reimbursements/{id}/payment");
        let paid = finance.call("POST", &path, json!({"reference": "PZ-2026-118"})).await;
        assert_eq!((paid.status, &paid.json["state"]), (200, &json!("paid")));
        let again = finance.call("POST", &path, json!({"reference": "PZ-2026-119"})).await;
        assert_eq!((again.status, &again.json["code"]), (409, &json!("paid_before")));
        let form = teacher.call("GET", &format!("/reimbursements/{id}/form.pdf"), Value::Null).await;
        assert!(form.bytes.starts_with(b"%PDF"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_never_decides_two_stages_and_strangers_see_nothing() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let sent = send(&teacher, claim(&[invoice("24432000000012345678", "144.00")])).await.json;
        let id = sent["id"].as_str().unwrap();
        // The unit's administrator speaks for the department, and holds HR too.
        let tx = world.site.db.begin().await.unwrap();
        let person = admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json["person"].clone();
        let person = person["id"].as_str().or(person.as_str()).unwrap().parse().unwrap();
        let unit = org::by_code(&tx, "43010001").await.unwrap();
        accounts::grant(&world.site, &tx, person, (Role::Hr, unit.id), None).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(decide(&admin, id, "approve").await.json["state"], "department_approved");
        let second = decide(&admin, id, "approve").await;
        assert_eq!((second.status, &second.json["code"]), (403, &json!("decided_before")));
        let stranger = world.ready("waidan", Role::Hr, "43020001").await;
        assert_eq!(decide(&stranger, id, "approve").await.status, 404);
        assert_eq!(
            stranger.call("GET", &format!("/api/v1/reimbursements/{id}"), Value::Null).await.status,
            404
        );
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let wordless = json!({"decision": "return"});
        let path = format!("/api/v1/reimbursements/{id}/decision");
        assert_eq!(hr.call("POST", &path, wordless).await.status, 422);
        assert_eq!(decide(&hr, id, "return").await.json["state"], "returned");
        let again = send(&teacher, claim(&[invoice("24432000000012345678", "100.00")])).await;
        assert_eq!((again.status, &again.json["id"]), (201, &json!(id)), "{:?}", again.json);
        assert_eq!(
            (&again.json["reimbursable"], &again.json["state"]),
            (&json!("100.00"), &json!("submitted"))
        );
        // HR decided at another stage in the first round; who decides at the same one again is the same person.
        let seen = hr.call("GET", "/api/v1/sessions/current", Value::Null).await.json["person"].clone();
        let seen = seen["id"].as_str().or(seen.as_str()).unwrap().parse().unwrap();
        let tx = world.site.db.begin().await.unwrap();
        accounts::grant(&world.site, &tx, seen, (Role::DepartmentHead, unit.id), None).await.unwrap();
        tx.commit().await.unwrap();
        let other = decide(&hr, id, "approve").await;
        assert_eq!((other.status, other.code()), (403, "decided_before"));
        assert_eq!(decide(&admin, id, "approve").await.json["state"], "department_approved");
        assert_eq!(decide(&hr, id, "approve").await.json["state"], "hr_approved");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_invoices_are_refused_each_with_its_field() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let with = |key: &str, value: &str| {
            let mut bad = invoice("24432000000012345678", "144.00");
            bad[key] = json!(value);
            bad
        };
        for (bad, field, code) in [
            (with("amount", "-1.00"), "invoices[0].amount", "invoice_amount"),
            (with("amount", "9999999.00"), "invoices[0].amount", "invoice_amount"),
            (with("date", "2022-11-02"), "invoices[0].date", "invoice_year"),
            (with("buyer", "别的学院"), "invoices[0].buyer", "invoice_buyer"),
            (with("number", "1"), "invoices[0].number", "invoice_number"),
        ] {
            let refused = send(&teacher, claim(&[bad])).await;
            assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
            assert_eq!(refused.json["errors"][0]["code"], code);
        }
        let twice = [invoice("24432000000012345678", "70.00"), invoice("2443200000 0012345678", "74.00")];
        assert_eq!(send(&teacher, claim(&twice)).await.json["errors"][0]["code"], "invoice_twice");
        assert_eq!(send(&teacher, claim(&[])).await.status, 422);
        let person = json!([{"number": "24432000000012345678", "date": "2023-11-02", "amount": "144.00",
            "buyer": people[0]["name"], "extra": 1}]);
        assert_eq!(send(&teacher, json!({"year": 2023, "invoices": person})).await.status, 422);
        let own_name = json!({"number": "24432000000012345678", "date": "2023-11-02", "amount": "144.00",
            "buyer": people[0]["name"]});
        assert_eq!(send(&teacher, claim(&[own_name])).await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsatisfied_year_or_a_late_claim_is_refused() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let early = world.trainee(&admin, &people[1]).await;
        let refused = send(&early, claim(&[invoice("24432000000012345678", "144.00")])).await;
        assert_eq!((refused.status, &refused.json["code"]), (409, &json!("not_satisfied")));
        assert_eq!(refused.json["shortfall"]["public"], "30");
        let teacher = world.trainee(&admin, &people[0]).await;
        // From 2026-11-23 10:00 to 2027-01-01 00:00:10.
        world.clock.advance(38 * 86_400 + 14 * 3600 + 10);
        let account = people[0]["account"].as_str().unwrap();
        let token =
            world.sign_in(account, crate::world::PASSWORD).await["token"].as_str().unwrap().to_owned();
        let teacher = teacher.with_token(&token);
        let late = send(&teacher, claim(&[invoice("24432000000012345678", "144.00")])).await;
        assert_eq!((late.status, &late.json["code"]), (409, &json!("reimbursement_closed")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_counts_once_in_the_province_also_when_two_claim_it_at_once() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let first = world.trainee(&admin, &people[0]).await;
        let second = world.trainee(&admin, &people[1]).await;
        let same =
            || claim(&[invoice("24432000000099999999", "20.00"), invoice("24432000000012345678", "144.00")]);
        let (a, b) = tokio::join!(send(&first, same()), send(&second, same()));
        let mut codes = [a.status, b.status];
        codes.sort_unstable();
        assert_eq!(codes, [201, 409], "{:?} {:?}", a.json, b.json);
        let (winner, loser, refused) =
            if a.status == 201 { (&first, &second, b) } else { (&second, &first, a) };
        assert_eq!(refused.json["code"], "invoice_claimed");
        assert_eq!(refused.json["errors"][0]["field"], "invoices[0].number");
        let own_again = send(winner, same()).await;
        assert_eq!((own_again.status, &own_again.json["code"]), (409, &json!("reimbursement_exists")));
        let other = send(loser, claim(&[invoice("24432000000012345679", "144.00")])).await;
        assert_eq!(other.status, 201, "nothing of the refused claim is left: {:?}", other.json);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_an_invoice_is_read_by_those_who_decide_and_must_be_the_claimants() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let other = world.trainee(&admin, &people[1]).await;
        let pdf = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: \
                   application/pdf\r\n\r\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n\r\n--x--\r\n";
        let kind = "multipart/form-data; boundary=x";
        let file = teacher.send("POST", "/api/v1/files", (kind, pdf.as_bytes().to_vec()), &[]).await;
        assert_eq!(file.status, 201, "{:?}", file.json);
        let mut with = invoice("24432000000012345678", "144.00");
        with["file"] = file.json["id"].clone();
        let stolen = send(&other, claim(std::slice::from_ref(&with))).await;
        assert_eq!((stolen.status, &stolen.json["errors"][0]["field"]), (422, &json!("files")));
        assert_eq!(send(&teacher, claim(&[with])).await.status, 201);
        let path = format!("/api/v1/files/{}", file.json["id"].as_str().unwrap());
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        assert_eq!(finance.call("GET", &path, Value::Null).await.status, 200);
        let stranger = world.ready("waidan", Role::Finance, "43020001").await;
        assert_eq!(stranger.call("GET", &path, Value::Null).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_add_up_and_the_export_holds_no_formula() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        let rename = "UPDATE people SET name = '=1+1' WHERE id = $1";
        let id = db::params![people[1]["id"].as_str().unwrap()];
        db::execute(&world.site.db, rename, id).await.unwrap();
        let mut ids = vec![];
        for (n, (person, amount)) in people.iter().zip(["144.00", "100.00"]).enumerate() {
            let teacher = world.trainee(&admin, person).await;
            let sent = send(&teacher, claim(&[invoice(&format!("2443200000001234567{n}"), amount)])).await;
            ids.push(sent.json["id"].as_str().unwrap().to_owned());
        }
        for id in &ids {
            for who in [&head, &hr, &finance] {
                assert_eq!(decide(who, id, "approve").await.status, 200);
            }
        }
        let pay = format!("/api/v1/reimbursements/{}/payment", ids[0]);
        assert_eq!(finance.call("POST", &pay, json!({"reference": "PZ-1"})).await.status, 200);
        let page = finance.call("GET", "/reimbursements/books?year=2023", Value::Null).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(text.contains("课程费用 288.00 − 已退 0.00 = 发票合计 244.00 + 差额 44.00 元"), "{text}");
        assert!(text.contains("已批准 244.00 = 已付款 144.00 + 待付款 100.00 元"), "{text}");
        let form = ("application/x-www-form-urlencoded", b"year=2023&purpose=pay".to_vec());
        let origin = [("origin", world.url.as_str())];
        let file = finance.send("POST", "/reimbursements/export", form, &origin).await;
        assert_eq!(file.status, 200);
        let rows = org::lines(&file.bytes).unwrap();
        assert_eq!(rows.len(), 2, "the head and the one that is open");
        assert_eq!((rows[1].1[1].as_str(), rows[1].1[9].as_str()), ("=1+1", "100"));
        let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'reimbursement.export'";
        assert_eq!(db::count(&world.site.db, audited, vec![]).await.unwrap(), 1);
    })
    .await;
}
