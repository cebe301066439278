//! The money around claims: invoices as PDF, the unit's own rules and dates, bank accounts, claims above the limit, invoices
//! that no longer hold, what the unit paid itself, many at once, the bank's file.
use base::Role;
use documents::{Identity, Manuscript, Typesetter};
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::upload_to,
    invoices::{NUMBER, xml},
    reimbursement::{claim, complete, decide, invoice, send},
    world::{World, on_both},
};

/// A 数电票 as the tax platform prints it, set by Typst.
const PRINTED: &str = r#"
#let d = json("data.json")
#set page(width: 210mm, height: 140mm, margin: 8mm)
#set text(lang: "zh", region: "cn", size: 9pt)
#place(top + left, dx: 70mm, dy: 4mm, text(size: 16pt)[电子发票（普通发票）])
#place(top + left, dx: 140mm, dy: 4mm)[发票号码：#d.number]
#place(top + left, dx: 140mm, dy: 10mm)[开票日期：#d.day]
#place(top + left, dx: 2mm, dy: 26mm)[购]
#place(top + left, dx: 10mm, dy: 26mm)[名称：#d.buyer]
#place(top + left, dx: 98mm, dy: 26mm)[销]
#place(top + left, dx: 106mm, dy: 26mm)[名称：湖南开放大学]
#place(top + left, dx: 10mm, dy: 36mm)[统一社会信用代码/纳税人识别号：12430000444877000A]
#place(top + left, dx: 106mm, dy: 36mm)[统一社会信用代码/纳税人识别号：91430000123456789B]
#place(top + left, dx: 10mm, dy: 100mm)[价税合计（大写）]
#place(top + left, dx: 60mm, dy: 100mm)[#d.capitals]
#place(top + left, dx: 140mm, dy: 100mm)[（小写）¥#d.amount]
"#;

fn printed(number: &str, amount: &str, capitals: &str) -> Vec<u8> {
    let data = json!({"number": number, "day": "2023年11月02日", "buyer": "湖南某学院", "amount": amount, "capitals": capitals});
    let manuscript = Manuscript { template: PRINTED, data: &data, files: &[] };
    let identity = Identity { ident: "invoice", made_at: "2023-11-02T10:00:00+08:00".parse().unwrap() };
    Typesetter::load().unwrap().pdf(&manuscript, &identity).unwrap()
}

async fn read(client: &Client, pdf: &[u8]) -> Answer {
    upload_to(client, "/api/v1/invoices", ("发票.pdf", "application/pdf"), pdf).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printed_invoice_is_read_by_its_labels_and_left_to_people_where_it_is_not_certain() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let pdf = printed(NUMBER, "144.00", "⊗壹佰肆拾肆圆整");
        let found = read(&teacher, &pdf).await;
        assert_eq!((found.status, &found.json["certain"]), (201, &json!(true)), "{:?}", found.json);
        let mut own =
            json!({"number": NUMBER, "date": "2023-11-02", "amount": "144.00", "buyer": "湖南某学院"});
        for field in ["number", "date", "amount", "buyer"] {
            assert_eq!(found.json[field], own[field], "{field}");
        }
        assert_eq!(found.json["buyer_tax_number"], "12430000444877000A");
        let odd = read(&teacher, &printed(NUMBER, "444.00", "⊗壹佰肆拾肆圆整")).await;
        assert_eq!(
            (odd.status, &odd.json["certain"], &odd.json["amount"]),
            (201, &json!(false), &Value::Null)
        );
        let red = read(&teacher, &printed(NUMBER, "-144.00", "⊗壹佰肆拾肆圆整")).await;
        assert_eq!(red.field_code("file"), "invoice_red");
        // Signed, and changed behind the signature.
        let signed = [&pdf[..], b"\n%/ByteRange[0 10 20 30]\n%%EOF\n"].concat();
        assert_eq!(read(&teacher, &signed).await.field_code("file"), "invoice_edited");
        own["file"] = found.json["file"].clone();
        own["amount"] = json!("140.00");
        let differs = send(&teacher, claim(&[own.clone()])).await;
        assert_eq!(differs.field_code("invoices[0].amount"), "invoice_differs");
        own["amount"] = json!("144.00");
        let sent = send(&teacher, claim(&[own])).await;
        assert_eq!(sent.status, 201, "{:?}", sent.json);
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let page = text(&head, &format!("/reimbursements/{}", id(&sent.json))).await;
        assert!(page.contains("与 PDF 原件一致"));
    })
    .await;
}

fn id(json: &Value) -> String {
    json["id"].as_str().unwrap().to_owned()
}

pub async fn text(client: &Client, path: &str) -> String {
    let answer = client.call("GET", path, Value::Null).await;
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

pub fn settings(fund: &str) -> Value {
    json!({"tax_number": "", "buyer_rule": "either", "pay_by": "staff_no", "review_days": 10, "fund": fund})
}

pub async fn set(client: &Client, settings: Value, dates: Value) -> Answer {
    let body = json!({"unit": "43010001", "settings": settings, "dates": dates});
    client.call("PUT", "/api/v1/reimbursement-settings", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unit_says_who_may_be_the_buyer_and_until_when() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        let mut rule = settings("");
        rule["tax_number"] = json!("12430000444877000A");
        rule["buyer_rule"] = json!("unit");
        let dates = json!({"year": 2023, "hand_in": "2026-11-20", "closing": "2026-11-25"});
        assert_eq!(set(&finance, rule.clone(), dates).await.status, 204);
        let wrong = json!({"year": 2023, "hand_in": "2026-11-26", "closing": "2026-11-25"});
        assert_eq!(set(&finance, rule, wrong).await.field_code("hand_in"), "hand_in_order");
        let page = text(&teacher, "/reimbursements?year=2023").await;
        assert!(page.contains("最迟完成学习") && page.contains("2026年11月10日"), "ten days before: {page}");
        let courses = text(&teacher, "/courses").await;
        assert!(
            courses.contains("还可报销") && courses.contains("144.00 元"),
            "what comes back, before enrolling"
        );
        let mut own = invoice(NUMBER, "144.00");
        own["buyer"] = people[0]["name"].clone();
        assert_eq!(send(&teacher, claim(&[own])).await.field_code("invoices[0].buyer"), "invoice_buyer");
        let other = xml(NUMBER, "144.00", "湖南某学院").replace("12430000444877000A", "12430000444877000B");
        let file = upload_to(&teacher, "/api/v1/invoices", ("发票.xml", "text/xml"), other.as_bytes()).await;
        let mut cited = invoice(NUMBER, "144.00");
        cited["file"] = file.json["file"].clone();
        let refused = send(&teacher, claim(&[cited])).await;
        assert_eq!(refused.field_code("invoices[0].buyer"), "invoice_tax_number", "{:?}", refused.json);
        let late = send(&teacher, claim(&[invoice(NUMBER, "144.00")])).await;
        assert_eq!((late.status, &late.json["late"]), (201, &json!(true)), "{:?}", late.json);
        world.clock.advance(3 * 86_400);
        let again = world.sign_in(people[0]["account"].as_str().unwrap(), crate::world::PASSWORD).await;
        let teacher = world.anyone.with_token(again["token"].as_str().unwrap());
        let closed = send(&teacher, claim(&[invoice(NUMBER, "144.00")])).await;
        assert_eq!(
            (closed.status, closed.code(), &closed.json["closed_on"]),
            (409, "reimbursement_closed", &json!("2026-11-25"))
        );
    })
    .await;
}

#[derive(sea_orm::FromQueryResult)]
struct SealedNumber {
    number_sealed: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_sealed_told_and_held_for_three_days() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        let mut rule = settings("");
        rule["pay_by"] = json!("bank");
        assert_eq!(set(&finance, rule, Value::Null).await.status, 204);
        let sent = send(&teacher, claim(&[invoice(NUMBER, "144.00")])).await.json;
        approve(&world, &id(&sent)).await;
        let pay = format!("/api/v1/reimbursements/{}/payment", id(&sent));
        let missing = finance.call("POST", &pay, json!({"reference": "PZ-1"})).await;
        assert_eq!((missing.status, missing.code()), (409, "bank_missing"));
        let wrong = json!({"bank": "中国工商银行长沙支行", "number": "1234"});
        let refused = teacher.call("PUT", "/api/v1/me/bank-account", wrong).await;
        assert_eq!(refused.field_code("number"), "bank_number");
        let number = "43001777061050000123";
        let body = json!({"bank": "中国建设银行长沙支行", "number": number});
        let named = teacher.call("PUT", "/api/v1/me/bank-account", body).await;
        assert_eq!((named.status, &named.json["last_four"]), (200, &json!("0123")), "{:?}", named.json);
        assert_eq!(named.json["is_usable"], json!(false));
        world.settle().await;
        let told = world.sms(&crate::world::phone(people[0]["account"].as_str().unwrap()));
        assert!(told.iter().any(|m| m["purpose"] == "notice_bank_account"), "{told:?}");
        let row: SealedNumber =
            db::one(&world.site.db, "SELECT number_sealed FROM bank_accounts", vec![]).await.unwrap();
        assert!(!row.number_sealed.contains(number));
        let held = finance.call("POST", &pay, json!({"reference": "PZ-1"})).await;
        assert_eq!((held.status, held.code()), (409, "bank_held"));
        let left_out = form(&world, &finance, "/reimbursements/transfer", "year=2023&purpose=发放").await;
        assert!(String::from_utf8_lossy(&left_out.bytes).contains("更换未满 3 天"));
        world.clock.advance(3 * 86_400 + 1);
        let finance = signed_in_again(&world, "caiwu").await;
        let file = form(&world, &finance, "/reimbursements/transfer", "year=2023&purpose=发放").await;
        let line = encoding(&file.bytes);
        assert!(
            line.contains(number) && line.contains("144.00") && line.contains("2023年度培训费"),
            "{line}"
        );
        let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'reimbursement.transfer_file'";
        assert_eq!(db::count(&world.site.db, audited, vec![]).await.unwrap(), 2);
        let list = format!("单号,凭证号,付款日期\n{},PZ-9,2026-11-24\nx,PZ-10,\n", id(&sent));
        let parts = [("year", "2023")];
        let booked = upload_form(&world, &finance, "/reimbursements/payments", (&parts, &list)).await;
        let page = String::from_utf8_lossy(&booked.bytes).into_owned();
        assert!(page.contains("已登记 1 笔付款") && page.contains("PZ-9"), "{page}");
    })
    .await;
}

/// The bank's file as most of their programs read it.
fn encoding(bytes: &[u8]) -> String {
    encoding_rs::GB18030.decode(bytes).0.into_owned()
}

async fn signed_in_again(world: &World, account: &str) -> Client {
    let opened = world.sign_in(account, crate::world::PASSWORD).await;
    world.anyone.with_token(opened["token"].as_str().unwrap())
}

async fn form(world: &World, client: &Client, path: &str, body: &str) -> Answer {
    let form = ("application/x-www-form-urlencoded", body.as_bytes().to_vec());
    client.send("POST", path, form, &[("origin", world.url.as_str())]).await
}

/// Posts a form with a CSV file as a program with a bearer token would.
async fn upload_form(
    world: &World,
    client: &Client,
    path: &str,
    (fields, csv): (&[(&str, &str)], &str),
) -> Answer {
    let token = crate::roster::csrf(client).await;
    let part = |(name, value): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let head: String = std::iter::once(&("_csrf", token.as_str())).chain(fields).map(part).collect();
    let file = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--x--\r\n"
    );
    let sent = ("multipart/form-data; boundary=x", format!("{head}{file}").into_bytes());
    client.send("POST", path, sent, &[("origin", world.url.as_str())]).await
}

/// Approves a claim in its three stages.
async fn approve(world: &World, id: &str) {
    for (account, role) in [("zhuren", Role::DepartmentHead), ("renshi", Role::Hr), ("caiwu2", Role::Finance)]
    {
        let client = world.ready(account, role, "43010001").await;
        assert_eq!(decide(&client, id, "approve").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_limit_goes_another_way_with_two_signatures_and_the_units_fund() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        let sent = send(&teacher, claim(&[invoice(NUMBER, "200.00")])).await.json;
        assert_eq!(sent["reimbursable"], "144.00");
        let path = format!("/api/v1/reimbursements/{}/special", id(&sent));
        let ask = |amount: &str| json!({"amount": amount, "reason": "承担省级课题，需加修课程"});
        assert_eq!(teacher.call("POST", &path, ask("56.00")).await.code(), "special_no_fund");
        assert_eq!(set(&finance, settings("单位公用经费"), Value::Null).await.status, 204);
        assert_eq!(teacher.call("POST", &path, ask("56.01")).await.field_code("amount"), "special_amount");
        assert_eq!(admin.call("POST", &path, ask("56.00")).await.status, 404);
        let asked = teacher.call("POST", &path, ask("56.00")).await;
        assert_eq!((asked.status, &asked.json["state"]), (201, &json!("asked")), "{:?}", asked.json);
        assert_eq!(teacher.call("POST", &path, ask("1.00")).await.code(), "special_exists");
        let decision = format!("/api/v1/special-claims/{}/decision", id(&asked.json));
        let payment = format!("/api/v1/special-claims/{}/payment", id(&asked.json));
        let approve = || json!({"decision": "approve"});
        assert!(text(&finance, "/reimbursements/queue").await.contains("要两人签字"));
        assert_eq!(finance.call("POST", &decision, approve()).await.json["state"], "signed");
        assert_eq!(finance.call("POST", &decision, approve()).await.code(), "decided_before");
        // Another account of the same human gives no second signature.
        let second = world.ready("caiwu2", Role::UnitAdmin, "43010001").await;
        let sql = "INSERT INTO identifiers (kind, lookup, account_id) SELECT i.kind, i.lookup, b.id FROM identifiers i \
                   JOIN accounts a ON a.id = i.account_id JOIN accounts b ON b.name IN ('caiwu', 'caiwu2') \
                   WHERE a.person_id = $1 AND i.kind = 'id_number'";
        let same = db::execute(&world.site.db, sql, db::params![people[1]["id"].as_str().unwrap()]).await;
        assert_eq!(same.unwrap(), 2, "both have one ID number");
        assert_eq!(second.call("POST", &decision, approve()).await.code(), "decided_before");
        assert_eq!(finance.call("POST", &payment, json!({"reference": "PZ-1"})).await.code(), "not_approved");
        let approved = admin.call("POST", &decision, approve()).await.json;
        assert_eq!(
            (&approved["state"], &approved["fund"]),
            (&json!("approved"), &json!("单位公用经费")),
            "{approved:?}"
        );
        assert_eq!(finance.call("POST", &payment, json!({"reference": "PZ-1"})).await.json["state"], "paid");
        let books = text(&finance, "/reimbursements/books?year=2023").await;
        assert!(books.contains("超限额（单位经费）：已批准 56.00 元，其中已付款 56.00 元"), "{books}");
        let page = text(&teacher, &format!("/reimbursements/{}", id(&sent))).await;
        assert!(page.contains("单位公用经费") && page.contains("签字二"));
    })
    .await;
}

/// It is the rest of the claim's invoices: without the claim there is no rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_above_the_limit_is_not_paid_where_its_claim_was_given_back() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        assert_eq!(set(&finance, settings("单位公用经费"), Value::Null).await.status, 204);
        let sent = id(&send(&teacher, claim(&[invoice(NUMBER, "200.00")])).await.json);
        let ask = json!({"amount": "56.00", "reason": "承担省级课题，需加修课程"});
        let asked = teacher.call("POST", &format!("/api/v1/reimbursements/{sent}/special"), ask).await;
        assert_eq!(asked.status, 201, "{:?}", asked.json);
        let path = format!("/api/v1/special-claims/{}", id(&asked.json));
        for who in [&finance, &admin] {
            let signed = who.call("POST", &format!("{path}/decision"), json!({"decision": "approve"})).await;
            assert_eq!(signed.status, 200, "{:?}", signed.json);
        }
        let note = json!({"number": NUMBER, "kind": "red", "reason": "红字发票 2543"});
        let noted = finance.call("POST", "/api/v1/invoice-blocks", note).await;
        assert_eq!(noted.json["effect"], "reopened", "{:?}", noted.json);
        let pay =
            async || finance.call("POST", &format!("{path}/payment"), json!({"reference": "PZ-1"})).await;
        let refused = pay().await;
        assert_eq!((refused.status, refused.code()), (409, "special_claim_changed"));
        // Beside a claim that goes on it is booked, also where less is above the limit now than was signed.
        let again = send(&teacher, claim(&[invoice("24432000000012345671", "150.00")])).await;
        assert_eq!(again.status, 201, "{:?}", again.json);
        let paid = pay().await;
        assert_eq!((paid.status, &paid.json["state"]), (200, &json!("paid")), "{:?}", paid.json);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_no_longer_holds_reopens_its_claim_or_is_to_be_recovered() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let finance = world.ready("caiwu", Role::Finance, "43010001").await;
        let (first, second) = ("24432000000012345678", "24432000000012345679");
        let teacher = world.trainee(&admin, &people[0]).await;
        let open = id(&send(&teacher, claim(&[invoice(first, "144.00")])).await.json);
        let other = world.trainee(&admin, &people[1]).await;
        let paid = id(&send(&other, claim(&[invoice(second, "144.00")])).await.json);
        approve(&world, &paid).await;
        let pay = format!("/api/v1/reimbursements/{paid}/payment");
        assert_eq!(finance.call("POST", &pay, json!({"reference": "PZ-1"})).await.status, 200);
        let note = |number: &str| json!({"number": number, "kind": "red", "reason": "红字发票 2543"});
        let stranger = world.ready("waidan", Role::Finance, "43020001").await;
        let elsewhere = stranger.call("POST", "/api/v1/invoice-blocks", note(first)).await;
        assert_eq!(elsewhere.json["effect"], "none", "another unit's word moves nothing here");
        let path = format!("/api/v1/reimbursements/{open}");
        assert_eq!(teacher.call("GET", &path, Value::Null).await.json["state"], "submitted");
        let noted = finance.call("POST", "/api/v1/invoice-blocks", note(first)).await;
        assert_eq!((noted.status, &noted.json["effect"]), (201, &json!("reopened")), "{:?}", noted.json);
        assert_eq!(finance.call("POST", "/api/v1/invoice-blocks", note(first)).await.code(), "block_exists");
        assert_eq!(teacher.call("GET", &path, Value::Null).await.json["state"], "returned");
        let again = send(&teacher, claim(&[invoice(first, "144.00")])).await;
        assert_eq!((again.status, again.code()), (409, "invoice_blocked"));
        assert_eq!(again.json["errors"][0]["field"], "invoices[0].number");
        assert_eq!(send(&teacher, claim(&[invoice("24432000000012345670", "144.00")])).await.status, 201);
        let recovered = finance.call("POST", "/api/v1/invoice-blocks", note(second)).await;
        assert_eq!(recovered.json["effect"], "recover");
        let shown = other.call("GET", &format!("/api/v1/reimbursements/{paid}"), Value::Null).await.json;
        assert!(shown["recover"].as_str().unwrap().contains(second));
        assert!(text(&finance, "/reimbursements/books?year=2023").await.contains("待追回 144.00 元"));
        let inbox = other.call("GET", "/api/v1/me/messages", Value::Null).await.json;
        assert!(inbox.to_string().contains("已付的款须退回"), "{inbox}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_unit_paid_itself_is_never_reimbursed_again() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let payment = |number: &str, course: &str| {
            json!({"year": 2023, "unit": "43010001", "title": "团购课程", "course": course, "invoice": number, "amount": "4320.00",
                "people": 30, "paid_on": "2026-11-01"})
        };
        let recorded = admin.call("POST", "/api/v1/unit-payments", payment(NUMBER, "")).await;
        assert_eq!(recorded.status, 201, "{:?}", recorded.json);
        let twice = admin.call("POST", "/api/v1/unit-payments", payment(NUMBER, "")).await;
        assert_eq!(twice.code(), "invoice_unit_paid");
        let refused = send(&teacher, claim(&[invoice(NUMBER, "144.00")])).await;
        assert_eq!((refused.status, refused.code()), (409, "invoice_unit_paid"));
        let ledger = teacher.call("GET", "/api/v1/me/years/2023/record", Value::Null).await.json;
        let dear = ledger["credits"].as_array().unwrap().iter().find(|c| c["fee"] == "144.00").unwrap();
        let course = dear["course"].as_str().unwrap();
        let other = admin.call("POST", "/api/v1/unit-payments", payment("24432000000012345679", course)).await;
        assert_eq!(other.status, 201);
        let nothing = send(&teacher, claim(&[invoice("24432000000012345677", "144.00")])).await;
        assert_eq!((nothing.status, nothing.code()), (409, "nothing_to_reimburse"), "{:?}", nothing.json);
        let by_page = "year=2023&unit=43010001&title=x&invoice=24432000000012345676&amount=1.00&people=1&paid_on=2026-11-01";
        assert_eq!(form(&world, &admin, "/reimbursements/unit-paid", by_page).await.status, 303);
        let page = text(&admin, "/reimbursements/unit-paid?year=2023").await;
        assert!(page.contains("合计 8641.00 元"), "{page}");
        assert_eq!(
            teacher.call("POST", "/api/v1/unit-payments", payment("24432000000012345675", "")).await.status,
            403
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn green_rows_are_approved_together_and_a_red_one_says_the_one_reason() {
    on_both(|world| async move {
        let (admin, people) = complete(&world, 2).await;
        let mut ids = vec![];
        for (n, person) in people.iter().take(2).enumerate() {
            let teacher = world.trainee(&admin, person).await;
            let number = format!("2443200000001234567{n}");
            let mut own = invoice(&number, "144.00");
            if n == 0 {
                let original = xml(&number, "144.00", "湖南某学院");
                let file =
                    upload_to(&teacher, "/api/v1/invoices", ("发票.xml", "text/xml"), original.as_bytes())
                        .await;
                own["file"] = file.json["file"].clone();
            }
            ids.push(id(&send(&teacher, claim(&[own])).await.json));
        }
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let queue = text(&head, "/reimbursements/queue").await;
        assert!(
            queue.contains("绿色的 1 份") && queue.contains("发票 24432000000012345671 没有原件"),
            "{queue}"
        );
        let many = head.call("POST", "/api/v1/reimbursements/decisions", json!({"ids": ids})).await;
        assert_eq!(many.status, 200, "{:?}", many.json);
        let row = |id: &String| {
            many.json["items"].as_array().unwrap().iter().find(|r| r["id"] == json!(id)).unwrap().clone()
        };
        assert_eq!(row(&ids[0])["state"], "department_approved");
        assert_eq!(
            (&row(&ids[1])["state"], &row(&ids[1])["code"]),
            (&Value::Null, &json!("has_to_be_looked_at"))
        );
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let done = form(&world, &hr, "/reimbursements/approve", &format!("id_{}=1", ids[0])).await;
        assert_eq!(
            (done.status, done.headers["location"].to_str().unwrap()),
            (303, "/reimbursements/queue?approved=1")
        );
    })
    .await;
}
