//! In-person trainings: the code of the moment, coming and going, the list by hand, and hours for the time one stayed.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses,
    holdings::make,
    world::{PASSWORD, World, on_both},
    wrong_providers::until,
};

/// The college's training today from 10:05 to 18:05; the world's clock shows 10:00.
fn training() -> Value {
    json!({"unit": "43010001", "title": "素质能力提升培训", "place": "报告厅", "date": "2026-11-23", "from": "10:05", "to": "18:05"})
}

async fn signed_in(world: &World, account: &Value) -> Client {
    let session = world.sign_in(account.as_str().unwrap(), PASSWORD).await;
    world.anyone.with_token(session["token"].as_str().unwrap())
}

async fn digits(organiser: &Client, id: &str) -> String {
    let code = organiser.call("GET", &format!("/api/v1/attendances/{id}/code"), Value::Null).await;
    code.json["digits"].as_str().unwrap().to_owned()
}

async fn mark(client: &Client, id: &str, code: &str) -> testkit::Answer {
    client.call("POST", &format!("/api/v1/attendances/{id}/marks"), json!({"code": code})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stays_a_day_gets_a_day_and_nobody_more_than_the_time_that_passed() {
    on_both(|world| async move {
        let (admin, staff) = world.college(4).await;
        let [whole, half, gone] = [0, 1, 2].map(|n| staff[n].clone());
        let mut people = vec![];
        for person in [&whole, &half, &gone] {
            people.push(world.trainee(&admin, person).await);
        }
        let id = make(&admin, "/api/v1/attendances", training()).await;
        let early = digits(&admin, &id).await;
        let closed = mark(&people[0], &id, &early).await;
        assert_eq!((closed.status, closed.code()), (409, "attendance_closed"));
        world.clock.advance(4 * 60);
        let stale = mark(&people[0], &id, &early).await;
        assert_eq!((stale.status, stale.field_code("code")), (422, "attendance_code"), "four minutes old");
        let code = digits(&admin, &id).await;
        for person in &people {
            assert_eq!(mark(person, &id, &code).await.json["marked"], "in");
        }
        assert_eq!(mark(&people[0], &id, &code).await.json["marked"], "again");
        let listing = json!({"people": [staff[3]["id"]], "reason": "手机没电"});
        let before = admin.call("POST", &format!("/api/v1/attendances/{id}/booking"), Value::Null).await;
        assert_eq!((before.status, before.code()), (409, "attendance_not_over"));

        world.clock.advance(5 * 3600);
        let admin = signed_in(&world, &json!("yuanzhang")).await;
        let left = signed_in(&world, &half["account"]).await;
        assert_eq!(mark(&left, &id, &digits(&admin, &id).await).await.json["marked"], "out");
        world.clock.advance(3 * 3600 + 10 * 60);
        let admin = signed_in(&world, &json!("yuanzhang")).await;
        let stayed = signed_in(&world, &whole["account"]).await;
        assert_eq!(mark(&stayed, &id, &digits(&admin, &id).await).await.json["marked"], "out");
        let listed = admin.call("POST", &format!("/api/v1/attendances/{id}/list"), listing).await;
        assert_eq!(listed.json["listed"], 1, "{:?}", listed.json);

        let marks = admin.call("GET", &format!("/api/v1/attendances/{id}/marks"), Value::Null).await.json;
        let days = |person: &Value| {
            let all = marks["items"].as_array().unwrap();
            all.iter().find(|m| m["person"] == person["id"]).unwrap()["days"].clone()
        };
        assert_eq!([days(&whole), days(&half), days(&gone)], ["1", "0.5", "0"].map(|d| json!(d)), "{marks}");
        for _ in 0..2 {
            let booked = admin.call("POST", &format!("/api/v1/attendances/{id}/booking"), Value::Null).await;
            assert_eq!(booked.json, json!({"booked": 3, "short": 1, "overlap": 0}));
        }
        for (client, hours) in [(&stayed, "8"), (&signed_in(&world, &half["account"]).await, "4")] {
            let year = client.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
            assert_eq!(year["earned"]["professional"], hours, "{year}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sat_in_the_hall_learned_nothing_online_then_and_who_left_too_early_did() {
    on_both(|world| async move {
        let (admin, staff) = world.college(2).await;
        let program = courses::provider(&world, "webtrn").await;
        let (mut people, mut subjects) = (vec![], vec![]);
        for person in &staff {
            let teacher = world.trainee(&admin, person).await;
            subjects.push(courses::subject(&world, &teacher, &program, "webtrn").await);
            people.push(teacher);
        }
        let id = make(&admin, "/api/v1/attendances", training()).await;
        world.clock.advance(4 * 60);
        let code = digits(&admin, &id).await;
        for person in &people {
            assert_eq!(mark(person, &id, &code).await.json["marked"], "in");
        }
        // The second stays two hours, which is no half day.
        for (minutes, person) in [(120, &staff[1]), (370, &staff[0])] {
            world.clock.advance(minutes * 60);
            let admin = signed_in(&world, &json!("yuanzhang")).await;
            let leaves = signed_in(&world, &person["account"]).await;
            assert_eq!(mark(&leaves, &id, &digits(&admin, &id).await).await.json["marked"], "out");
        }
        let admin = signed_in(&world, &json!("yuanzhang")).await;
        let booked = admin.call("POST", &format!("/api/v1/attendances/{id}/booking"), Value::Null).await;
        assert_eq!(booked.json, json!({"booked": 1, "short": 1, "overlap": 0}), "{:?}", booked.json);
        let at = |clock: &str| format!("2026-11-23T{clock}+08:00");
        let tell = async |key: &str, n: usize| {
            let mut online = courses::completion(key, &subjects[n]);
            online["started_at"] = json!(at("11:00:00"));
            online["completed_at"] = json!(at("11:08:00"));
            online["intervals"] = json!([{"from": at("11:00:00"), "to": at("11:08:00")}]);
            courses::report(&world, &program, online).await
        };
        assert_eq!(tell("k0", 0).await, ("refused".to_owned(), json!("overlap")));
        assert_eq!(tell("k1", 1).await, ("counted".to_owned(), Value::Null));
        // What is taken back leaves its time, and what had lost it counts by itself.
        let training = made(&world).await;
        let path = format!("/api/v1/batch-claims/{training}/reversal");
        let back = admin.call("POST", &path, json!({"reason": "签到有误"})).await;
        assert_eq!((back.status, &back.json["reversed"]), (200, &json!(1)), "{:?}", back.json);
        let is_whole = |year: &Value| year["earned"]["public"] == "0.2";
        let learner = signed_in(&world, &staff[0]["account"]).await;
        assert!(until(&learner, "/api/v1/me/years/2026", is_whole).await);
        assert_eq!(tell("k0", 0).await, ("counted".to_owned(), Value::Null));
    })
    .await;
}

/// The id of the one training that was booked.
async fn made(world: &World) -> String {
    #[derive(sea_orm::FromQueryResult)]
    struct Made {
        id: String,
    }
    db::one::<Made>(&world.site.db, "SELECT id FROM unit_trainings", vec![]).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_wrong_plans_are_refused() {
    on_both(|world| async move {
        let (admin, staff) = world.college(1).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        let id = make(&admin, "/api/v1/attendances", training()).await;
        world.clock.advance(6 * 60);
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        let code = digits(&admin, &id).await;
        assert_eq!(mark(&foreign, &id, &code).await.status, 404);
        assert_eq!(
            foreign.call("GET", &format!("/api/v1/attendances/{id}/code"), Value::Null).await.status,
            404
        );
        assert_eq!(
            teacher.call("GET", &format!("/api/v1/attendances/{id}/code"), Value::Null).await.status,
            403
        );
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let by_head = make(&head, "/api/v1/attendances", training()).await;
        assert_eq!(digits(&head, &by_head).await.len(), 6, "a head plans a training and shows its code");
        let booking = format!("/api/v1/attendances/{by_head}/booking");
        assert_eq!(head.call("POST", &booking, json!({})).await.status, 403, "the unit books its hours");
        let own = json!({"people": [staff[0]["id"]], "reason": " "});
        let unreasoned = admin.call("POST", &format!("/api/v1/attendances/{id}/list"), own).await;
        assert_eq!((unreasoned.status, unreasoned.field_code("reason")), (422, "required"));
        for (field, value, code) in [
            ("to", "09:00", "ends_before_it_begins"),
            ("date", "2026-02-30", "wrong_value"),
            ("title", "", "training_title"),
        ] {
            let mut wrong = training();
            wrong[field] = json!(value);
            let refused = admin.call("POST", "/api/v1/attendances", wrong).await;
            assert_eq!((refused.status, refused.field_code(field)), (422, code));
        }
        let page = admin.call("GET", &format!("/attendances/{id}"), Value::Null).await;
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        let board = page.split("href=\"/attend/board/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let shown = world.anyone.call("GET", &format!("/attend/board/{board}"), Value::Null).await;
        let shown = String::from_utf8_lossy(&shown.bytes).into_owned();
        assert!(shown.contains("<svg") && shown.contains(&digits(&admin, &id).await), "{shown}");
        assert!(!shown.contains(staff[0]["name"].as_str().unwrap()));
        let forged = world.anyone.call("GET", &format!("/attend/board/{id}.forged"), Value::Null).await;
        assert_eq!(forged.status, 404);
    })
    .await;
}
