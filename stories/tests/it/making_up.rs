//! A year that is made up takes the courses of the year after, as far as it lacks such hours (domain §1, §4).
use base::{Instant, day};
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{provider, providers_api::Provider, report, subject},
    world::{PASSWORD, World, on_both},
};

const COURSES: &str = "INSERT INTO provider_courses (id, provider_id, course, title, subject, topic, seconds, price, free, listed, synced_at) \
    SELECT id || $1, id, $1, $1, $2, '消防安全', $3, 0, TRUE, TRUE, 0 FROM providers";

async fn teaches(world: &World, course: &str, subject: &str, minutes: i64) {
    db::execute(&world.site.db, COURSES, db::params![course, subject, minutes * 60]).await.unwrap();
}

impl World {
    fn is_day(&self, day: &str) {
        let then: Instant = format!("{day}T10:00:00+08:00").parse().unwrap();
        self.clock.move_to(day::millis(then), 0.0);
    }

    async fn signed_in(&self, account: &str) -> Client {
        self.anyone.with_token(self.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
    }

    /// A course completed on a day in one go; answers the year in which the person's ledger has it.
    async fn learns(&self, of: (&Provider, &str, &Client), (course, minutes, on): (&str, i64, &str)) -> i64 {
        let (provider, subject, client) = of;
        let end = day::millis(format!("{on}T09:00:00+08:00").parse::<Instant>().unwrap());
        let time = |ms: i64| day::rfc3339(day::from_millis(ms));
        let (from, to) = (time(end - minutes * 60_000), time(end));
        let body = json!({"id": format!("{course}-{subject}-{on}"), "subject_id": subject, "course": course, "minutes": minutes,
            "started_at": from, "completed_at": to, "intervals": [{"from": from, "to": to}], "fee": "0.00"});
        assert_eq!(report(self, provider, body).await, ("counted".to_owned(), Value::Null));
        for year in [2026, 2027] {
            let path = format!("/api/v1/me/years/{year}/ledger?limit=200");
            let ledger = client.call("GET", &path, Value::Null).await.json;
            if ledger["items"].as_array().unwrap().iter().any(|e| e["title"] == course) {
                return year;
            }
        }
        0
    }
}

/// What is made up stands in the last month of its year, on the person's chart as in the figures.
async fn stands_in_december(world: &World, learner: &Client) {
    let year: base::Year = "2026".parse().unwrap();
    statistics::catch_up(&world.site, year).await.unwrap();
    let boss = world.signed_in("root43").await;
    let figures = boss.call("GET", "/api/v1/stats?unit=43010001&year=2026&by=month", Value::Null).await.json;
    let rows = figures["rows"].as_array().unwrap();
    let months: Vec<(&Value, &Value)> =
        rows.iter().filter(|r| r["hours"] != "0").map(|r| (&r["key"], &r["hours"])).collect();
    assert_eq!(months, [(&json!("12"), &json!("45"))], "{figures}");
    let page = learner.call("GET", "/hours?year=2026", Value::Null).await;
    let page = String::from_utf8(page.bytes).unwrap();
    for (month, hours) in [(11, "0"), (12, "45")] {
        let row = format!("<th scope=\"row\">{month} 月</th><td class=\"end\">{hours}</td>");
        assert!(page.contains(&row), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_is_made_up_takes_the_courses_that_it_lacks_until_its_day() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let (one, other) = (world.trainee(&admin, &people[0]).await, world.trainee(&admin, &people[1]).await);
        let webtrn = provider(&world, "webtrn").await;
        for (course, subject, minutes) in [
            ("公一", "public", 600),
            ("专一", "professional", 600),
            ("公二", "public", 600),
            ("公三", "public", 60),
        ] {
            teaches(&world, course, subject, minutes).await;
        }
        let one_subject = subject(&world, &one, &webtrn, "webtrn").await;
        let other_subject = subject(&world, &other, &webtrn, "webtrn").await;
        // Approved while 2026 still takes decisions, until 2027-01-31.
        world.is_day("2027-01-20");
        let boss = world.signed_in("root43").await;
        let make_up =
            json!({"person": people[0]["id"], "year": 2026, "until": "2027-03-31", "reason": "平台停机"});
        assert_eq!(boss.call("POST", "/api/v1/make-ups", make_up).await.status, 201);
        world.is_day("2027-02-15");
        let one = world.signed_in(people[0]["account"].as_str().unwrap()).await;
        let other = world.signed_in(people[1]["account"].as_str().unwrap()).await;
        let made_up = (&webtrn, one_subject.as_str(), &one);
        let asked = json!({"subject_id": one_subject});
        let outlook = webtrn.post(&world, "/api/v1/provider/outlook", &asked).await.json;
        assert_eq!((&outlook["year"], &outlook["public"]), (&json!(2026), &json!("30")));
        assert_eq!(world.learns(made_up, ("公一", 600, "2027-02-10")).await, 2026);
        assert_eq!(world.learns(made_up, ("专一", 600, "2027-02-11")).await, 2026);
        let year = one.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(
            (&year["earned"]["public"], &year["earned"]["professional"]),
            (&json!("15"), &json!("15"))
        );
        assert_eq!(year["credits"][0]["reason"], Value::Null, "{year}");
        let others = (&webtrn, other_subject.as_str(), &other);
        assert_eq!(world.learns(others, ("公一", 600, "2027-02-10")).await, 2027, "nothing is made up");
        assert_eq!(world.learns(made_up, ("公二", 600, "2027-02-13")).await, 2026);
        assert_eq!(
            world.learns(made_up, ("公三", 60, "2027-02-14")).await,
            2027,
            "2026 lacks no public hours"
        );
        stands_in_december(&world, &one).await;
        world.is_day("2027-04-02");
        let one = world.signed_in(people[0]["account"].as_str().unwrap()).await;
        teaches(&world, "专二", "professional", 60).await;
        let made_up = (&webtrn, one_subject.as_str(), &one);
        assert_eq!(world.learns(made_up, ("专二", 60, "2027-04-01")).await, 2027, "the time given is over");
    })
    .await;
}
