//! Supervision: who is behind before 12-31, who cannot even begin, and the forecast as a range.
use base::{Hours, PersonId, Role, day};
use rules::reminders::{self, Forecast, Pace};
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    ledger::{credit, write},
    relations::page,
    world::{World, on_both},
};

fn id(person: &Value) -> PersonId {
    person["id"].as_str().unwrap().parse().unwrap()
}

/// Hours of professional study, put into the ledger now.
async fn study(world: &World, person: &Value, minutes: i64, key: &str) {
    let mut new = credit(id(person), key);
    new.year = world.site.this_year();
    new.facts.insert("minutes".into(), json!(minutes));
    new.facts.insert("subject".into(), json!("professional"));
    new.facts.insert("completed_on".into(), json!(day::day_of(world.site.now()).to_string()));
    new.subject = base::Subject::Professional;
    new.hours = Hours::whole(minutes / 40);
    write(&world.site, new).await;
}

async fn numbers(asker: &Client) -> Value {
    let answer = asker.call("GET", "/api/v1/supervision?unit=43010001", Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    answer.json["rows"][0].clone()
}

async fn people(asker: &Client, which: &str) -> Vec<Value> {
    let path = format!("/api/v1/supervision/people?unit=43010001&which={which}");
    let answer = asker.call("GET", &path, Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    answer.json["items"].as_array().unwrap().clone()
}

async fn who_has_nothing_misses_all(admin: &Client) {
    let untouched = people(admin, "not_begun").await;
    assert!(untouched.iter().all(|p| p["short_hours"] == "90"), "the whole minimum: {untouched:?}");
    for path in [
        "/supervision/people?unit=43010001&which=not_begun",
        "/statistics/people?by=unit&key=43010001&state=not_begun",
    ] {
        let page = page(admin, path).await;
        assert_eq!(page.matches("data-label=\"还差\">90</td>").count(), 3, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_opens_its_people_and_the_forecast_is_the_rules() {
    on_both(|world| async move {
        let (admin, staff) = world.college(5).await;
        world.trainee(&admin, &staff[0]).await;
        world.clock.advance(-60 * 86_400);
        study(&world, &staff[1], 80, "in-september").await;
        world.clock.advance(60 * 86_400);
        study(&world, &staff[0], 1600, "now").await;
        world.settle().await;
        let row = numbers(&admin).await;
        assert_eq!((&row["people"], &row["under_way"], &row["not_begun"]), (&json!(5), &json!(2), &json!(3)));
        assert_eq!(row["never_signed_in"], 4);
        for which in [
            "done",
            "under_way",
            "not_begun",
            "exempt",
            "never_signed_in",
            "phone_unbound",
            "profile_incomplete",
        ] {
            assert_eq!(row[which], people(&admin, which).await.len(), "{which}");
        }
        let named = |list: Vec<Value>| list.iter().map(|p| p["name"].clone()).collect::<Vec<_>>();
        assert_eq!(
            named(people(&admin, "open").await),
            [staff[0]["name"].clone()],
            "late by the year, fast now"
        );
        let (late, open) = (people(&admin, "late").await.len(), people(&admin, "open").await.len());
        assert_eq!((&row["late_low"], &row["late_high"]), (&json!(late), &json!(late + open)));
        who_has_nothing_misses_all(&admin).await;
        let today = day::day_of(world.site.now());
        let year = world.site.this_year();
        let hours = |p: &Value, key: &str| Hours::parse(p[key].as_str().unwrap()).unwrap();
        for person in people(&admin, "").await {
            let pace = Pace {
                so_far: hours(&person, "total_hours"),
                recent: hours(&person, "recent_hours"),
                short: hours(&person, "short_hours"),
                passed: reminders::days_until(year.first_day(), today) + 1,
                left: reminders::days_until(today, year.last_day()),
            };
            let expected = match reminders::forecast(&pace) {
                Forecast::OnTime => "on_time",
                Forecast::Open => "open",
                Forecast::Late => "late",
            };
            assert_eq!(person["outlook"], expected, "{person}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn supervision_stays_in_the_own_subtree() {
    on_both(|world| async move {
        let (admin, _) = world.college(2).await;
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        let asked = foreign.call("GET", "/api/v1/supervision?unit=43010001", Value::Null).await;
        assert_eq!(asked.status, 404);
        let own = foreign.call("GET", "/api/v1/supervision", Value::Null).await;
        assert_eq!(own.json["rows"], json!([]));
        let head = world.ready("chuzhang", Role::DepartmentHead, "43010001-001").await;
        let rows = head.call("GET", "/api/v1/supervision", Value::Null).await.json;
        assert_eq!(rows["rows"][0]["people"], 2, "{rows}");
        let wrong = admin.call("GET", "/api/v1/supervision/people?which=shoe_size", Value::Null).await;
        assert_eq!((wrong.status, wrong.field_code("which")), (422, "wrong_value"));
        let page = admin.call("GET", "/supervision", Value::Null).await;
        assert!(page.status == 200 && String::from_utf8_lossy(&page.bytes).contains("预测怎么算"));
    })
    .await;
}

async fn inbox(client: &Client) -> Vec<Value> {
    client.call("GET", "/api/v1/me/messages", Value::Null).await.json["items"].as_array().unwrap().clone()
}

async fn budget(admin: &Client, yuan: &str) {
    let body = json!({"year": 2026, "yuan": yuan});
    let set = admin.call("PUT", "/api/v1/units/43010001/sms-budget", body).await;
    assert_eq!((set.status, &set.json["yuan"]), (200, &json!(yuan)), "{:?}", set.json);
}

/// Messages of a purpose to the bound phone of an account.
fn texts(world: &World, account: &Value) -> usize {
    let sent = world.sms(&crate::world::phone(account.as_str().unwrap()));
    sent.iter().filter(|m| m["purpose"] == "reminder").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_says_what_it_costs_first_and_keeps_to_budget_and_week() {
    on_both(|world| async move {
        let (admin, staff) = world.college(3).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let all: Vec<&Value> = staff.iter().map(|p| &p["id"]).collect();
        let body = json!({"people": all, "by_sms": true});
        let plan = admin.call("POST", "/api/v1/reminders?dry_run=true", body.clone()).await.json;
        assert_eq!(
            (&plan["recipients"], &plan["texted"], &plan["segments"]),
            (&json!(3), &json!(1), &json!(1))
        );
        assert_eq!(
            (&plan["yuan"], &plan["left"], &plan["covered"]),
            (&json!("0.05"), &json!("0.00"), &json!(false))
        );
        let reasons: Vec<&Value> =
            plan["left_out"].as_array().unwrap().iter().map(|l| &l["reason"]).collect();
        assert_eq!(reasons, ["no_phone", "no_phone"]);
        let refused = admin.call("POST", "/api/v1/reminders", body.clone()).await;
        assert_eq!((refused.status, refused.code()), (409, "sms_budget_short"));
        assert!(inbox(&teacher).await.is_empty(), "a refused sending reminds nobody");
        budget(&admin, "0.05").await;
        let sent = admin.call("POST", "/api/v1/reminders", body.clone()).await;
        assert_eq!((sent.status, &sent.json["texted"]), (201, &json!(1)), "{:?}", sent.json);
        world.settle().await;
        assert_eq!(texts(&world, &staff[0]["account"]), 1);
        let message = inbox(&teacher).await[0].clone();
        assert_eq!(message["text"], "2026 年度培训还差 90 学时，请在 12 月 31 日前完成。");
        let count = teacher.call("GET", "/api/v1/me/messages/unread", Value::Null).await;
        assert_eq!(count.json["unread"], 1);
        let path = format!("/api/v1/me/messages/{}/read", message["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, Value::Null).await.status, 404, "another's message");
        assert_eq!(teacher.call("POST", &path, Value::Null).await.status, 204);
        assert_eq!(teacher.call("GET", "/api/v1/me/messages/unread", Value::Null).await.json["unread"], 0);
        budget(&admin, "10.00").await;
        let again = admin.call("POST", "/api/v1/reminders?dry_run=true", body.clone()).await.json;
        assert_eq!((&again["texted"], &again["left"]), (&json!(0), &json!("9.95")));
        assert!(again["left_out"].to_string().contains("weekly_limit"), "{again}");
        let nobody = admin.call("POST", "/api/v1/reminders", json!({"people": []})).await;
        assert_eq!((nobody.status, nobody.field_code("people")), (422, "required"));
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        assert_eq!(foreign.call("POST", "/api/v1/reminders?dry_run=true", body).await.status, 404);
        let own = foreign.call("GET", "/api/v1/units/43010001/sms-budget", Value::Null).await;
        assert_eq!(own.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_night_an_sms_waits_for_eight_o_clock_and_a_code_does_not() {
    on_both(|world| async move {
        let (admin, staff) = world.college(1).await;
        world.trainee(&admin, &staff[0]).await;
        budget(&admin, "1.00").await;
        world.clock.advance(12 * 3600);
        let admin = signed_in(&world, "yuanzhang").await;
        let body = json!({"people": [staff[0]["id"]], "by_sms": true});
        let sent = admin.call("POST", "/api/v1/reminders", body).await;
        assert_eq!(sent.json["held_until"], "2026-11-24T08:00:00+08:00", "{:?}", sent.json);
        world.settle().await;
        assert_eq!(texts(&world, &staff[0]["account"]), 0);
        world.clock.advance(10 * 3600);
        for _ in 0..200 {
            if texts(&world, &staff[0]["account"]) == 1 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("the reminder never went out");
    })
    .await;
}

async fn signed_in(world: &World, account: &str) -> Client {
    let session = world.sign_in(account, crate::world::PASSWORD).await;
    world.anyone.with_token(session["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_days_before_the_end_everyone_unfinished_is_told_once_and_their_leaders_too() {
    on_both(|world| async move {
        let (admin, staff) = world.college(3).await;
        world.trainee(&admin, &staff[0]).await;
        budget(&admin, "1.00").await;
        let head = world.ready("chuzhang", Role::DepartmentHead, "43010001-001").await;
        assert!(inbox(&head).await.is_empty());
        world.clock.advance(35 * 86_400);
        for _ in 0..2 {
            supervision::schedule(&world.site).await.unwrap();
            world.settle().await;
        }
        assert_eq!(texts(&world, &staff[0]["account"]), 1);
        let teacher = signed_in(&world, staff[0]["account"].as_str().unwrap()).await;
        let told: Vec<Value> = inbox(&teacher).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["text"], "离 2026 年度培训截止还有 3 天，您还差 90 学时。");
        for leader in ["chuzhang", "yuanzhang"] {
            let leader = signed_in(&world, leader).await;
            let told = inbox(&leader).await;
            let behind: Vec<&Value> = told.iter().filter(|m| m["kind"] == "behind").collect();
            assert_eq!(behind.len(), 1, "{told:?}");
            assert!(behind[0]["text"].as_str().unwrap().ends_with("还有 3 人未完成。"), "{behind:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_reminded_exported_and_printed_from_its_page() {
    on_both(|world| async move {
        let (admin, staff) = world.college(2).await;
        world.trainee(&admin, &staff[0]).await;
        let list = admin.call("GET", "/supervision/people?which=not_begun", Value::Null).await;
        let text = String::from_utf8(list.bytes).unwrap();
        assert_eq!(text.matches("name=\"person\"").count(), 2, "{text}");
        let calls = admin.call("GET", "/supervision/calls?which=not_begun", Value::Null).await;
        let text = String::from_utf8(calls.bytes).unwrap();
        assert!(text.contains("13900000002") && !text.contains("13900000001"), "whom no SMS reaches: {text}");
        world.clock.advance(11 * 60);
        let stale = admin.call("GET", "/supervision/calls?which=not_begun", Value::Null).await;
        let text = String::from_utf8(stale.bytes).unwrap();
        assert!(!text.contains("13900000002") && text.contains("name=\"password\""), "item 50: {text}");
        let form = format!("password={}", crate::world::PASSWORD).into_bytes();
        let form = ("application/x-www-form-urlencoded", form);
        let origin = [("origin", world.url.as_str())];
        let calls = admin.send("POST", "/supervision/calls?which=not_begun", form, &origin).await;
        assert!(
            String::from_utf8(calls.bytes).unwrap().contains("13900000002"),
            "with the password they show"
        );
        let sheet = admin.call("GET", "/supervision/people.xlsx?which=not_begun", Value::Null).await;
        assert!(sheet.status == 200 && sheet.bytes.starts_with(b"PK"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_at_one_step_tell_everyone_once() {
    on_both(|world| async move {
        let (admin, staff) = world.college(40).await;
        world.trainee(&admin, &staff[0]).await;
        budget(&admin, "10.00").await;
        for _ in 0..2 {
            world.another_node().await;
        }
        world.clock.advance(35 * 86_400);
        for _ in 0..3 {
            let schedules = (0..3).map(|_| {
                let site = world.site.clone();
                tokio::spawn(async move { supervision::schedule(&site).await.unwrap() })
            });
            for done in schedules.collect::<Vec<_>>() {
                done.await.unwrap();
            }
            world.settle().await;
        }
        let told = "SELECT COUNT(*) FROM reminders WHERE step = 3";
        assert_eq!(db::count(&world.site.db, told, vec![]).await.unwrap(), 40);
        let letters = "SELECT COUNT(*) FROM messages WHERE kind = 'step'";
        assert_eq!(db::count(&world.site.db, letters, vec![]).await.unwrap(), 40);
        assert_eq!(texts(&world, &staff[0]["account"]), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_and_holidays_are_data() {
    on_both(|world| async move {
        let (admin, staff) = world.college(3).await;
        world.trainee(&admin, &staff[0]).await;
        budget(&admin, "10.00").await;
        let top = world.ready("shengting", Role::Authority, "43").await;
        let steps = json!([{"days": 38, "told": "unit", "sms": false}]);
        assert_eq!(admin.call("PUT", "/api/v1/supervision/steps", steps.clone()).await.status, 403);
        let wrong = top
            .call("PUT", "/api/v1/supervision/steps", json!([{"days": 0, "told": "unit", "sms": false}]))
            .await;
        assert_eq!((wrong.status, wrong.field_code("steps")), (422, "steps_unusable"));
        assert_eq!(top.call("PUT", "/api/v1/supervision/steps", steps).await.status, 204);
        let kept = admin.call("GET", "/api/v1/supervision/steps", Value::Null).await.json;
        assert_eq!(kept["items"], json!([{"days": 38, "told": "unit", "sms": false}]));
        supervision::schedule(&world.site).await.unwrap();
        world.settle().await;
        let told = "SELECT COUNT(*) FROM reminders WHERE step = 38";
        assert_eq!(
            db::count(&world.site.db, told, vec![]).await.unwrap(),
            3,
            "38 days before 12-31 is today"
        );

        // Today is a Monday; as a holiday it holds back what people send, until the next working day.
        let listed = admin.call("GET", "/api/v1/special-days?year=2026", Value::Null).await.json;
        let days = listed["items"].as_array().unwrap();
        assert!(
            days.contains(&json!({"day": "2026-10-01", "kind": "holiday", "name": "国庆节"})),
            "{listed}"
        );
        let holiday = json!({"kind": "holiday", "name": "某节"});
        assert_eq!(admin.call("PUT", "/api/v1/special-days/2026-11-23", holiday.clone()).await.status, 403);
        assert_eq!(top.call("PUT", "/api/v1/special-days/2026-11-23", holiday).await.status, 204);
        let wish = json!({"people": [staff[0]["id"]], "by_sms": true});
        let preview = admin.call("POST", "/api/v1/reminders?dry_run=true", wish).await;
        assert_eq!(preview.json["held_until"], "2026-11-24T08:00:00+08:00", "{:?}", preview.json);
        assert!(
            String::from_utf8_lossy(&admin.call("GET", "/special-days", Value::Null).await.bytes)
                .contains("某节")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervised_list_is_booked_into_a_training() {
    on_both(|world| async move {
        let (admin, staff) = world.college(3).await;
        let form =
            [("person", staff[0]["id"].as_str().unwrap()), ("person", staff[1]["id"].as_str().unwrap())];
        let asked = posted(&admin, "/supervision/book", &form).await;
        assert!(String::from_utf8_lossy(&asked.bytes).contains("登记 2 人"), "{:?}", asked.status);
        let mut typed = form.to_vec();
        typed.extend([
            ("title", "岗前集训"),
            ("from", "2026-11-20"),
            ("to", "2026-11-20"),
            ("days", "1"),
            ("subject", "professional"),
        ]);
        let booked = posted(&admin, "/supervision/book/confirm", &typed).await;
        assert_eq!(booked.status, 303, "{}", String::from_utf8_lossy(&booked.bytes));
        world.settle().await;
        let numbers = admin.call("GET", "/api/v1/supervision", Value::Null).await.json;
        assert_eq!(numbers["rows"][0]["under_way"], 2, "{numbers}");
        typed[4] = ("to", "2026-11-19");
        let wrong = posted(&admin, "/supervision/book/confirm", &typed).await;
        assert!(String::from_utf8_lossy(&wrong.bytes).contains("field-error"), "{:?}", wrong.status);
    })
    .await;
}

/// A form as a page sends it.
async fn posted(client: &Client, path: &str, fields: &[(&str, &str)]) -> testkit::Answer {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let body = ("application/x-www-form-urlencoded", body.finish().into_bytes());
    client.send("POST", path, body, &[]).await
}
