//! 岗前 and 转岗培训 on record: what is over counts, each day of a person once, and a wrong record is taken back.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::{World, on_both};

/// A college whose first teacher moved to another category of post on 2026-05-01; the administrator and the teacher's id.
async fn moved(world: &World) -> (Client, String) {
    let (admin, people) = world.college(1).await;
    let person = people[0]["id"].as_str().unwrap().to_owned();
    let change = json!({"category": "management", "level": "management_7", "from": "2026-05-01"});
    let changed = admin.call("PATCH", &format!("/api/v1/people/{person}"), change).await;
    assert_eq!(changed.status, 200, "{:?}", changed.json);
    (admin, person)
}

fn training(from: &str, to: &str, hours: &str) -> Value {
    json!({"kind": "transfer", "title": "转岗培训班", "from": from, "to": to, "hours": hours, "document": "院人〔2026〕8号"})
}

async fn record(client: &Client, person: &str, body: Value) -> Answer {
    client.call("POST", &format!("/api/v1/people/{person}/inductions"), body).await
}

/// What is on record towards the 40 hours.
async fn hours(client: &Client) -> (String, bool) {
    let list = client.call("GET", "/api/v1/inductions?year=2026", Value::Null).await.json;
    let owed = &list["items"][0];
    (owed["hours"].as_str().unwrap().to_owned(), owed["satisfied"].as_bool().unwrap())
}

async fn on_record(client: &Client, person: &str) -> Vec<Value> {
    let path = format!("/api/v1/people/{person}/inductions");
    client.call("GET", &path, Value::Null).await.json["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_induction_is_recorded_when_it_is_over_and_each_of_its_days_once() {
    on_both(|world| async move {
        let (admin, person) = moved(&world).await;
        for (from, to) in [("2027-03-01", "2027-03-05"), ("2026-11-23", "2026-11-24")] {
            let early = record(&admin, &person, training(from, to, "20")).await;
            assert_eq!((early.status, early.field_code("to")), (422, "training_future"), "{from}");
        }
        let first = training("2026-11-19", "2026-11-20", "20");
        for _ in 0..3 {
            assert_eq!(record(&admin, &person, first.clone()).await.status, 204, "said again it is the same");
        }
        assert_eq!(hours(&admin).await, ("20".to_owned(), false));
        let mut entry = first.clone();
        entry["kind"] = json!("entry");
        let others =
            [training("2026-11-20", "2026-11-22", "20"), training("2026-11-19", "2026-11-20", "4"), entry];
        for other in others {
            let shared = record(&admin, &person, other).await;
            assert_eq!((shared.status, shared.code()), (409, "induction_overlap"));
            let with = &shared.json["overlaps"];
            assert_eq!(
                (with.as_array().unwrap().len(), &with[0]["from"]),
                (1, &json!("2026-11-19")),
                "{with}"
            );
        }
        assert_eq!(hours(&admin).await, ("20".to_owned(), false));
        let today = training("2026-11-22", "2026-11-23", "20");
        assert_eq!(record(&admin, &person, today).await.status, 204, "its last day is today");
        assert_eq!(hours(&admin).await, ("40".to_owned(), true));
        taken_back(&world, &admin, &person).await;
    })
    .await;
}

/// A wrong record goes, and makes room for the right one; others neither see nor end it.
async fn taken_back(world: &World, admin: &Client, person: &str) {
    let listed = on_record(admin, person).await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    let wrong = listed.iter().find(|t| t["from"] == "2026-11-19").unwrap();
    assert_eq!((&wrong["kind"], &wrong["hours"]), (&json!("transfer"), &json!("20")));
    let wrong = format!("/api/v1/inductions/{}", wrong["id"].as_str().unwrap());
    let stranger = world.ready("fremd", Role::Hr, "43020001").await;
    assert_eq!(stranger.call("DELETE", &wrong, Value::Null).await.status, 404);
    let theirs = stranger.call("GET", &format!("/api/v1/people/{person}/inductions"), Value::Null).await;
    assert_eq!(theirs.status, 404);
    assert_eq!(admin.call("DELETE", &wrong, Value::Null).await.status, 204);
    assert_eq!(admin.call("DELETE", &wrong, Value::Null).await.status, 404);
    assert_eq!(hours(admin).await, ("20".to_owned(), false));
    assert_eq!(record(admin, person, training("2026-11-19", "2026-11-20", "16")).await.status, 204);
    assert_eq!(hours(admin).await, ("36".to_owned(), false));
    let page = admin.call("GET", "/inductions?year=2026", Value::Null).await;
    let page = String::from_utf8(page.bytes).unwrap();
    assert!(page.contains("36 / 40 学时") && page.contains("2026-11-19 至 2026-11-20 · 16 学时"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_inductions_of_one_day_at_once_one_is_recorded() {
    on_both(|world| async move {
        let (admin, person) = moved(&world).await;
        let all: Vec<_> = (1..=16)
            .map(|n| {
                let (client, person) = (admin.clone(), person.clone());
                let body = training("2026-11-20", "2026-11-20", &format!("0.{n:02}"));
                tokio::spawn(async move { record(&client, &person, body).await.status })
            })
            .collect();
        let mut statuses = vec![];
        for one in all {
            statuses.push(one.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[1]), (204, 409), "{statuses:?}");
        assert_eq!(on_record(&admin, &person).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_doubled_or_early_before_counts_once_and_when_it_is_over() {
    on_both(|world| async move {
        let (admin, person) = moved(&world).await;
        for (n, from, to) in [
            (1, "2026-11-18", "2026-11-19"),
            (2, "2026-11-19", "2026-11-20"),
            (3, "2026-11-18", "2026-11-19"),
            (4, "2026-12-01", "2026-12-02"),
        ] {
            let sql = format!(
                "INSERT INTO induction_trainings (id, person_id, kind, title, from_day, to_day, hours, document, recorded_by, \
                 recorded_at) VALUES ('01900000-0000-7000-8000-00000000000{n}', $1, 'transfer', '转岗培训班', '{from}', '{to}', \
                 2000, '院人〔2026〕8号', $1, {n})"
            );
            db::execute(&world.site.db, &sql, db::params![person]).await.unwrap();
        }
        assert_eq!(hours(&admin).await, ("20".to_owned(), false), "one of three, and none to come");
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let path = format!("/api/v1/hr/checks?person={person}&year=2026&business=transfer");
        let check = hr.call("GET", &path, Value::Null).await.json;
        assert_eq!(
            (&check["induction"]["hours"], &check["induction"]["satisfied"]),
            (&json!("20"), &json!(false)),
            "{check}"
        );
        let page = admin.call("GET", "/inductions?year=2026", Value::Null).await;
        assert_eq!(String::from_utf8(page.bytes).unwrap().matches("未计入").count(), 3);
        world.clock.advance(10 * 24 * 3600);
        let opened = world.sign_in("yuanzhang", crate::world::PASSWORD).await;
        let admin = world.anyone.with_token(opened["token"].as_str().unwrap());
        assert_eq!(hours(&admin).await, ("40".to_owned(), true), "it is over now");
    })
    .await;
}
