//! Trainings of a list of people and the clock (issue: the wall-clock law): a day has 24 hours, for who was on a list too.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{provider, subject},
    wall_clock::{Record, booked, counted, teach, tell},
    world::{PASSWORD, World, on_both},
};

const LONG: Record<'_> = ("1300", 1300, ("00:10", "21:50"), &[("00:10", "21:50")]);

fn training(title: &str, day: &str, people: &[&Value]) -> Value {
    let ids: Vec<&Value> = people.iter().map(|p| &p["id"]).collect();
    json!({"title": title, "from": day, "to": day, "days": "1", "subject": "professional", "people": ids})
}

async fn book(admin: &Client, training: Value) -> Value {
    let answer = admin.call("POST", "/api/v1/batch-claims", training).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    answer.json
}

fn row<'a>(answer: &'a Value, person: &Value) -> (&'a Value, &'a Value) {
    let rows = answer["items"].as_array().unwrap();
    let row = rows.iter().find(|r| r["person"] == person["id"]).unwrap();
    (&row["credited"], &row["reason"])
}

async fn holds(world: &World) {
    assert_eq!(hours::overlaps(&world.site).await.unwrap(), 0);
    assert!(hours::verify(&world.site).await.unwrap().is_ok());
    assert!(hours::replay(&world.site).await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_learned_all_day_was_in_no_hall_and_the_later_record_gets_what_is_left() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let alpha = provider(&world, "webtrn").await;
        teach(&world).await;
        let (mut clients, mut subjects) = (vec![], vec![]);
        for person in &people {
            let teacher = world.trainee(&admin, person).await;
            subjects.push(subject(&world, &teacher, &alpha, "webtrn").await);
            clients.push(teacher);
        }
        let of = |n: usize| (&alpha, subjects[n].as_str());
        assert_eq!(tell(&world, of(0), LONG).await, counted(Value::Null));
        let eighteen: Record<'_> = ("1080", 1080, ("00:00", "18:00"), &[("00:00", "18:00")]);
        assert_eq!(tell(&world, of(1), eighteen).await, counted(Value::Null));

        // Two hours and a quarter are no half day; six are one.
        let all: Vec<&Value> = people.iter().collect();
        let answer = book(&admin, training("集中培训", "2026-11-10", &all)).await;
        let overlap = json!("overlap");
        assert_eq!(row(&answer, &people[0]), (&json!("0"), &overlap), "{answer}");
        assert_eq!(row(&answer, &people[1]), (&json!("4"), &overlap), "{answer}");
        assert_eq!(row(&answer, &people[2]), (&json!("8"), &Value::Null), "{answer}");
        assert_eq!(booked(&world, &people[1]).await, 2700 + 400);
        let ledger = clients[1].call("GET", "/api/v1/me/years/2026/ledger", Value::Null).await.json;
        let entry =
            ledger["items"].as_array().unwrap().iter().find(|e| e["source"] == "unit_training").unwrap();
        assert_eq!((&entry["hours"], &entry["reason"]), (&json!("4"), &overlap), "{entry}");
        let page =
            admin.call("GET", &format!("/trainings/{}", answer["id"].as_str().unwrap()), Value::Null).await;
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(page.contains("计 0.5 天") && page.contains("同一时间已计入其他学习"), "{page}");

        // What is learned later has sixteen hours of the day left.
        let twenty: Record<'_> = ("1200", 1200, ("00:00", "20:00"), &[("00:00", "20:00")]);
        assert_eq!(tell(&world, of(2), twenty).await, counted(overlap.clone()));
        assert_eq!(booked(&world, &people[2]).await, 800 + 2400);
        holds(&world).await;

        // Once more changes nothing; who had no time gets the hours when the other record is taken back.
        let again = book(&admin, training("集中培训", "2026-11-10", &all)).await;
        assert_eq!(again["items"], answer["items"]);
        taken_back(&world, &people[0]).await;
        let again = book(&admin, training("集中培训", "2026-11-10", &all)).await;
        assert_eq!(row(&again, &people[0]), (&json!("8"), &Value::Null), "{again}");
        holds(&world).await;
    })
    .await;
}

/// Takes back what someone learned online.
async fn taken_back(world: &World, person: &Value) {
    #[derive(sea_orm::FromQueryResult)]
    struct Entry {
        id: String,
    }
    let id = person["id"].as_str().unwrap();
    let sql = "SELECT id FROM hour_entries WHERE person_id = $1 AND source = 'webtrn'";
    let entry: Entry = db::one(&world.site.db, sql, db::params![id]).await.unwrap();
    let tx = world.site.db.begin().await.unwrap();
    let why = hours::Reversal { reason: "报错了课程", by: id.parse().unwrap() };
    hours::reverse(&world.site, &tx, entry.id.parse().unwrap(), why).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_that_was_taken_back_leaves_its_time_and_a_row_that_waits_holds_none() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let alpha = provider(&world, "webtrn").await;
        teach(&world).await;
        let subject = subject(&world, &teacher, &alpha, "webtrn").await;
        let answer = book(&admin, training("取消的培训", "2026-11-10", &[&people[0]])).await;
        let path = format!("/api/v1/batch-claims/{}/reversal", answer["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, json!({"reason": "没有举行"})).await.status, 200);

        // The booker's own row waits, and by the time that another one looks at it, the day is full.
        let boss = world.ready("juzhang", Role::Authority, "430100").await;
        let give = format!("/api/v1/people/{}/roles", people[0]["id"].as_str().unwrap());
        let given = boss.call("POST", &give, json!({"role": "unit_admin", "unit": "43010001"})).await;
        assert!(given.status < 300, "{:?}", given.json);
        let session = world.sign_in(people[0]["account"].as_str().unwrap(), PASSWORD).await;
        let own = world.anyone.with_token(session["token"].as_str().unwrap());
        let answer = book(&own, training("集中培训", "2026-11-10", &[&people[0]])).await;
        assert_eq!(row(&answer, &people[0]), (&json!("0"), &json!("own_decision")));
        assert_eq!(tell(&world, (&alpha, &subject), LONG).await, counted(Value::Null));
        let path = format!("/api/v1/batch-claims/{}/confirmation", answer["id"].as_str().unwrap());
        let refused = admin.call("POST", &path, json!({"person": people[0]["id"]})).await;
        assert_eq!((refused.status, refused.code()), (409, "training_overlap"));
        taken_back(&world, &people[0]).await;
        assert_eq!(admin.call("POST", &path, json!({"person": people[0]["id"]})).await.status, 204);
        let year = own.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["earned"]["total"], "8", "{year}");
        holds(&world).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_of_one_human_have_one_day_together() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let alpha = provider(&world, "webtrn").await;
        teach(&world).await;
        let boss = world.ready("juzhang", Role::Authority, "430100").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let kept = subject(&world, &teacher, &alpha, "webtrn").await;
        assert_eq!(tell(&world, (&alpha, &kept), LONG).await, counted(Value::Null));
        for (title, day) in [("一期", "2026-11-10"), ("二期", "2026-11-12")] {
            let answer = book(&admin, training(title, day, &[&people[1]])).await;
            assert_eq!(row(&answer, &people[1]), (&json!("8"), &Value::Null));
        }
        let body =
            json!({"keep": people[0]["id"], "duplicate": people[1]["id"], "reason": "两个证件号为同一人"});
        let merged = boss.call("POST", "/api/v1/merges", body).await;
        assert_eq!((merged.status, &merged.json["credits"]), (201, &json!(2)), "{:?}", merged.json);
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["earned"]["total"], "40.5", "online and the second training: {year}");
        holds(&world).await;
        // And the carried training holds its day.
        let late: Record<'_> =
            ("1080", 1080, ("11-12 00:00", "11-12 18:00"), &[("11-12 00:00", "11-12 18:00")]);
        assert_eq!(tell(&world, (&alpha, &kept), late).await, counted(json!("overlap")));
        holds(&world).await;
    })
    .await;
}
