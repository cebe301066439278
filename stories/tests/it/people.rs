//! One person by hand: adding, changing, and the history of who was where with which status from which day.
use base::Role;
use serde_json::{Value, json};

use crate::world::{World, id_number, on_both};

fn new_person(n: usize) -> Value {
    json!({"unit": "43010001", "name": "阿依古丽 • 买买提", "id_number": id_number(n), "category": "professional",
        "level": "professional_10", "department": "教务处", "joined_on": "2012-09-01", "phone": "139 0000 0001",
        "staff_no": "Ｇ001"})
}

async fn standing_obliged(client: &testkit::Client, year: i32) -> Value {
    let answer = client.call("GET", &format!("/api/v1/me/years/{year}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    answer.json["obliged"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_added_by_hand_and_found() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let added = admin.call("POST", "/api/v1/people", new_person(1)).await;
        assert_eq!(added.status, 201, "{:?}", added.json);
        let person = added.json;
        assert_eq!(person["name"], "阿依古丽·买买提");
        assert_eq!(person["id_number_masked"].as_str().unwrap().len(), 18);
        assert_eq!((&person["gender"], &person["birth_date"]), (&json!("male"), &json!("1980-05-01")));
        assert_eq!((&person["staff_no"], &person["establishment"]), (&json!("G001"), &json!("established")));
        assert_eq!(person["contact_phone_masked"], "139****0001");
        for q in [id_number(1).as_str(), "G001", "古丽·买", "古丽・买"] {
            let found = admin.call("GET", &format!("/api/v1/people?q={q}"), Value::Null).await;
            assert_eq!(found.json["items"][0]["id"], person["id"], "{q}");
        }
        let again = admin.call("POST", "/api/v1/people", new_person(1)).await;
        assert_eq!((again.status, &again.json["code"]), (409, &json!("person_exists")));
        let mut unknown = new_person(2);
        unknown["role"] = json!("authority");
        let refused = admin.call("POST", "/api/v1/people", unknown).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!("unknown_field")));
        let mut wrong = new_person(2);
        wrong["gender"] = json!("male");
        wrong["level"] = json!("management_7");
        wrong["name"] = json!("张\u{202e}三");
        let refused = admin.call("POST", "/api/v1/people", wrong).await;
        let codes: Vec<&str> =
            refused.json["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
        assert_eq!(
            codes,
            ["name_form", "level_mismatch", "gender_mismatch"].map(|c| c),
            "{:?}",
            refused.json
        );
        let passport =
            json!({"unit": "43010001", "name": "John Smith", "id_type": "passport", "id_number": "E1234567"});
        let refused = admin.call("POST", "/api/v1/people", passport.clone()).await;
        assert_eq!(refused.json["errors"].as_array().unwrap().len(), 2, "gender and birth date");
        let mut whole = passport;
        whole["gender"] = json!("male");
        whole["birth_date"] = json!("1979-02-03");
        let added = admin.call("POST", "/api/v1/people", whole).await;
        assert_eq!((added.status, &added.json["id_number_masked"]), (201, &json!("E*****67")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_other_units_are_not_there() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let other = world.ready("other", Role::UnitAdmin, "43020001").await;
        let id = people[0]["id"].as_str().unwrap();
        assert_eq!(other.call("POST", "/api/v1/people", new_person(5)).await.status, 404);
        let unknown =
            other.call("PATCH", "/api/v1/people/01900000-0000-7000-8000-000000000000", json!({})).await;
        for (method, path) in
            [("PATCH", String::new()), ("GET", String::new()), ("GET", "/history".to_owned())]
        {
            let path = format!("/api/v1/people/{id}{path}");
            let answer =
                other.call(method, &path, if method == "GET" { Value::Null } else { json!({}) }).await;
            assert_eq!((answer.status, &answer.json), (404, &unknown.json), "{method} {path}");
        }
        let me = admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
        let own = format!("/api/v1/people/{}", me["person"]["id"].as_str().unwrap());
        let refused = admin.call("PATCH", &own, json!({"level": "management_5"})).await;
        assert_eq!((refused.status, &refused.json["code"]), (403, &json!("own_record")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_year_keeps_the_status_of_its_last_day() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let id = people[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/people/{id}");
        let teacher = world.trainee(&admin, &people[0]).await;
        let changed = admin.call("PATCH", &path, json!({"department": "学生处", "from": "2022-03-01"})).await;
        assert_eq!(
            (changed.status, &changed.json["department"]),
            (200, &json!("学生处")),
            "{:?}",
            changed.json
        );
        let retired = admin.call("PATCH", &path, json!({"status": "off_post", "from": "2023-06-01"})).await;
        assert_eq!(
            (retired.status, &retired.json["status"]),
            (200, &json!("off_post")),
            "{:?}",
            retired.json
        );
        assert_eq!(standing_obliged(&teacher, 2023).await, json!(false));
        assert_eq!(standing_obliged(&teacher, 2025).await, json!(true), "it closed before this was known");
        assert_eq!(standing_obliged(&teacher, 2026).await, json!(false));
        for (from, code) in [("2023-05-31", "from_before_last"), ("2026-11-24", "day_in_future")] {
            let refused = admin.call("PATCH", &path, json!({"status": "on_post", "from": from})).await;
            assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!(code)));
        }
        let history = admin.call("GET", &format!("{path}/history"), Value::Null).await.json;
        let rows: Vec<(Value, Value, Value)> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|h| (h["from"].clone(), h["department"].clone(), h["status"].clone()))
            .collect();
        assert_eq!(
            rows,
            [
                (json!("2012-09-01"), json!("教务处"), json!("on_post")),
                (json!("2022-03-01"), json!("学生处"), json!("on_post")),
                (json!("2023-06-01"), json!("学生处"), json!("off_post")),
            ]
        );
        let trail = db::count(
            &world.site.db,
            "SELECT COUNT(*) FROM audit_entries WHERE action = 'person.change' \
            AND details LIKE '%off_post%' AND details LIKE '%before%'",
            vec![],
        )
        .await
        .unwrap();
        assert_eq!(trail, 1);
        let page = admin.call("GET", &format!("/people/{id}"), Value::Null).await;
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains("任职经历") && text.contains("2022-03-01") && !text.contains(&id_number(1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_someone_is_changes_by_hand_only_before_the_first_sign_in() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let path = |n: usize| format!("/api/v1/people/{}", people[n]["id"].as_str().unwrap());
        let mended =
            admin.call("PATCH", &path(0), json!({"name": "教师零", "id_number": id_number(7)})).await;
        assert_eq!((mended.status, &mended.json["name"]), (200, &json!("教师零")), "{:?}", mended.json);
        for number in [id_number(7), id_number(1)] {
            let found = admin.call("GET", &format!("/api/v1/people?q={number}"), Value::Null).await;
            assert_eq!(found.json["items"][0]["id"], people[0]["id"], "the old number leads there too");
        }
        let taken = admin.call("PATCH", &path(0), json!({"id_number": id_number(2)})).await;
        assert_eq!((taken.status, &taken.json["code"]), (409, &json!("person_exists")));
        let other = admin.call("PATCH", &path(0), json!({"birth_date": "1981-01-01"})).await;
        assert_eq!(other.json["errors"][0]["code"], "birth_mismatch");
        world.trainee(&admin, &people[1]).await;
        let refused = admin.call("PATCH", &path(1), json!({"name": "别人"})).await;
        assert_eq!((refused.status, &refused.json["code"]), (409, &json!("correction_needed")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_enters_waits_for_the_unit() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let path = format!("/api/v1/people/{}", people[0]["id"].as_str().unwrap());
        assert_eq!(people[0]["post_confirmed"], true);
        let teacher = world.trainee(&admin, &people[0]).await;
        let saved = teacher.call("PATCH", "/api/v1/me/profile", json!({"level": "professional_9"})).await;
        assert_eq!(saved.status, 200);
        let claimed = admin.call("GET", &path, Value::Null).await.json;
        assert_eq!(
            (&claimed["level"], &claimed["post_confirmed"]),
            (&json!("professional_9"), &json!(false))
        );
        let confirmed = admin.call("PATCH", &path, json!({"level": "professional_9"})).await.json;
        assert_eq!(confirmed["post_confirmed"], true);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_of_a_unit_stays() {
    on_both(|world| async move {
        world.college(0).await;
        let boss = world.anyone.clone();
        let _ = boss;
        let authority = world.ready("boss2", Role::Authority, "430100").await;
        let found = authority.call("GET", "/api/v1/people?unit=43010001", Value::Null).await.json;
        let admin = found["items"].as_array().unwrap().iter().find(|p| p["account"] == "yuanzhang").unwrap();
        let path = format!("/api/v1/people/{}", admin["id"].as_str().unwrap());
        let refused = authority.call("PATCH", &path, json!({"status": "left"})).await;
        assert_eq!((refused.status, &refused.json["code"]), (409, &json!("last_administrator")));
        world.ready("second", Role::UnitAdmin, "43010001").await;
        assert_eq!(authority.call("PATCH", &path, json!({"status": "left"})).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_add_change_and_retire_a_person() {
    on_both(|world: World| async move {
        let (admin, _) = world.college(0).await;
        let form = |text: &str| ("application/x-www-form-urlencoded", text.as_bytes().to_vec());
        assert_eq!(admin.call("GET", "/people/new", Value::Null).await.status, 200);
        let wrong = admin.send("POST", "/people/new", form("name=a&id_number=1"), &[]).await;
        assert!(String::from_utf8(wrong.bytes).unwrap().contains("身份证号应为 18 位"));
        let body = format!("name=%E5%BC%A0%E4%B8%89&id_type=resident_id&id_number={}&establishment=established&retirement=cadre&joined_on=2015-07-01", id_number(3));
        let added = admin.send("POST", "/people/new", form(&body), &[]).await;
        assert_eq!(added.status, 303);
        let place = added.headers["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
        let page = admin.call("GET", &format!("{place}/edit"), Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("张三"));
        let body = "name=%E5%BC%A0%E4%B8%89&category=management&level=management_8&establishment=contract&retirement=cadre&joined_on=2015-07-01&gender=male&birth_date=1980-05-01&from=2026-09-01";
        assert_eq!(admin.send("POST", &format!("{place}/edit"), form(body), &[]).await.status, 303);
        let retired = admin.send("POST", &format!("{place}/status"), form("status=retired&from=2026-10-01"), &[]).await;
        assert_eq!(retired.status, 303);
        let page = String::from_utf8(admin.call("GET", &place, Value::Null).await.bytes).unwrap();
        assert!(page.contains("退休") && page.contains("编外") && page.contains("管理八级") && page.contains("2026-10-01"));
    })
    .await;
}

/// Item 50: masked by default; a clear view needs a role, a reason and a fresh password, and leaves an entry.
#[tokio::test(flavor = "multi_thread")]
async fn item_50_whole_numbers_are_shown_for_a_reason_after_the_password_and_each_view_is_logged() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let id = people[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/people/{id}/clear-view");
        let wanted = json!({"fields": ["id_number", "contact_phone"], "reason": "办理社保"});
        let shown = admin.call("POST", &path, wanted.clone()).await;
        assert_eq!(shown.status, 200, "{:?}", shown.json);
        assert_eq!(
            (&shown.json["id_number"], &shown.json["contact_phone"]),
            (&json!(id_number(1)), &json!("13900000001"))
        );
        let no_reason = admin.call("POST", &path, json!({"fields": ["id_number"], "reason": " "})).await;
        assert_eq!(no_reason.field_code("reason"), "required");
        world.clock.advance(11 * 60);
        let stale = admin.call("POST", &path, wanted.clone()).await;
        assert_eq!((stale.status, stale.code()), (403, "password_needed"));
        let mut fresh = wanted.clone();
        fresh["password"] = json!("falsch");
        assert_eq!(admin.call("POST", &path, fresh.clone()).await.status, 422);
        fresh["password"] = json!(crate::world::PASSWORD);
        assert_eq!(admin.call("POST", &path, fresh).await.status, 200);
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        assert_eq!(reviewer.call("POST", &path, wanted).await.status, 403);
        let trail = admin.call("GET", "/api/v1/audit?action=person.clear_view", Value::Null).await.json;
        assert_eq!(trail["items"].as_array().unwrap().len(), 2);
        assert_eq!(trail["items"][0]["details"]["reason"], "办理社保");
        assert!(!trail.to_string().contains(&id_number(1)));
    })
    .await;
}

/// Item 41: what one sees in a list, as a workbook; logged with filter, rows and purpose.
#[tokio::test(flavor = "multi_thread")]
async fn item_41_a_list_is_exported_as_its_reader_sees_it_and_the_export_is_logged() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let formula = admin
            .call(
                "PATCH",
                &format!("/api/v1/people/{}", people[0]["id"].as_str().unwrap()),
                json!({"department": "=1+1"}),
            )
            .await;
        assert_eq!(formula.status, 200, "{:?}", formula.json);
        let export = |list: &str| json!({"list": list, "purpose": "年度核对"});
        let made = admin.call("POST", "/api/v1/exports", export("/api/v1/people?unit=43010001")).await;
        assert_eq!((made.status, &made.bytes[..2]), (200, &b"PK"[..]), "{:?}", made.json);
        let xml = sheet(&made.bytes);
        assert!(xml.contains("岗位等级") && xml.contains("专业技术十级") && xml.contains("=1+1"));
        assert!(
            !xml.contains(&id_number(1)) && !xml.contains("<f>"),
            "numbers stay masked, texts stay texts"
        );
        let trail = admin.call("GET", "/api/v1/audit?action=list.export", Value::Null).await.json;
        let details = &trail["items"][0]["details"];
        assert_eq!((&details["purpose"], &details["rows"]), (&json!("年度核对"), &json!(4)));
        let other = world.ready("other", Role::UnitAdmin, "43020001").await;
        let empty = other.call("POST", "/api/v1/exports", export("/api/v1/people?unit=43010001")).await;
        assert!(empty.status >= 400 || !sheet(&empty.bytes).contains("教师"), "only what the reader sees");
        let teacher = world.trainee(&admin, &people[1]).await;
        assert_eq!(teacher.call("POST", "/api/v1/exports", export("/api/v1/people")).await.status, 403);
        for list in ["/people", "/api/v1/me/profile", "/api/v1/exports", "https://x/api/v1/people"] {
            assert_eq!(admin.call("POST", "/api/v1/exports", export(list)).await.status, 422, "{list}");
        }
        let bare = json!({"list": "/api/v1/people", "purpose": ""});
        assert_eq!(admin.call("POST", "/api/v1/exports", bare).await.field_code("purpose"), "required");
        assert_eq!(
            admin.call("GET", "/export?list=/api/v1/people&back=/people", Value::Null).await.status,
            200
        );
    })
    .await;
}

/// The texts of a workbook.
pub fn sheet(bytes: &[u8]) -> String {
    use std::io::Read;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    for name in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
        // A list without rows has no texts.
        if let Ok(mut part) = zip.by_name(name) {
            part.read_to_string(&mut text).unwrap();
        }
    }
    text
}
