//! The calendar: what stands in it, and its secret address.
use base::Role;
use serde_json::{Value, json};

use crate::{holdings::make, world::on_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_shows_deadlines_and_own_trainings_under_an_address_that_can_be_taken_back() {
    on_both(|world| async move {
        let (admin, staff) = world.college(1).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let training = json!([{"title": "素质能力提升培训; 第一期, 校内", "from": "2026-08-30", "to": "2026-09-01"}]);
        let notice = json!({"unit": "43010001", "title": "通知", "body": "请参加", "trainings": training, "publish": true});
        make(&admin, "/api/v1/notices", notice).await;
        let plan = json!({"unit": "43010001", "title": "消防安全", "place": "报告厅; 二楼", "date": "2026-12-02", "from": "09:00", "to": "17:30"});
        make(&admin, "/api/v1/attendances", plan).await;
        let boss = world.ready("shengting", Role::Authority, "430100").await;
        let longer = json!({"person": staff[0]["id"], "year": 2026, "until": "2027-01-15", "reason": "平台故障"});
        assert_eq!(boss.call("POST", "/api/v1/make-ups", longer).await.status, 201);
        let made = teacher.call("POST", "/api/v1/me/calendar", Value::Null).await;
        assert_eq!(made.status, 201, "{:?}", made.json);
        let url = made.json["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix(&world.url).unwrap().to_owned();
        let feed = world.anyone.call("GET", &path, Value::Null).await;
        let text = String::from_utf8(feed.bytes).unwrap();
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        let unfolded = text.replace("\r\n ", "");
        for line in [
            "SUMMARY:2026 年度培训截止",
            "DTSTART;VALUE=DATE:20270115",
            "DTEND;VALUE=DATE:20270116",
            "SUMMARY:消防安全",
            "LOCATION:报告厅\\; 二楼",
            "DTSTART:20261202T010000Z",
            "DTEND:20261202T093000Z",
            "SUMMARY:素质能力提升培训\\; 第一期\\, 校内",
            "DTSTART;VALUE=DATE:20260830",
            "DTEND;VALUE=DATE:20260902",
        ] {
            assert!(unfolded.contains(line), "{line}: {unfolded}");
        }
        let again = teacher.call("POST", "/api/v1/me/calendar", Value::Null).await;
        assert_eq!(world.anyone.call("GET", &path, Value::Null).await.status, 404, "the old address");
        let newer = again.json["url"].as_str().unwrap().strip_prefix(&world.url).unwrap().to_owned();
        assert_eq!(world.anyone.call("GET", &newer, Value::Null).await.status, 200);
        assert_eq!(teacher.call("DELETE", "/api/v1/me/calendar", Value::Null).await.status, 204);
        assert_eq!(world.anyone.call("GET", &newer, Value::Null).await.status, 404);
        let page = teacher.call("GET", "/me/calendar", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("2026 年度培训截止"));
    })
    .await;
}
