//! A college where one person has one of everything: what the walks over all routes look for.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    files::{pdf, upload},
    main_job::{courses, training},
    world::{World, id_number},
};

/// An id that no row has.
pub const NOTHING: &str = "01900000-0000-7000-8000-000000000000";

/// What one unit holds: a thing of each kind, and its person.
pub struct Holdings {
    pub person: Value,
    pub things: Vec<(&'static str, String)>,
}

pub async fn make(client: &Client, path: &str, body: Value) -> String {
    let made = client.call("POST", path, body).await;
    assert!(made.status < 300, "{path}: {:?}", made.json);
    made.json["id"].as_str().unwrap_or_default().to_owned()
}

/// A college where one person has one of everything.
pub async fn holdings(world: &World) -> Holdings {
    let (admin, people) = world.college(1).await;
    let person = people[0].clone();
    let id = person["id"].as_str().unwrap().to_owned();
    let teacher = world.trainee(&admin, &person).await;
    let batch = make(&admin, "/api/v1/batch-claims", training()).await;
    courses(world, &id).await;
    world.settle().await;
    let no = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await.json["no"].clone();
    let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
    let paper = json!({"year": 2023, "item": "paper.core", "title": "论文", "on": "2023-06-01", "rank": 2, "submit": true});
    let claim = make(&teacher, "/api/v1/claims", paper).await;
    let (reimbursement, special) = claims_of_money(&admin, &teacher).await;
    let (leave, exemption) = absence(&teacher, &file).await;
    let induction = induction(&admin, &id).await;
    let ticket = ticket(&teacher).await;
    let (token, check) = checked(world, &id).await;
    let grants = admin.call("GET", &format!("/api/v1/people/{id}/roles"), Value::Null).await.json;
    let grant = grants["items"][0]["id"].as_str().unwrap_or(NOTHING).to_owned();
    let draft = draft(world, &admin).await;
    make(&admin, "/api/v1/reminders", json!({"people": [id]})).await;
    let inbox = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json;
    let message = inbox["items"][0]["id"].as_str().unwrap().to_owned();
    let (notice, training) = gatherings(&admin).await;
    let report = make(&admin, "/api/v1/reports", json!({"year": 2023})).await;
    let mut things = changes(world, (&admin, &teacher), &id).await;
    things.extend(recognised(world, &admin, &teacher).await);
    things.extend([
        ("attendances", training.clone()),
        ("attend", training),
        ("notices", notice),
        ("messages", message),
        ("reports", report),
        ("report-subscriptions", "43010001".to_owned()),
        ("units", "43010001".to_owned()),
        ("people-import", draft),
        ("people", id),
        ("roles", grant),
        ("batch-claims", batch.clone()),
        ("trainings", batch),
        ("certificates", format!("{}.pdf", no.as_str().unwrap())),
        ("files", file.as_str().unwrap().to_owned()),
        ("claims", claim.clone()),
        ("reviews", claim),
        ("reimbursements", reimbursement),
        ("special-claims", special),
        ("leaves", leave),
        ("inductions", induction),
        ("exemptions", exemption),
        ("tickets", ticket),
        ("checks", check),
        ("tokens", token),
    ]);
    Holdings { person, things }
}

/// HR's program token, and its check of a person.
async fn checked(world: &World, id: &str) -> (String, String) {
    let hr = world.ready("renshi", Role::Hr, "43010001").await;
    let token = program_token(&hr).await;
    let check = format!("/api/v1/hr/checks?person={id}&year=2023&business=award");
    assert_eq!(hr.call("GET", &check, Value::Null).await.status, 200);
    let listed = hr.call("GET", "/checks", Value::Null).await;
    let listed = String::from_utf8_lossy(&listed.bytes).into_owned();
    let mut links = listed.split("/checks/").skip(1).filter(|rest| !rest.starts_with("tokens"));
    (token, links.next().unwrap().chars().take(NOTHING.len()).collect())
}

/// A transfer that waits, a correction that waits, and a post at a neighbour.
async fn changes(
    world: &World,
    (admin, teacher): (&Client, &Client),
    person: &str,
) -> Vec<(&'static str, String)> {
    let neighbour = world.ready("nachbar", Role::UnitAdmin, "43010009").await;
    let wish = json!({"id_number": id_number(1), "name": "教师001", "unit": "43010009", "reason": "调令"});
    let evidence = upload(teacher, ("b.pdf", "application/pdf"), &pdf(2)).await.json["id"].clone();
    let wanted = json!({"name": "教师零一", "reason": "写错", "files": [evidence]});
    let post = json!({"kind": "secondment", "unit": "43010009", "title": "科员", "from": "2026-01-01"});
    vec![
        ("transfers", make(&neighbour, "/api/v1/transfers", wish).await),
        ("corrections", make(teacher, "/api/v1/corrections", wanted).await),
        ("posts", make(admin, &format!("/api/v1/people/{person}/posts"), post).await),
    ]
}

/// A question to customer service.
async fn ticket(teacher: &Client) -> String {
    let question = json!({"category": "account", "title": "收不到验证码", "text": "换了手机"});
    make(teacher, "/api/v1/tickets", question).await
}

/// A leave, and the exemption that it allows to ask for.
async fn absence(teacher: &Client, file: &Value) -> (String, String) {
    let leave = json!({"kind": "sick", "from": "2026-01-01", "to": "2026-06-30"});
    let leave = make(teacher, "/api/v1/leaves", leave).await;
    let exemption = json!({"year": 2026, "kind": "leave", "reason": "病休", "files": [file]});
    (leave, make(teacher, "/api/v1/exemptions", exemption).await)
}

/// An induction on record.
async fn induction(admin: &Client, person: &str) -> String {
    let path = format!("/api/v1/people/{person}/inductions");
    let training = json!({"kind": "entry", "title": "岗前培训", "from": "2026-06-01", "to": "2026-06-05", "hours": "40",
        "document": "院人〔2026〕8号"});
    make(admin, &path, training).await;
    let listed = admin.call("GET", &path, Value::Null).await.json;
    listed["items"][0]["id"].as_str().unwrap().to_owned()
}

/// A token for the college's HR system.
async fn program_token(hr: &Client) -> String {
    make(hr, "/api/v1/hr/tokens", json!({"name": "人事系统", "days": 30})).await;
    let tokens = hr.call("GET", "/api/v1/hr/tokens", Value::Null).await.json;
    tokens["items"][0]["id"].as_str().unwrap().to_owned()
}

/// A claim above the limit beside the ordinary one; the ids of both.
async fn claims_of_money(admin: &Client, teacher: &Client) -> (String, String) {
    let settings = crate::money::settings("公用经费");
    assert_eq!(crate::money::set(admin, settings, Value::Null).await.status, 204);
    let invoice = json!({"number": "24432000000012345678", "date": "2023-11-02", "amount": "150.00", "buyer": "湖南某学院"});
    let claim = make(teacher, "/api/v1/reimbursements", json!({"year": 2023, "invoices": [invoice]})).await;
    let above = json!({"amount": "6.00", "reason": "承担省级课题"});
    let special = make(teacher, &format!("/api/v1/reimbursements/{claim}/special"), above).await;
    (claim, special)
}

/// What came of recognition: a year's ledger, a year brought in, a spot check with its case, an incident.
async fn recognised(world: &World, admin: &Client, teacher: &Client) -> Vec<(&'static str, String)> {
    let legacy = legacy(world, admin).await;
    let (check, drawn) = spot_check(world, admin, teacher).await;
    let sql = "INSERT INTO incidents (id, unit_path, provider, title, from_ms, to_ms, recorded_by, recorded_at) \
               SELECT '01900000-0000-7000-8000-0000000000bb', path, 'netti', '故障', 0, 1, (SELECT MIN(id) FROM people), 0 \
               FROM units WHERE code = '430100'";
    db::execute(&world.site.db, sql, vec![]).await.unwrap();
    vec![
        ("yearbooks", "43010001".to_owned()),
        ("legacy-years", legacy),
        ("spot-checks", check),
        ("spot-check-cases", drawn),
        ("incidents", "01900000-0000-7000-8000-0000000000bb".to_owned()),
    ]
}

/// A year before the ledger that was brought in.
async fn legacy(world: &World, admin: &Client) -> String {
    let list = format!("身份证号,年度,公共科目,专业科目\n{},2021,30,60\n", id_number(1));
    let body = ("text/csv; charset=utf-8", list.into_bytes());
    let document = "%E5%8F%B0%E8%B4%A6";
    let scan = upload(admin, ("scan.pdf", "application/pdf"), &pdf(21)).await.json["id"].clone();
    let scan = scan.as_str().unwrap();
    let path = format!("/api/v1/legacy/imports?unit=43010001&document={document}&scan={scan}");
    let taken = admin.send("POST", &path, body, &[]).await;
    assert_eq!(taken.status, 200, "{:?}", taken.json);
    let row: Draft = db::one(&world.site.db, "SELECT id FROM legacy_years", vec![]).await.unwrap();
    row.id
}

/// A spot check that has drawn a claim of the college.
async fn spot_check(world: &World, admin: &Client, teacher: &Client) -> (String, String) {
    let paper =
        json!({"year": 2023, "item": "paper.core", "title": "另一篇", "on": "2023-07-01", "submit": true});
    let claim = make(teacher, "/api/v1/claims", paper).await;
    let approve = json!({"decision": "approve", "comment": "属实"});
    make(admin, &format!("/api/v1/claims/{claim}/decision"), approve).await;
    let token = world.sign_in("root43", crate::world::PASSWORD).await["token"].as_str().unwrap().to_owned();
    let boss = world.anyone.with_token(&token);
    let check = make(&boss, "/api/v1/spot-checks", json!({"unit": "43010001", "year": 2023})).await;
    hours::checkpoint::make(&world.site).await.unwrap();
    let drawn = boss.call("GET", &format!("/api/v1/spot-checks/{check}"), Value::Null).await.json;
    (check, drawn["cases"][0]["id"].as_str().unwrap().to_owned())
}

/// A notice and an in-person training of the college.
async fn gatherings(admin: &Client) -> (String, String) {
    let notice =
        json!({"unit": "43010001", "title": "通知", "body": "请各部门完成", "files": [], "publish": true});
    let training =
        json!({"unit": "43010001", "title": "培训", "date": "2026-11-24", "from": "09:00", "to": "17:00"});
    (make(admin, "/api/v1/notices", notice).await, make(admin, "/api/v1/attendances", training).await)
}

/// A roster that was uploaded on the page and waits for its confirmation.
/// An uploaded roster of one person that waits for its confirmation.
pub async fn draft(world: &World, admin: &Client) -> String {
    let token = crate::roster::csrf(admin).await;
    let part = |name: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"");
    let (head, file) = (part("_csrf"), part("file"));
    let roster = crate::world::roster(1..=1);
    let body = format!("{head}\r\n\r\n{token}\r\n{file}; filename=\"a.csv\"\r\n\r\n{roster}\r\n--x--\r\n");
    let sent = ("multipart/form-data; boundary=x", body.into_bytes());
    let shown = admin.send("POST", "/people-import", sent, &[]).await;
    assert_eq!(shown.status, 200);
    let row: Draft =
        db::one(&world.site.db, "SELECT id FROM roster_drafts WHERE state = 'open'", vec![]).await.unwrap();
    row.id
}

#[derive(sea_orm::FromQueryResult)]
struct Draft {
    id: String,
}
