//! Incidents: whom an outage affected, and more time for all of them at once, told to each.
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    intake::{boss, send},
    world::{World, on_both},
};

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_everyone_affected_gets_time_at_once() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let boss = boss(&world).await;
        provider(&world).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let launched = teacher.call("POST", "/api/v1/providers/netti/launch", Value::Null).await;
        assert!(launched.status < 300, "{:?}", launched.json);
        world.clock.advance(600);
        let body = json!({"provider": "netti", "title": "平台无法打开", "from": "2026-11-23T09:00:00+08:00", "to": "2026-11-23T10:05:00+08:00"});
        assert_eq!(admin.call("POST", "/api/v1/incidents", body.clone()).await.status, 403);
        let made = boss.call("POST", "/api/v1/incidents", body).await;
        assert_eq!((made.status, &made.json["affected"]), (201, &json!(1)), "{:?}", made.json);
        let path = format!("/api/v1/incidents/{}", made.json["id"].as_str().unwrap());
        let list = "姓名,课程,日期\n教师002,乡村振兴,2026-11-23\n";
        assert_eq!(send(&boss, &format!("{path}/people"), list).await.json["added"], 1);
        let shown = boss.call("GET", &path, Value::Null).await.json;
        let lines = shown["items"].as_array().unwrap();
        assert_eq!((lines.len(), &lines[1]["course"], &lines[1]["day"]), (2, &json!("乡村振兴"), &json!("2026-11-23")));
        let far = json!({"year": 2026, "until": "2027-07-01", "reason": "平台故障"});
        assert_eq!(boss.call("POST", &format!("{path}/extension"), far).await.field_code("until"), "make_up_limit");
        let body = json!({"year": 2026, "until": "2027-01-15", "reason": "平台故障"});
        let extended = boss.call("POST", &format!("{path}/extension"), body).await;
        assert_eq!((extended.status, &extended.json["people"]), (200, &json!(2)), "{:?}", extended.json);
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["deadline"], "2027-01-15");
        given_time_stands(&world, (&boss, &teacher), &path).await;
        let third = world.trainee(&admin, &people[2]).await;
        assert_eq!(third.call("GET", "/api/v1/me/years/2026", Value::Null).await.json["deadline"], "2026-12-31");
        let page = boss.call("GET", &format!("/incidents/{}", made.json["id"].as_str().unwrap()), Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("乡村振兴"));
    })
    .await;
}

/// Time given for an incident is told to each person once, and a second extension neither shortens it nor says so.
async fn given_time_stands(world: &World, (boss, teacher): (&Client, &Client), path: &str) {
    let extend = |year: i64, until: &str| {
        let body = json!({"year": year, "until": until, "reason": "平台故障"});
        let (boss, path) = (boss.clone(), format!("{path}/extension"));
        async move { boss.call("POST", &path, body).await }
    };
    assert_eq!(told(world).await, 2);
    let inbox = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json;
    let letter = inbox["items"].as_array().unwrap().iter().find(|m| m["kind"] == "make_up").unwrap();
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("平台无法打开") && text.contains("2027年1月15日"), "{text}");
    let shorter = extend(2026, "2027-01-10").await;
    assert_eq!((shorter.status, shorter.code()), (409, "incident_shorter"), "{:?}", shorter.json);
    let other = extend(2025, "2026-06-30").await;
    assert_eq!((other.status, other.code()), (409, "incident_other_year"), "{:?}", other.json);
    let shown = boss.call("GET", "/api/v1/incidents", Value::Null).await.json;
    assert_eq!(shown["items"][0]["until"], "2027-01-15", "the record says what people have");
    assert_eq!(extend(2026, "2027-01-15").await.json["people"], 0, "for who came onto the list later");
    assert_eq!(told(world).await, 2, "nobody is told the same again");
    assert_eq!(extend(2026, "2027-01-20").await.json["people"], 2);
    let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
    assert_eq!((&year["deadline"], told(world).await), (&json!("2027-01-20"), 4));
}

/// A course platform that people can be sent to.
async fn provider(world: &World) {
    let sql = "INSERT INTO providers (id, name, title, former_title, site_url, redirect_uris, notice_url, telephone, created_at) \
               VALUES ('01900000-0000-7000-8000-0000000000aa', 'netti', '网梯', '', 'http://127.0.0.1:1', 'http://127.0.0.1:1/cb', '', '', 0)";
    db::execute(&world.site.db, sql, vec![]).await.unwrap();
}

/// How many letters about more time there are.
async fn told(world: &World) -> i64 {
    let sql = "SELECT COUNT(*) FROM messages WHERE kind = 'make_up'";
    db::count(&world.site.db, sql, vec![]).await.unwrap()
}
