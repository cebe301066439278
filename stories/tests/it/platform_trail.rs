//! Who did what on a course platform: written with the deed, never changed, read by those who look after it.
use serde_json::{Value, json};

use crate::{
    contents::{APPOINT, draft, hand_in, made, package, publish},
    school::{Learner, at_both},
};

pub async fn trail(manager: &Learner, query: &str) -> Vec<Value> {
    let read = manager.client.call("GET", &format!("/api/v1/audit?{query}"), Value::Null).await;
    assert_eq!(read.status, 200, "{:?}", read.json);
    read.json["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_managers_do_is_on_record_with_who_when_and_what_it_was_before() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let first = draft(&manager).await;
        let facts =
            json!({"title": "新课", "subject": "professional", "topic": "体育", "teacher": "另一位", "free": false});
        let changed = manager.client.call("PUT", &format!("/api/v1/drafts/{first}"), facts).await;
        assert_eq!(changed.status, 204, "{:?}", changed.json);
        let scrap = hand_in(&manager, &first, "a.zip", &package("singlescobasic")).await;
        made(&manager, &first, &scrap).await;
        manager.client.call("DELETE", &format!("/api/v1/materials/{scrap}"), Value::Null).await;
        let kept = hand_in(&manager, &first, "b.zip", &package("singlescobasic")).await;
        made(&manager, &first, &kept).await;
        let course = publish(&manager, &first).await;
        let withdrawal = format!("/api/v1/courses/{course}/withdrawal");
        for method in ["PUT", "PUT", "DELETE"] {
            assert_eq!(manager.client.call(method, &withdrawal, Value::Null).await.status, 204);
        }

        let all = trail(&manager, "limit=200").await;
        let actions: Vec<&str> = all.iter().rev().map(|e| e["action"].as_str().unwrap()).collect();
        let expected = [
            "draft.begin", "draft.change", "material.add", "material.received", "material.remove", "material.add",
            "material.received", "course.publish", "course.withdraw", "course.offer",
        ];
        assert_eq!(actions, expected, "and what changed nothing is no deed");
        let change = &all.iter().find(|e| e["action"] == "draft.change").unwrap()["details"];
        assert_eq!(change["free"], json!({"before": true, "after": false}));
        assert_eq!(change["teacher"], json!({"before": "某", "after": "另一位"}));
        assert_eq!(change["title"], "新课");
        let withdrawn = &trail(&manager, &format!("object={course}&action=course.withdraw")).await[0];
        assert_eq!(withdrawn["details"]["offered"], json!({"before": true, "after": false}));
        assert!(withdrawn["actor_name"].is_string() && withdrawn["address"] == "127.0.0.1", "{withdrawn}");
        assert_eq!(trail(&manager, "action=material").await.len(), 5);

        assert_eq!(learner.client.call("GET", "/api/v1/audit", Value::Null).await.status, 403);
        assert_eq!(learner.client.call("GET", "/studio/trail", Value::Null).await.status, 403);
        let page = manager.client.call("GET", "/studio/trail?action=course", Value::Null).await;
        let page = String::from_utf8(page.bytes).unwrap();
        assert!(page.contains("下架课程") && page.contains("<del>是</del> → 否"), "{page}");
        link::invite_manager(&school.site).await.unwrap();
        let page = manager.client.call("GET", "/studio/trail?action=manager", Value::Null).await;
        let page = String::from_utf8(page.bytes).unwrap();
        assert!(page.contains("有效至") && !page.contains("+08:00"), "times as people write them: {page}");

        assert_eq!(audit::verify(&school.site).await.unwrap(), Ok(11));
        for sql in ["UPDATE audit_entries SET actor = NULL", "DELETE FROM audit_entries"] {
            assert!(db::execute(&school.site.db, sql, vec![]).await.is_err(), "{sql}");
        }
    })
    .await;
}
