//! Courses completed by statements of the cmi5 profile.
use serde_json::{Value, json};

use crate::{world::on_both, xapi};

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_the_cmi5_profile_becomes_hours() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let lrs = xapi::lrs(&world, "alpha").await;
        let sql = "INSERT INTO provider_courses (id, provider_id, course, title, subject, topic, seconds, price, free, listed, \
                   synced_at) SELECT 'c', id, 'fire', '消防', 'public', '消防安全', 480, 0, TRUE, TRUE, 0 FROM providers WHERE name = 'alpha'";
        db::execute(&world.site.db, sql, vec![]).await.unwrap();
        let sql = "INSERT INTO provider_subjects (provider_id, subject_id, person_id) SELECT id, 's-9', $1 FROM providers WHERE name = 'alpha'";
        let person = people[0]["id"].as_str().unwrap();
        db::execute(&world.site.db, sql, db::params![person]).await.unwrap();
        let mut statement = json!({
            "id": xapi::uuid(1),
            "actor": {"account": {"homePage": world.url, "name": "s-9"}},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
            "object": {"id": "https://alpha.example/courses/fire"},
            "result": {"completion": true, "duration": "PT8M"},
            "timestamp": "2026-11-23T09:08:00+08:00",
            "context": {"contextActivities": {"category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}},
        });
        for _ in 0..2 {
            lrs.call("POST", "/statements", &statement).await;
        }
        world.settle().await;
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["earned"]["public"], "0.2", "{year}");
        statement["id"] = json!(xapi::uuid(2));
        statement["actor"]["account"]["name"] = json!("someone");
        lrs.post(&statement).await;
        world.settle().await;
        let sql = "SELECT COUNT(*) FROM completions WHERE status = 'refused' AND reason = 'person_unknown'";
        assert_eq!(db::count(&world.site.db, sql, vec![]).await.unwrap(), 1, "kept with its reason");
    })
    .await;
}
