//! The person's own copy: complete against the schema, in clear for its owner, and nobody else's (security item 55).
use std::collections::BTreeSet;

use base::Role;
use serde_json::{Value, json};

use crate::{
    main_job::{courses, training},
    world::{id_number, on_both, phone},
};

fn part<'a>(copy: &'a Value, table: &str) -> &'a Vec<Value> {
    let parts = copy["parts"].as_array().unwrap();
    parts.iter().find(|p| p["table"] == table).unwrap()["rows"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn item_55_the_copy_holds_what_is_stored_of_its_owner_and_of_nobody_else() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, people[0]["id"].as_str().unwrap()).await;
        let leave = json!({"kind": "sick", "from": "2026-01-01", "to": "2026-06-30"});
        assert_eq!(teacher.call("POST", "/api/v1/leaves", leave).await.status, 201);
        let reason = json!({"year": 2026, "kind": "leave", "reason": "病休半年"});
        let asked = teacher.call("POST", "/api/v1/exemptions", reason).await;
        assert!(asked.status < 300, "{:?}", asked.json);
        world.settle().await;
        let copy = teacher.call("GET", "/api/v1/me/data", Value::Null).await;
        assert_eq!(copy.status, 200);
        assert!(copy.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let copy = copy.json;
        let account = people[0]["account"].as_str().unwrap();
        assert_eq!(part(&copy, "people")[0]["id_number"], json!(id_number(1)));
        assert_eq!(part(&copy, "accounts")[0]["phone"], json!(phone(account)));
        assert_eq!(part(&copy, "exemptions")[0]["reason"], "病休半年");
        let entries = part(&copy, "hour_entries");
        assert_eq!(entries.len(), 3);
        assert!(entries.iter().any(|e| e["hours"] == "24" && e["at"] == "2026-11-23T10:00:00+08:00"));
        let text = copy.to_string();
        let other = people[1]["id"].as_str().unwrap();
        assert!(!text.contains(&id_number(2)) && !text.contains(other) && !text.contains("argon2"));
        let page = teacher.call("GET", "/me/data", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("学时台账"));
        let trail = world.ready("pruefer", Role::Auditor, "43").await;
        let trail = trail.call("GET", "/api/v1/audit?action=privacy.copy", Value::Null).await;
        assert!(trail.status < 300);
        assert_eq!(world.anyone.call("GET", "/privacy", Value::Null).await.status, 200);
    })
    .await;
}

/// Tables and columns as the migrations made them.
async fn schema(world: &crate::world::World) -> BTreeSet<(String, String)> {
    let sql = "SELECT m.name || '.' || c.name AS place FROM sqlite_master m, pragma_table_info(m.name) c \
               WHERE m.type = 'table'";
    let rows = db::all::<Place>(&world.site.db, sql, vec![]).await.unwrap();
    let split = rows
        .into_iter()
        .filter_map(|r| r.place.split_once('.').map(|(table, column)| (table.to_owned(), column.to_owned())));
    split.filter(|(table, _)| !table.starts_with("sqlite_") && !table.contains("migration")).collect()
}

#[derive(sea_orm::FromQueryResult)]
struct Place {
    place: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_column_is_in_the_inventory() {
    let database = testkit::databases().await.into_iter().find(|d| d.url.starts_with("sqlite")).unwrap();
    let world = crate::world::World::start(database).await;
    let impersonal: BTreeSet<&str> = privacy::IMPERSONAL.iter().map(|(table, _)| *table).collect();
    let mut listed = BTreeSet::new();
    for holding in privacy::inventory() {
        let sealed = holding.sealed.iter().map(|(column, ..)| column);
        for column in holding.open.iter().chain(holding.inner).chain(sealed) {
            assert!(listed.insert((holding.table.to_owned(), (*column).to_owned())), "{column} twice");
        }
    }
    let stored: BTreeSet<_> =
        schema(&world).await.into_iter().filter(|(table, _)| !impersonal.contains(table.as_str())).collect();
    let unlisted: Vec<_> = stored.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&stored).collect();
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "not in the inventory: {unlisted:?}; not stored: {gone:?}"
    );
}

/// Someone took an administrator's password: what that account did, whom it concerns, how far it reaches.
#[tokio::test(flavor = "multi_thread")]
async fn item_55_a_breach_report_names_masked_who_and_which_data_may_be_affected() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let path = format!("/api/v1/people/{}/password-reset", people[0]["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, json!({"reason": "忘记密码"})).await.status, 200);
        world.ready("linju", Role::UnitAdmin, "43020001").await;
        let auditor = world.ready("shenji", Role::Auditor, "430100").await;
        let operator = world.ready("yunwei", Role::SystemAdmin, "430100").await;
        let asked = json!({"from": "2026-11-20", "to": "2026-11-23", "accounts": ["yuanzhang"], "purpose": "账号密码外泄"});
        let ask = "/api/v1/breach-reports";
        assert_eq!(admin.call("POST", ask, asked.clone()).await.status, 403);
        for client in [&auditor, &operator] {
            let report = client.call("POST", ask, asked.clone()).await;
            assert_eq!(report.status, 200, "{:?}", report.json);
            let report = report.json;
            let affected: BTreeSet<&str> =
                report["people"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
            assert!(affected.contains(people[0]["id"].as_str().unwrap()), "whom the account reset");
            assert!(!affected.contains(people[1]["id"].as_str().unwrap()), "whom it did nothing to");
            assert_eq!(report["people_total"], json!(affected.len()));
            let text = report.to_string();
            assert!(!text.contains("教师001") && !text.contains(&id_number(1)), "masked");
            assert!(text.contains("教****"), "{text}");
            let deeds = report["deeds"].as_array().unwrap();
            assert!(deeds.iter().any(|d| d["action"] == "password.reset" && d["network"] != ""), "{deeds:?}");
            let numbers = report["data"].as_array().unwrap().iter().find(|k| k["table"] == "people").unwrap();
            assert!(numbers["sealed"].to_string().contains("id_number"));
            let reach = report["reach"].as_array().unwrap();
            let own = reach.iter().find(|r| r["role"] == "unit_admin").unwrap();
            assert_eq!((&own["unit"], &own["people"]), (&json!("43010001"), &json!(4)), "three and the head");
        }
        let unit = json!({"from": "2026-11-20", "to": "2026-11-23", "units": ["43010001"], "purpose": "数据库外泄"});
        let all = auditor.call("POST", ask, unit).await.json;
        assert_eq!(all["people_total"], json!(4));
        for (field, code, wrong) in [
            ("units", "required", json!({"from": "2026-11-20", "to": "2026-11-23", "purpose": "x"})),
            ("units", "unknown_here", json!({"from": "2026-11-20", "to": "2026-11-23", "units": ["43020001"], "purpose": "x"})),
            ("accounts", "unknown_here", json!({"from": "2026-11-20", "to": "2026-11-23", "accounts": ["linju"], "purpose": "x"})),
            ("to", "wrong_value", json!({"from": "2026-11-20", "to": "2026-11-19", "units": ["43010001"], "purpose": "x"})),
            ("purpose", "required", json!({"from": "2026-11-20", "to": "2026-11-23", "units": ["43010001"]})),
        ] {
            assert_eq!(auditor.call("POST", ask, wrong.clone()).await.field_code(field), code, "{wrong}");
        }
        let book = auditor.call("POST", &format!("{ask}?format=xlsx"), asked).await;
        assert!(book.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));
        let mut book: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(std::io::Cursor::new(book.bytes)).unwrap();
        let names = calamine::Reader::sheet_names(&book);
        assert_eq!(names, ["说明", "可能涉及的人员", "涉及的数据", "相关操作", "账号能查到的范围"]);
        let sheet = calamine::Reader::worksheet_range(&mut book, "可能涉及的人员").unwrap();
        assert!(sheet.rows().nth(1).is_some());
        let trail = auditor.call("GET", "/api/v1/audit?action=privacy.breach_report", Value::Null).await.json;
        assert_eq!(trail["items"][0]["details"]["purpose"], "账号密码外泄");
        assert_eq!(auditor.call("GET", "/privacy/breach-report", Value::Null).await.status, 200);
    })
    .await;
}
