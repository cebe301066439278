//! Notices: to whom they go, what stays of each version, who read them, and the college that passes the province's on.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    files::{pdf, upload},
    holdings::make,
    world::{World, on_both},
};

async fn province(world: &World) -> Client {
    let _ = world;
    world.ready("shengting", Role::Authority, "430100").await
}

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let listed = client.call("GET", &format!("/api/v1/notices{query}"), Value::Null).await;
    assert_eq!(listed.status, 200, "{:?}", listed.json);
    listed.json["items"].as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap().to_owned()).collect()
}

fn notice(unit: &str, title: &str) -> Value {
    json!({"unit": unit, "title": title, "body": "<p>各部门:</p><script>alert(1)</script><p>请完成 90% 的学时</p>",
        "document_no": "湘人社函〔2023〕63号", "publish": true})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_reaches_those_it_is_for_and_says_who_has_read_it() {
    on_both(|world| async move {
        let (admin, staff) = world.college(3).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let id = make(&admin, "/api/v1/notices", notice("43010001", "关于做好培训工作的通知")).await;
        assert_eq!(titles(&teacher, "").await, ["关于做好培训工作的通知"]);
        for (q, found) in [("培训", 1), ("63号", 1), ("90%25", 1), ("培训 学时", 1), ("90_", 0), ("消防", 0)]
        {
            assert_eq!(titles(&teacher, &format!("?q={}", q.replace(' ', "%20"))).await.len(), found, "{q}");
        }
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        assert!(titles(&foreign, "").await.is_empty());
        let path = format!("/api/v1/notices/{id}");
        assert_eq!(foreign.call("GET", &path, Value::Null).await.status, 404);
        let seen = teacher.call("GET", &path, Value::Null).await.json;
        assert!(!seen["body"].as_str().unwrap().contains("script"), "{seen}");
        world.settle().await;
        let inbox = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json;
        assert_eq!(inbox["items"][0]["link"], format!("/notices/{id}"));
        let home = teacher.call("GET", "/", Value::Null).await;
        assert!(String::from_utf8_lossy(&home.bytes).contains("关于做好培训工作的通知"));
        let receipts = format!("{path}/receipts");
        let before = admin.call("GET", &receipts, Value::Null).await.json;
        assert_eq!(before["read"], 0);
        let page = teacher.call("GET", &format!("/notices/{id}"), Value::Null).await;
        assert_eq!(page.status, 200);
        let after = admin.call("GET", &receipts, Value::Null).await.json;
        assert_eq!((&after["read"], &after["targets"]), (&json!(1), &before["targets"]));
        let missing = after["items"].as_array().unwrap();
        assert!(missing.iter().all(|m| m["id"] != staff[0]["id"]));
        assert!(missing.iter().any(|m| m["id"] == staff[1]["id"]));
        assert_eq!(teacher.call("GET", &receipts, Value::Null).await.status, 403);
        assert_eq!(foreign.call("GET", &receipts, Value::Null).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_a_new_version_to_be_read_again_and_a_withdrawal_says_why() {
    on_both(|world| async move {
        let (admin, staff) = world.college(1).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let mut draft = notice("43010001", "草稿");
        draft["publish"] = json!(false);
        let id = make(&admin, "/api/v1/notices", draft).await;
        let path = format!("/api/v1/notices/{id}");
        assert_eq!(teacher.call("GET", &path, Value::Null).await.status, 404, "a draft is its editors'");
        let published = admin.call("PUT", &path, notice("43010001", "通知")).await;
        assert_eq!((published.status, &published.json["version"]), (200, &json!(2)), "{:?}", published.json);
        assert_eq!(teacher.call("POST", &format!("{path}/read"), Value::Null).await.status, 204);
        let is_read = |list: Value| list["items"][0]["read"].clone();
        assert_eq!(is_read(teacher.call("GET", "/api/v1/notices", Value::Null).await.json), true);
        admin.call("PUT", &path, notice("43010001", "通知（修订）")).await;
        assert_eq!(is_read(teacher.call("GET", "/api/v1/notices", Value::Null).await.json), false);
        let old = admin.call("GET", &format!("/notices/{id}?version=2"), Value::Null).await;
        let old = String::from_utf8_lossy(&old.bytes).into_owned();
        assert!(old.contains("不是现行版本") && !old.contains("通知（修订）"), "{old}");
        let withdraw = format!("{path}/withdraw");
        let nothing = admin.call("POST", &withdraw, json!({"reason": " "})).await;
        assert_eq!((nothing.status, nothing.field_code("reason")), (422, "required"));
        assert_eq!(admin.call("POST", &withdraw, json!({"reason": "日期有误"})).await.status, 204);
        assert!(titles(&teacher, "").await.is_empty());
        let page = teacher.call("GET", &format!("/notices/{id}"), Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("日期有误"));
        let again = admin.call("PUT", &path, notice("43010001", "再改")).await;
        assert_eq!((again.status, again.code()), (409, "notice_withdrawn"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_categories_and_unfinished_years_narrow_a_notice() {
    on_both(|world| async move {
        let (admin, staff) = world.college(1).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let head = world.ready("chuzhang", Role::DepartmentHead, "43010001-001").await;
        for (title, narrowed) in [
            ("给部门负责人", json!({"roles": ["department_head"]})),
            ("给工勤人员", json!({"categories": ["worker"]})),
            ("给专业技术人员", json!({"categories": ["professional"]})),
            ("给未完成的人员", json!({"unfinished": 2026})),
            ("给教务处", json!({"target": "43010001-001"})),
        ] {
            let mut new = notice("43010001", title);
            for (key, value) in narrowed.as_object().unwrap() {
                new[key] = value.clone();
            }
            world.clock.advance(1);
            make(&admin, "/api/v1/notices", new).await;
        }
        assert_eq!(titles(&teacher, "").await, ["给教务处", "给未完成的人员", "给专业技术人员"]);
        assert_eq!(titles(&head, "").await, ["给教务处", "给未完成的人员", "给部门负责人"]);
        let done = "INSERT INTO year_results (person_id, year, state, obliged, total_hours, public_hours, professional_hours, \
            short_hours, policy, at) SELECT id, 2026, 'done', 1 = 1, 0, 0, 0, 0, '2026.1', 0 FROM people WHERE id = $1 \
            ON CONFLICT (person_id, year) DO UPDATE SET state = 'done'";
        db::execute(&world.site.db, done, db::params![staff[0]["id"].as_str().unwrap()]).await.unwrap();
        assert!(!titles(&teacher, "").await.contains(&"给未完成的人员".to_owned()));
        let mut outside = notice("43010001", "给别人");
        outside["target"] = json!("430100");
        let refused = admin.call("POST", "/api/v1/notices", outside).await;
        assert_eq!((refused.status, refused.field_code("target")), (422, "not_below"));
        assert_eq!(admin.call("POST", "/api/v1/notices", notice("430100", "越权")).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_college_passes_the_provinces_notice_on_with_its_table_and_attachments() {
    on_both(|world| async move {
        let (admin, staff) = world.college(1).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let boss = province(&world).await;
        let original = make(&boss, "/api/v1/notices", notice("430100", "关于做好2023年培训工作的通知")).await;
        let file = upload(&admin, ("认定标准.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let rows = json!([
            {"title": "教职工素质能力提升培训", "from": "2023-08-30", "to": "2023-09-01", "hours": "24", "offset_hours": "24",
             "fee": "学院统一支付", "remark": "统一认定24个学时"},
            {"title": "事业单位工作人员培训", "from": "2023-09-22", "to": "2023-12-31", "fee": "（60-24）*4=144元"},
        ]);
        let mut own = notice("43010001", "培训工作的通知");
        for (key, value) in [
            ("forwards", json!(original)),
            ("trainings", rows.clone()),
            ("files", json!([file])),
            ("topics_of", json!(2023)),
            ("contact_name", json!("组织人事部")),
        ] {
            own[key] = value;
        }
        let id = make(&admin, "/api/v1/notices", own.clone()).await;
        let seen = teacher.call("GET", &format!("/api/v1/notices/{id}"), Value::Null).await.json;
        assert_eq!((&seen["trainings"][0], seen["topics"].as_array().unwrap().len()), (&rows[0], 10));
        let page = teacher.call("GET", &format!("/notices/{id}"), Value::Null).await;
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        for said in ["（60-24）*4=144元", "2023-08-30</span> <span class=\"nowrap\">— 2023-09-01</span>", "组织人事部", &format!("/notices/{original}")] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let file = file.as_str().unwrap();
        let given = teacher.call("GET", &format!("/notices/{id}/files/{file}"), Value::Null).await;
        assert!(given.status == 200 && given.bytes.starts_with(b"%PDF"));
        assert_eq!(teacher.call("GET", &format!("/files/{file}"), Value::Null).await.status, 404);
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        let theirs = foreign.call("GET", &format!("/notices/{id}/files/{file}"), Value::Null).await;
        assert_eq!(theirs.status, 404);
        own["trainings"] = json!([{"title": "", "from": "2023-13-01"}]);
        let wrong = admin.call("POST", "/api/v1/notices", own).await;
        assert_eq!((wrong.status, wrong.field_code("trainings")), (422, "required"));
        let forward = admin.call("GET", &format!("/notices/new?forwards={original}"), Value::Null).await;
        assert!(String::from_utf8_lossy(&forward.bytes).contains("name=\"forwards\""));
    })
    .await;
}
