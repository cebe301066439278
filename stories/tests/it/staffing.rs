//! 人事变动: transfers, records of one human, corrections, posts at a host unit, retirement, read-only after it.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    files::{pdf, upload},
    main_job::{courses, training},
    world::{World, id_number, on_both},
};

/// A second unit beside the college, under the same authority: its administrator.
async fn neighbour(world: &World, boss: &Client) -> Client {
    let unit = json!({"code": "43010002", "name": "湖南某医院", "kind": "unit", "parent": "430100"});
    assert_eq!(boss.call("POST", "/api/v1/units", unit).await.status, 201);
    world.ready("linju", Role::UnitAdmin, "43010002").await
}

async fn boss(world: &World) -> Client {
    world.ready("juzhang", Role::Authority, "430100").await
}

fn wish(n: usize) -> Value {
    json!({"id_number": id_number(n), "name": format!("教师{n:03}"), "unit": "43010002", "department": "外科",
        "from": "2026-11-01", "reason": "调令〔2026〕8号"})
}

async fn year(client: &Client, year: i32) -> Value {
    let answer = client.call("GET", &format!("/api/v1/me/years/{year}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    answer.json
}

/// At the new unit with the old hours: the certificate stays as it was, and the person is told who reimburses.
async fn came_along(world: &World, person: &Value, certificate: &Value) {
    let session = world.sign_in(person["account"].as_str().unwrap(), crate::world::PASSWORD).await;
    assert_eq!(session["roles"], json!([{"role": "staff", "unit": "43010002"}]));
    let teacher = world.anyone.with_token(session["token"].as_str().unwrap());
    let after = year(&teacher, 2023).await;
    assert_eq!((&after["earned"]["total"], &after["certificate_no"]), (&json!("90"), certificate));
    let verified = world
        .anyone
        .call("GET", &format!("/api/v1/verify/{}", certificate.as_str().unwrap()), Value::Null)
        .await
        .json;
    assert_eq!((&verified["state"], &verified["unit"]), (&json!("valid"), &json!("湖南某学院")));
    let inbox = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string();
    assert!(inbox.contains("由 湖南某医院 报账") && inbox.contains("12 月 31 日所在单位"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_asked_by_the_new_unit_and_released_by_the_old_one_with_hours_and_certificates() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = boss(&world).await;
        let other = neighbour(&world, &boss).await;
        let id = people[0]["id"].as_str().unwrap();
        let teacher = world.trainee(&admin, &people[0]).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, id).await;
        world.settle().await;
        let certificate = year(&teacher, 2023).await["certificate_no"].clone();
        assert!(certificate.is_string());
        let paper = json!({"year": 2026, "item": "paper.core", "title": "论文", "on": "2026-06-01", "rank": 1, "submit": true});
        assert_eq!(teacher.call("POST", "/api/v1/claims", paper).await.status, 201);

        let mut wrong = wish(1);
        wrong["name"] = json!("教师002");
        let nobody = other.call("POST", "/api/v1/transfers", wrong).await;
        assert_eq!((nobody.status, nobody.code()), (404, "transfer_person_unknown"), "a number alone finds nobody");
        let asked = other.call("POST", "/api/v1/transfers", wish(1)).await;
        assert_eq!((asked.status, &asked.json["state"]), (201, &json!("asked")), "{:?}", asked.json);
        let path = format!("/api/v1/transfers/{}", asked.json["id"].as_str().unwrap());
        assert_eq!(other.call("POST", "/api/v1/transfers", wish(1)).await.code(), "transfer_open");
        let release = json!({"decision": "release"});
        let denied = other.call("POST", &format!("{path}/decision"), release.clone()).await;
        assert_eq!(denied.status, 403, "the new unit does not release");
        let listed = other.call("GET", &path, Value::Null).await.json;
        assert_eq!(listed["open_matters"], json!([]), "what is open is the old unit's to see");
        let seen = admin.call("GET", &path, Value::Null).await.json;
        assert_eq!(seen["open_matters"][0]["kind"], "claim");
        assert_eq!(seen["consequences"]["reimburses"], "湖南某医院");
        let first = admin.call("POST", &format!("{path}/decision"), release).await;
        assert_eq!((first.status, first.code()), (409, "transfer_open_matters"));
        assert_eq!(first.json["open_matters"][0]["title"], "论文");
        let release = json!({"decision": "release", "open_matters_seen": true});
        let done = admin.call("POST", &format!("{path}/decision"), release.clone()).await;
        assert_eq!((done.status, &done.json["state"]), (200, &json!("released")), "{:?}", done.json);
        assert_eq!(admin.call("POST", &format!("{path}/decision"), release).await.code(), "transfer_decided");

        assert_eq!(admin.call("GET", &format!("/api/v1/people/{id}"), Value::Null).await.status, 404);
        let theirs = other.call("GET", &format!("/api/v1/people/{id}"), Value::Null).await.json;
        assert_eq!((&theirs["unit"], &theirs["department"]), (&json!("湖南某医院"), &json!("外科")));
        let history = other.call("GET", &format!("/api/v1/people/{id}/history"), Value::Null).await.json;
        let last = history["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&last["from"], &last["reason"]), (&json!("2026-11-01"), &json!("transferred")));
        world.settle().await;
        came_along(&world, &people[0], &certificate).await;
        let page = other.call("GET", &path.replace("/api/v1", ""), Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("本年度印"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_refused_with_a_reason_withdrawn_or_forced_by_the_authority_over_both() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = boss(&world).await;
        let other = neighbour(&world, &boss).await;
        let path = |answer: &Value| format!("/api/v1/transfers/{}", answer["id"].as_str().unwrap());
        let asked = other.call("POST", "/api/v1/transfers", wish(1)).await.json;
        let bare =
            admin.call("POST", &format!("{}/decision", path(&asked)), json!({"decision": "refuse"})).await;
        assert_eq!((bare.status, bare.field_code("comment")), (422, "required"));
        let no = json!({"decision": "refuse", "comment": "正在聘期内"});
        let refused = admin.call("POST", &format!("{}/decision", path(&asked)), no).await;
        assert_eq!(refused.json["state"], "refused");
        let again = other.call("POST", "/api/v1/transfers", wish(1)).await.json;
        let gone = other.call("POST", &format!("{}/withdrawal", path(&again)), json!({})).await;
        assert_eq!(gone.json["state"], "withdrawn", "{:?}", gone.json);
        let mut forced = wish(2);
        forced["force"] = json!(true);
        assert_eq!(other.call("POST", "/api/v1/transfers", forced.clone()).await.status, 403);
        let stranger = world.ready("wairen", Role::Authority, "430200").await;
        assert_eq!(stranger.call("POST", "/api/v1/transfers", forced.clone()).await.status, 404);
        let done = boss.call("POST", "/api/v1/transfers", forced).await;
        assert_eq!((done.status, &done.json["state"]), (201, &json!("released")), "{:?}", done.json);
        let moved = format!("/api/v1/people/{}", people[1]["id"].as_str().unwrap());
        assert_eq!(other.call("GET", &moved, Value::Null).await.json["unit"], "湖南某医院");
        assert_eq!(admin.call("GET", &moved, Value::Null).await.status, 404);
        let me = admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
        let me = me["person"]["id"].as_str().unwrap();
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE action LIKE 'transfer.%' AND actor = $1";
        assert_eq!(db::count(&world.site.db, sql, db::params![me]).await.unwrap(), 1);
    })
    .await;
}

/// Someone entered a second time under a passport, with the same name and birth date.
async fn double(admin: &Client) -> Value {
    let person = json!({"unit": "43010001", "name": "教师001", "id_type": "passport", "id_number": "E12345678",
        "gender": "male", "birth_date": "1980-05-01", "category": "professional", "level": "professional_10",
        "joined_on": "2012-09-01"});
    let made = admin.call("POST", "/api/v1/people", person).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    made.json
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_of_one_human_become_one_both_chains_verify_and_no_hour_counts_twice() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = boss(&world).await;
        let kept = people[0]["id"].as_str().unwrap();
        let second = double(&admin).await;
        let gone = second["id"].as_str().unwrap();
        // Both were booked for the same training, and the second one learned courses.
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, gone).await;
        world.settle().await;
        let pairs = boss.call("GET", "/api/v1/duplicates", Value::Null).await.json;
        assert_eq!(
            pairs["items"].as_array().unwrap().len(),
            1,
            "same birth date, other names are no pair: {pairs}"
        );
        let body = json!({"keep": kept, "duplicate": gone, "reason": "护照与身份证为同一人"});
        assert_eq!(admin.call("POST", "/api/v1/merges", body.clone()).await.status, 403);
        let merged = boss.call("POST", "/api/v1/merges", body.clone()).await;
        assert_eq!((merged.status, &merged.json["credits"]), (201, &json!(3)), "{:?}", merged.json);
        assert_eq!(boss.call("POST", "/api/v1/merges", body).await.code(), "merged_before");
        world.settle().await;

        let teacher = world.trainee(&admin, &people[0]).await;
        let after = year(&teacher, 2023).await;
        assert_eq!(
            after["earned"],
            json!({"total": "90", "public": "30", "professional": "60", "days": "3"})
        );
        assert_eq!(after["fees"]["reimbursable"], "144.00");
        assert!(after["certificate_no"].is_string(), "{after}");
        let overlap =
            after["credits"].as_array().unwrap().iter().filter(|c| c["reason"] == "overlap").count();
        assert_eq!(overlap, 1, "the training that both were booked for counts once");
        assert!(hours::verify(&world.site).await.unwrap().is_ok(), "both chains hold");
        assert!(audit::verify(&world.site).await.unwrap().is_ok());

        counts_nowhere(&world, (&admin, &boss), (kept, gone)).await;
        taken_back(&world, (kept, gone)).await;
        let page = boss.call("GET", "/duplicates", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("护照与身份证为同一人"));
    })
    .await;
}

/// The old record is still there with its ledger, and counts nowhere.
async fn counts_nowhere(world: &World, (admin, boss): (&Client, &Client), (kept, gone): (&str, &str)) {
    let of_gone = "SELECT COUNT(*) FROM hour_entries WHERE person_id = $1";
    assert_eq!(
        db::count(&world.site.db, of_gone, db::params![gone]).await.unwrap(),
        6,
        "credits and reversals"
    );
    let listed = admin.call("GET", "/api/v1/people?unit=43010001&limit=200", Value::Null).await.json;
    assert!(!listed.to_string().contains(gone));
    let found = admin.call("GET", "/api/v1/people?q=E12345678", Value::Null).await.json;
    assert_eq!(found["items"][0]["id"], json!(kept), "the old number leads to the person");
    let stats = boss.call("GET", "/api/v1/stats?unit=43010001&year=2023&by=unit", Value::Null).await.json;
    let counted: i64 = stats["rows"].as_array().unwrap().iter().map(|r| r["people"].as_i64().unwrap()).sum();
    assert_eq!(counted, 2, "{stats}");
    let history = boss.call("GET", &format!("/api/v1/people/{gone}/history"), Value::Null).await.json;
    assert_eq!(history["items"].as_array().unwrap().last().unwrap()["reason"], "merged");
}

/// A correction of the old booking takes the hours back where they are now.
async fn taken_back(world: &World, (kept, gone): (&str, &str)) {
    let entry = "SELECT id FROM hour_entries WHERE person_id = $1 AND kind = 'credit' ORDER BY seq LIMIT 1";
    let entry: Entry = db::one(&world.site.db, entry, db::params![gone]).await.unwrap();
    let tx = world.site.db.begin().await.unwrap();
    let why = hours::Reversal { reason: "登记有误", by: kept.parse().unwrap() };
    assert_eq!(hours::reverse_many(&world.site, &tx, &[entry.id.parse().unwrap()], why).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(hours::verify(&world.site).await.unwrap().is_ok());
}

#[derive(sea_orm::FromQueryResult)]
struct Entry {
    id: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_put_right_on_evidence_by_a_second_person_and_the_old_one_still_leads_there() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let id = people[0]["id"].as_str().unwrap();
        let by_hand = admin.call("PATCH", &format!("/api/v1/people/{id}"), json!({"name": "教师零零一"})).await;
        assert_eq!(by_hand.code(), "correction_needed");
        let file = upload(&teacher, ("户籍.pdf", "application/pdf"), &pdf(7)).await.json["id"].clone();
        let wanted = json!({"name": "教师零零一", "id_number": id_number(77), "reason": "登记时写错", "files": [file]});
        let mut bare = wanted.clone();
        bare["files"] = json!([]);
        assert_eq!(teacher.call("POST", "/api/v1/corrections", bare).await.field_code("files"), "correction_evidence");
        let asked = teacher.call("POST", "/api/v1/corrections", wanted.clone()).await;
        assert_eq!(asked.status, 201, "{:?}", asked.json);
        assert_eq!(teacher.call("POST", "/api/v1/corrections", wanted).await.code(), "correction_open");
        let sealed = "SELECT COUNT(*) FROM corrections WHERE wanted_sealed LIKE '%' || $1 || '%'";
        assert_eq!(db::count(&world.site.db, sealed, db::params![id_number(77)]).await.unwrap(), 0);
        let path = format!("/api/v1/corrections/{}/decision", asked.json["id"].as_str().unwrap());
        let approve = json!({"decision": "approve"});
        assert_eq!(teacher.call("POST", &path, approve.clone()).await.status, 403);
        let foreign = world.ready("wairen", Role::UnitAdmin, "43020001").await;
        assert_eq!(foreign.call("POST", &path, approve.clone()).await.status, 404);
        let file = format!("/api/v1/files/{}", file.as_str().unwrap());
        assert_eq!(admin.call("GET", &file, Value::Null).await.status, 200, "evidence is open to who decides");
        let done = admin.call("POST", &path, approve.clone()).await;
        assert_eq!((done.status, &done.json["state"]), (200, &json!("approved")), "{:?}", done.json);
        assert_eq!(admin.call("GET", &file, Value::Null).await.status, 404, "and shut again");
        assert_eq!(admin.call("POST", &path, approve).await.code(), "correction_decided");
        let profile = teacher.call("GET", "/api/v1/me/profile", Value::Null).await.json;
        assert_eq!((&profile["id"], &profile["name"]), (&json!(id), &json!("教师零零一")));
        for number in [1, 77] {
            let found = admin.call("GET", &format!("/api/v1/people?q={}", id_number(number)), Value::Null).await;
            assert_eq!(found.json["items"][0]["id"], json!(id), "{number}");
        }
        // What the unit asks for, another one decides.
        let evidence = upload(&admin, ("函.pdf", "application/pdf"), &pdf(8)).await.json["id"].clone();
        let asked = json!({"person": id, "name": "教师某", "reason": "核对档案", "files": [evidence]});
        let asked = admin.call("POST", "/api/v1/corrections", asked).await;
        assert_eq!(asked.status, 201, "{:?}", asked.json);
        let path = format!("/api/v1/corrections/{}/decision", asked.json["id"].as_str().unwrap());
        let own = admin.call("POST", &path, json!({"decision": "approve"})).await;
        assert_eq!((own.status, own.code()), (403, "correction_second_person"));
        let boss = boss(&world).await;
        let no = boss.call("POST", &path, json!({"decision": "reject", "comment": "材料不符"})).await;
        assert_eq!(no.json["state"], "rejected");
        assert_eq!(teacher.call("GET", "/me/corrections", Value::Null).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_unit_sees_its_guests_progress_and_books_trainings_while_home_reviews_and_reports() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = boss(&world).await;
        let host = neighbour(&world, &boss).await;
        let id = people[0]["id"].as_str().unwrap();
        let mut plan = training();
        plan["people"] = json!([id]);
        assert_eq!(
            host.call("POST", "/api/v1/batch-claims", plan.clone()).await.status,
            422,
            "not yet a guest"
        );
        let post =
            json!({"kind": "secondment", "unit": "43010002", "title": "医务科科员", "from": "2023-01-01"});
        let posts = format!("/api/v1/people/{id}/posts");
        assert_eq!(host.call("POST", &posts, post.clone()).await.status, 404, "home records it");
        let own = json!({"kind": "secondment", "unit": "43010001", "title": "x", "from": "2023-01-01"});
        assert_eq!(admin.call("POST", &posts, own).await.field_code("unit"), "post_own_unit");
        let made = admin.call("POST", &posts, post).await;
        assert_eq!(made.status, 201, "{:?}", made.json);
        let both =
            json!({"kind": "concurrent", "unit": "43010001", "title": "系党支部书记", "from": "2024-01-01"});
        assert_eq!(admin.call("POST", &posts, both).await.status, 201);
        let guests = host.call("GET", "/api/v1/guests", Value::Null).await.json;
        assert_eq!(guests["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&guests["items"][0]["home"], &guests["items"][0]["public_hours"]),
            (&json!("湖南某学院"), &json!("0"))
        );
        let lent = admin.call("GET", "/api/v1/guests?side=home", Value::Null).await.json;
        assert_eq!(lent["items"].as_array().unwrap().len(), 2);
        let booked = host.call("POST", "/api/v1/batch-claims", plan.clone()).await;
        assert_eq!(
            (booked.status, &booked.json["items"][0]["credited"]),
            (200, &json!("24")),
            "{:?}",
            booked.json
        );
        assert_eq!(
            host.call("GET", &format!("/api/v1/people/{id}"), Value::Null).await.status,
            404,
            "no more than that"
        );
        let stats =
            admin.call("GET", "/api/v1/stats?unit=43010001&year=2023&by=unit", Value::Null).await.json;
        assert_eq!(stats["rows"][0]["people"], 2, "home reports");
        let end = format!("{posts}/{}", made.json["id"].as_str().unwrap());
        assert_eq!(admin.call("DELETE", &end, Value::Null).await.status, 204);
        assert_eq!(host.call("GET", "/api/v1/guests", Value::Null).await.json["items"], json!([]));
        for page in ["/guests", "/guests?side=home", &format!("/people/{id}/posts")] {
            assert_eq!(admin.call("GET", page, Value::Null).await.status, 200, "{page}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retired_read_their_certificates_and_ledger_and_change_nothing_else() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, people[0]["id"].as_str().unwrap()).await;
        world.settle().await;
        let path = format!("/api/v1/people/{}", people[0]["id"].as_str().unwrap());
        let retired = admin.call("PATCH", &path, json!({"status": "retired", "from": "2026-11-20"})).await;
        assert_eq!(retired.status, 200, "{:?}", retired.json);
        let no = year(&teacher, 2023).await["certificate_no"].clone();
        let pdf = teacher.call("GET", &format!("/api/v1/certificates/{}.pdf", no.as_str().unwrap()), Value::Null).await;
        assert!(pdf.bytes.starts_with(b"%PDF"));
        assert_eq!(teacher.call("GET", "/api/v1/me/years/2023/ledger", Value::Null).await.status, 200);
        let paper = json!({"year": 2026, "item": "paper.core", "title": "论文", "on": "2026-06-01", "rank": 1, "submit": true});
        let refused = teacher.call("POST", "/api/v1/claims", paper).await;
        assert_eq!((refused.status, refused.code()), (403, "former_reads_only"));
        let profile = teacher.call("PATCH", "/api/v1/me/profile", json!({"category": "worker"})).await;
        assert_eq!(profile.code(), "former_reads_only");
        let again = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
        assert_eq!((again.status, &again.json["no"]), (201, &no));
        let question = json!({"category": "certificate", "title": "补打", "text": "请问怎么补打"});
        assert_eq!(teacher.call("POST", "/api/v1/tickets", question).await.status, 201);
        let password = json!({"current_password": crate::world::PASSWORD, "new_password": "Zhu-ye2408!"});
        assert_eq!(teacher.call("PUT", "/api/v1/me/password", password).await.status, 204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reaches_retirement_is_listed_by_month_with_the_gradual_delay() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        // Born 1966-09-10: six steps of four months later than 1965-01 make six months of delay (domain §4).
        let man = json!({"unit": "43010001", "name": "老张", "id_type": "passport", "id_number": "E00000001",
            "gender": "male", "birth_date": "1966-09-10", "category": "management", "level": "management_7"});
        assert_eq!(admin.call("POST", "/api/v1/people", man).await.status, 201);
        let there = admin.call("GET", "/api/v1/retirements?month=2027-04", Value::Null).await.json;
        let here = admin.call("GET", "/api/v1/retirements?month=2027-03", Value::Null).await.json;
        assert_eq!(
            (here["items"].as_array().unwrap().len(), there["items"].as_array().unwrap().len()),
            (1, 0),
            "{here}"
        );
        assert_eq!(here["items"][0]["on"], "2027-03-10");
        assert_eq!(
            admin.call("GET", "/api/v1/retirements?month=neu", Value::Null).await.field_code("month"),
            "month_form"
        );
        assert_eq!(admin.call("GET", "/retirements?month=2027-03", Value::Null).await.status, 200);
    })
    .await;
}

const DAY: &str = "2027-06-30";

/// Who may set a day, and what it must be.
async fn refused_days(world: &World, (hr, teacher): (&Client, &Client), path: &str, body: &Value) {
    assert_eq!(teacher.call("PUT", path, body.clone()).await.status, 403);
    let foreign = world.ready("wairen", Role::Hr, "43020001").await;
    for (method, sent) in [("GET", Value::Null), ("PUT", body.clone()), ("DELETE", Value::Null)] {
        assert_eq!(foreign.call(method, path, sent).await.status, 404, "{method}");
    }
    let wrong =
        [("day", "date_form", "morgen"), ("day", "wrong_value", "1970-01-01"), ("document", "required", "")];
    for (field, code, value) in wrong {
        let mut wrong = body.clone();
        wrong[field] = json!(value);
        assert_eq!(hr.call("PUT", path, wrong).await.field_code(field), code, "{value}");
    }
}

/// The record, an exemption and the monthly list go by the day that HR set.
async fn holds_everywhere((hr, teacher): (&Client, &Client), id: &str) {
    let record = teacher.call("GET", "/api/v1/me/years/2026/record", Value::Null).await.json;
    assert_eq!(record["person"]["retires_on"], DAY);
    let (_, policy) = rules::policy::delivered().iter().find(|(y, _)| y.number() == 2026).unwrap();
    let policy = rules::Policy::load(policy).unwrap();
    let text = record.to_string();
    let read = rules::record::read(&text, &policy).unwrap();
    assert_eq!(json!(rules::assess(&policy, &read).exemption_eligible), json!(["near_retirement"]));
    let asked = json!({"year": 2026, "kind": "near_retirement", "reason": "即将退休"});
    let asked = teacher.call("POST", "/api/v1/exemptions", asked).await;
    assert!(asked.status < 300, "{:?}", asked.json);
    let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
    let seen = teacher.call("GET", &path, Value::Null).await.json;
    assert_eq!((&seen["facts"]["retirement_set"], &seen["eligible"]), (&json!(true), &json!(true)));
    let listed = hr.call("GET", "/api/v1/retirements?month=2027-06", Value::Null).await.json;
    let first = &listed["items"][0];
    assert_eq!((&first["person"], &first["document"]), (&json!(id), &json!("湘人社函〔2026〕12号")));
    let computed = first["computed_on"].as_str().unwrap()[..7].to_owned();
    let there = hr.call("GET", &format!("/api/v1/retirements?month={computed}"), Value::Null).await.json;
    assert_eq!(there["items"], json!([]), "not by age any more");
}

/// Domain §4: an explicit day from HR overrides the computed one and is shown as such, for near retirement too.
#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_retirement_that_hr_sets_takes_the_place_of_the_computed_one() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let id = people[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/people/{id}/retirement");
        let near = async || year(&teacher, 2026).await["exemption_eligible"].clone();
        assert_eq!(near().await, json!([]), "born in 1980");
        let body = json!({"day": DAY, "document": "湘人社函〔2026〕12号", "reason": "提前退休"});
        refused_days(&world, (&hr, &teacher), &path, &body).await;
        assert_eq!(hr.call("PUT", &path, body).await.status, 204);
        assert_eq!(near().await, json!(["near_retirement"]), "before 12-31 of the next year");
        holds_everywhere((&hr, &teacher), id).await;
        let later = json!({"day": "2041-06-30", "document": "湘人社函〔2026〕13号", "reason": "更正"});
        assert_eq!(hr.call("PUT", &path, later).await.status, 204);
        assert_eq!(near().await, json!([]));
        let page = hr.call("GET", &format!("/people/{id}/retirement"), Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("湘人社函〔2026〕13号"));
        let found = hr.call("GET", "/retirements?q=教师001", Value::Null).await;
        assert!(String::from_utf8_lossy(&found.bytes).contains(&format!("/people/{id}/retirement")));
        assert_eq!(hr.call("DELETE", &path, Value::Null).await.status, 204);
        assert_eq!(hr.call("DELETE", &path, Value::Null).await.code(), "no_retirement_day");
        let stands = hr.call("GET", &path, Value::Null).await.json;
        assert_eq!((&stands["on"], &stands["set"]), (&stands["computed_on"], &Value::Null));
        let auditor = world.ready("shenji", Role::Auditor, "430100").await;
        let trail = auditor.call("GET", "/api/v1/audit?action=retirement", Value::Null).await.json;
        let deeds: Vec<&Value> = trail["items"].as_array().unwrap().iter().map(|i| &i["action"]).collect();
        assert_eq!(deeds, ["retirement.unset", "retirement.set", "retirement.set"]);
        assert_eq!(trail["items"][1]["details"]["before"], DAY);
    })
    .await;
}
