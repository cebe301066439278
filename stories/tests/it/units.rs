//! The unit tree changes and keeps its history; contact cards; units without an administrator.
use std::collections::BTreeSet;

use base::Role;
use serde_json::{Value, json};

use crate::{
    main_job::{courses, training},
    world::{World, on_both},
};

async fn unit(boss: &testkit::Client, code: &str, name: &str, kind: &str, parent: &str) {
    let body = json!({"code": code, "name": name, "kind": kind, "parent": parent});
    let made = boss.call("POST", "/api/v1/units", body).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn item_34_a_moved_unit_takes_its_people_and_open_matters_along_and_rights_follow_at_once() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = world.ready("juzhang", Role::Authority, "430100").await;
        unit(&boss, "430101", "教育局", "authority", "430100").await;
        unit(&boss, "430102", "卫健局", "authority", "430100").await;
        let (old, new) = (
            world.ready("jiaoyu", Role::Authority, "430101").await,
            world.ready("weijian", Role::Authority, "430102").await,
        );
        let to =
            |parent: &str| json!({"parent": parent, "from": "2026-11-01", "reason": "机构改革〔2026〕1号"});
        let moved = boss.call("POST", "/api/v1/units/43010001/move", to("430101")).await;
        assert_eq!(moved.status, 200, "{:?}", moved.json);
        let id = people[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/people/{id}");
        assert_eq!(old.call("GET", &path, Value::Null).await.status, 200);
        let teacher = world.trainee(&admin, &people[0]).await;
        let question = json!({"category": "account", "title": "收不到验证码", "text": "换了手机"});
        assert_eq!(teacher.call("POST", "/api/v1/tickets", question).await.status, 201);
        assert_eq!(old.call("POST", "/api/v1/units/43010001/move", to("430102")).await.status, 404);
        let moved = boss.call("POST", "/api/v1/units/43010001/move", to("430102")).await;
        assert_eq!(moved.status, 200, "{:?}", moved.json);
        assert_eq!(
            boss.call("POST", "/api/v1/units/43010001/move", to("430102")).await.code(),
            "unit_there_already"
        );
        assert_eq!(old.call("GET", &path, Value::Null).await.status, 404, "rights follow at once");
        assert_eq!(new.call("GET", &path, Value::Null).await.status, 200);
        let department = new.call("GET", "/api/v1/units?parent=43010001", Value::Null).await.json;
        assert_eq!(department["items"][0]["name"], "教务处", "departments went along");
        let sql = "SELECT COUNT(*) FROM tickets WHERE unit_path LIKE '%/430102/43010001/%'";
        assert_eq!(db::count(&world.site.db, sql, vec![]).await.unwrap(), 1, "open matters went along");
        let history = new.call("GET", "/api/v1/units/43010001/history", Value::Null).await.json;
        let reasons: Vec<&str> =
            history["items"].as_array().unwrap().iter().map(|h| h["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, ["entered", "moved", "moved"]);
        assert!(history["items"][1]["path"].as_str().unwrap().contains("/430101/"));
        let trail = |client: testkit::Client| async move {
            let found = client.call("GET", "/api/v1/audit?action=ticket.open", Value::Null).await.json;
            found["items"].as_array().unwrap().len()
        };
        assert_eq!(trail(old.clone()).await, 1, "a past deed stays with the place where it was done");
        assert_eq!(trail(new.clone()).await, 0);
        assert_eq!(trail(admin.clone()).await, 1, "and with the unit, wherever it stands");
        let below = boss
            .call("POST", "/api/v1/units/430102/move", json!({"parent": "43010001", "reason": "x"}))
            .await;
        assert_eq!(below.field_code("parent"), "unit_below_itself");
        assert_eq!(new.call("GET", "/units/43010001", Value::Null).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_units_keep_who_was_where_on_which_day_and_past_papers_keep_the_old_name() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = world.ready("juzhang", Role::Authority, "430100").await;
        unit(&boss, "43010002", "湖南某大学", "unit", "430100").await;
        unit(&boss, "43010002-001", "教务处", "department", "43010002").await;
        let other = world.ready("daxue", Role::UnitAdmin, "43010002").await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        let id = people[0]["id"].as_str().unwrap();
        courses(&world, id).await;
        world.settle().await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let no =
            teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json["certificate_no"].clone();
        let into = json!({"into": "43010002", "from": "2026-11-01", "reason": "合并办学"});
        let merged = boss.call("POST", "/api/v1/units/43010001/merge", into.clone()).await;
        assert_eq!((merged.status, &merged.json["into"]), (200, &json!("43010002")), "{:?}", merged.json);
        assert_eq!(merged.json["roles_ended"], 1, "its administrator's");
        assert_eq!(boss.call("POST", "/api/v1/units/43010001/merge", into).await.code(), "unit_ended");
        world.settle().await;
        let person = other.call("GET", &format!("/api/v1/people/{id}"), Value::Null).await.json;
        assert_eq!((&person["unit"], &person["department"]), (&json!("湖南某大学"), &json!("教务处")));
        let departments = other.call("GET", "/api/v1/units?parent=43010002", Value::Null).await.json;
        assert_eq!(departments["items"].as_array().unwrap().len(), 1, "departments of one name are one");
        assert_eq!(
            admin.call("GET", "/api/v1/people", Value::Null).await.status,
            401,
            "the old administrator is out"
        );
        let history = other.call("GET", &format!("/api/v1/people/{id}/history"), Value::Null).await.json;
        let places: Vec<(&str, &str)> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|h| (h["unit"].as_str().unwrap(), h["reason"].as_str().unwrap()))
            .collect();
        assert_eq!(places, [("湖南某学院", "entered"), ("湖南某大学", "merged")]);
        let verified = world
            .anyone
            .call("GET", &format!("/api/v1/verify/{}", no.as_str().unwrap()), Value::Null)
            .await
            .json;
        assert_eq!((&verified["state"], &verified["unit"]), (&json!("valid"), &json!("湖南某学院")));
        let rename = json!({"name": "湖南某综合大学", "from": "2026-11-20", "reason": "更名批复"});
        let renamed = boss.call("PATCH", "/api/v1/units/43010002", rename).await;
        assert_eq!(renamed.status, 200, "{:?}", renamed.json);
        let on = |day: &str| org::Viewpoint::TODAY.of_day(day.parse().unwrap(), base::Instant::MAX);
        let then = on("2026-11-10");
        let then = org::person_seen(&world.site.db, id.parse().unwrap(), &then).await.unwrap();
        let now = on("2026-11-23");
        let now = org::person_seen(&world.site.db, id.parse().unwrap(), &now).await.unwrap();
        assert_eq!((then.unit_name.as_str(), now.unit_name.as_str()), ("湖南某大学", "湖南某综合大学"));
        let listed = boss.call("GET", "/api/v1/units?parent=430100", Value::Null).await.json.to_string();
        assert!(!listed.contains("43010001\""), "an ended unit is in no list");
    })
    .await;
}

#[derive(sea_orm::FromQueryResult)]
struct Place {
    place: String,
}

/// Every column that repeats a unit's path goes along, or says why not.
#[tokio::test(flavor = "multi_thread")]
async fn every_copy_of_a_path_is_moved_or_is_a_record_of_the_past() {
    let database = testkit::databases().await.into_iter().find(|d| d.url.starts_with("sqlite")).unwrap();
    let world = World::start(database).await;
    let sql = "SELECT m.name || '.' || c.name AS place FROM sqlite_master m, pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND (c.name LIKE '%\\_path' ESCAPE '\\' OR c.name IN ('path', 'place', 'above'))";
    let found: Vec<Place> = db::all(&world.site.db, sql, vec![]).await.unwrap();
    let past = [
        "units.path",
        "unit_history.path",
        "audit_entries.unit_path",
        "audit_entries.place",
        "case_events.by_path",
        "activity_claims.above",
        "exemptions.above",
        "file_links.place",
        "notice_rows.place",
        "personnel_checks.place",
        "reimbursement_invoices.place",
        "reimbursement_decisions.place",
        "hour_document_leaves.place",
        "attendances.place",
        "tender_winners.place",
        "settlement_lines.place",
        "settlement_remarks.place",
        // What stands in the figures, taken off before the new place is put on.
        "figure_members.path",
        "supervision_members.path",
    ];
    let moved: BTreeSet<String> = org::PATH_COPIES.iter().map(|(t, c)| format!("{t}.{c}")).collect();
    let unknown: Vec<&str> =
        found.iter().map(|p| p.place.as_str()).filter(|p| !moved.contains(*p) && !past.contains(p)).collect();
    assert!(unknown.is_empty(), "say whether these move with a unit: {unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_card_is_shown_to_whoever_cannot_sign_in_and_in_the_foot_of_every_page() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let card = json!({"office": "人事处", "names": "李老师", "telephone": "0731-88880000", "hours": "工作日 8:30—17:30"});
        let mut wrong = card.clone();
        wrong["telephone"] = json!("请找李老师");
        let refused = admin.call("PUT", "/api/v1/units/43010001/contact", wrong).await;
        assert_eq!(refused.field_code("telephone"), "telephone_form");
        let other = world.ready("other", Role::UnitAdmin, "43020001").await;
        assert_eq!(other.call("PUT", "/api/v1/units/43010001/contact", card.clone()).await.status, 404);
        assert_eq!(admin.call("PUT", "/api/v1/units/43010001/contact", card).await.status, 204);
        let found = world.anyone.call("GET", "/api/v1/contacts?q=某学院", Value::Null).await.json;
        assert_eq!(found["items"][0]["telephone"], "0731-88880000");
        assert_eq!(world.anyone.call("GET", "/api/v1/contacts?q=", Value::Null).await.json["items"], json!([]));
        let text = |answer: testkit::Answer| String::from_utf8(answer.bytes).unwrap();
        assert!(text(world.anyone.call("GET", "/contacts?q=43010001", Value::Null).await).contains("0731-88880000"));
        assert!(text(teacher.call("GET", "/hours", Value::Null).await).contains("人事处 0731-88880000"));
        assert!(text(world.anyone.call("GET", "/sign-in", Value::Null).await).contains("/contacts"));
        let mine = teacher.call("GET", "/api/v1/me/contact", Value::Null).await.json;
        assert_eq!(mine["office"], "人事处");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_keeps_its_last_administrator_and_one_without_is_listed_above() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let boss = world.ready("juzhang", Role::Authority, "430100").await;
        unit(&boss, "43010003", "新单位", "unit", "430100").await;
        let listed = boss.call("GET", "/api/v1/units/without-administrator", Value::Null).await.json;
        let codes: Vec<&str> =
            listed["items"].as_array().unwrap().iter().map(|u| u["code"].as_str().unwrap()).collect();
        assert_eq!((codes, &listed["items"][0]["parent"]), (vec!["43010003"], &json!("430100")));
        assert_eq!(admin.call("GET", "/api/v1/units/without-administrator", Value::Null).await.status, 403);
        // The level above acts meanwhile.
        let person = json!({"unit": "43010003", "name": "李四", "id_number": crate::world::id_number(40)});
        assert_eq!(boss.call("POST", "/api/v1/people", person).await.status, 201);
        let me = admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
        let path = format!("/api/v1/people/{}", me["person"]["id"].as_str().unwrap());
        let left = boss.call("PATCH", &path, json!({"status": "left"})).await;
        assert_eq!((left.status, left.code()), (409, "last_administrator"));
        let roles = boss.call("GET", &format!("{path}/roles"), Value::Null).await.json;
        let grant =
            roles["items"].as_array().unwrap().iter().find(|r| r["role"] == "unit_admin").unwrap().clone();
        let end = format!("{path}/roles/{}", grant["id"].as_str().unwrap());
        assert_eq!(boss.call("DELETE", &end, Value::Null).await.code(), "last_administrator");
        assert!(
            String::from_utf8(boss.call("GET", "/units?unled=1", Value::Null).await.bytes)
                .unwrap()
                .contains("新单位")
        );
    })
    .await;
}

/// The page that a browser gets after so many wrong passwords, without the account that was typed.
async fn after_wrong(browser: &mut testkit::Browser, url: &str, account: &str) -> (u16, String) {
    let mut last = (0, String::new());
    for _ in 0..5 {
        let page = browser
            .post(&format!("{url}/sign-in"), &[("account", account), ("password", "Falsch-7391!")])
            .await;
        last = (page.status, page.body.replace(account, "…"));
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_and_the_lock_page_show_the_card_of_the_devices_unit_and_nothing_of_the_account() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        world.trainee(&admin, &people[0]).await;
        let account = people[0]["account"].as_str().unwrap();
        let card =
            json!({"office": "人事处", "names": "李老师", "telephone": "0731-88880000", "hours": "工作日"});
        assert_eq!(admin.call("PUT", "/api/v1/units/43010001/contact", card).await.status, 204);
        let mut own = testkit::Browser::default();
        let signs_in = [("account", account), ("password", crate::world::PASSWORD)];
        own.post(&format!("{}/sign-in", world.url), &signs_in).await;
        let kept = own.cookies.get("xueshi-hub-unit").cloned().expect("the unit is remembered");
        own.cookies.remove("xueshi-hub");
        for path in ["/sign-in", "/forgot", "/activate", "/help"] {
            let page = own.get(&format!("{}{path}", world.url)).await;
            assert!(page.text().contains("0731-88880000") && page.text().contains("湖南某学院"), "{path}");
        }
        let (known, unknown) = (
            after_wrong(&mut own, &world.url, account).await,
            after_wrong(&mut own, &world.url, "niemand7").await,
        );
        assert_eq!(known.0, 423);
        assert_eq!(known, unknown);
        assert!(known.1.contains("0731-88880000"), "on the lock page");
        let mut stranger = testkit::Browser::default();
        let known = after_wrong(&mut stranger, &world.url, account).await;
        assert_eq!(known, after_wrong(&mut stranger, &world.url, "niemand8").await);
        assert!(!known.1.contains("0731-88880000") && known.1.contains("/contacts"));
        let other = if kept.ends_with('0') { '1' } else { '0' };
        stranger.cookies.insert("xueshi-hub-unit".to_owned(), format!("{}{other}", &kept[..kept.len() - 1]));
        let page = stranger.get(&format!("{}/sign-in", world.url)).await;
        assert!(!page.text().contains("0731-88880000"), "a unit that this site did not remember");
    })
    .await;
}
