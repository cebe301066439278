//! Trainings of a list of people and the clock (issue: the wall-clock law): a day has 24 hours, for who was on a list too.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{provider, subject},
    files::{pdf, upload},
    wall_clock::{Record, booked, counted, teach, tell},
    world::{PASSWORD, World, on_both},
    wrong_providers::until,
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

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_row_that_was_taken_back_costs_nobody_what_they_learned() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let alpha = provider(&world, "webtrn").await;
        teach(&world).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let subject = subject(&world, &teacher, &alpha, "webtrn").await;
        let mut wrong = training("误登的培训", "2026-11-10", &[&people[0]]);
        (wrong["to"], wrong["days"]) = (json!("2026-11-10"), json!("1"));
        let answer = book(&admin, wrong).await;
        // Of twenty hours sixteen are left, and of the rest of the day nothing.
        let twenty: Record<'_> = ("1200", 1200, ("00:00", "20:00"), &[("00:00", "20:00")]);
        assert_eq!(tell(&world, (&alpha, &subject), twenty).await, counted(json!("overlap")));
        let evening: Record<'_> = ("60", 60, ("20:00", "21:00"), &[("20:00", "21:00")]);
        assert_eq!(tell(&world, (&alpha, &subject), evening).await.0, "refused");
        let earned = |hours: &'static str| move |year: &Value| year["earned"]["total"] == hours;
        let year = "/api/v1/me/years/2026";
        assert!(until(&teacher, year, earned("32")).await);
        let path = format!("/api/v1/batch-claims/{}/reversal", answer["id"].as_str().unwrap());
        let back = json!({"people": [people[0]["id"]], "reason": "未参加"});
        assert_eq!(admin.call("POST", &path, back).await.status, 200);
        let whole = until(&teacher, year, earned("31.5")).await;
        assert!(whole, "thirty hours and one and a half, without anything being sent again");
        let page = crate::relations::page(&teacher, "/hours?year=2026").await;
        assert!(page.contains("按原报的学习时段重新计算"), "{page}");
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

/// What the signal of learning beside a training says, by the id of what it points at; units only collect.
async fn beside(world: &World) -> Vec<(String, String)> {
    let session = world.sign_in("root43", PASSWORD).await;
    let boss = world.anyone.with_token(session["token"].as_str().unwrap());
    let panel = boss.call("GET", "/api/v1/signals", Value::Null).await;
    assert_eq!(panel.status, 200, "{:?}", panel.json);
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut said = vec![];
    for flagged in panel.json["items"].as_array().unwrap().iter().filter(|f| f["kind"] != "unit") {
        for sign in flagged["signs"].as_array().unwrap().iter().filter(|s| s["sign"] == "overlap") {
            said.push((text(&flagged["id"]), text(&sign["says"])));
        }
    }
    said.sort();
    said
}

/// A claim to so many of what an item counts, handed in and approved.
async fn approved(
    (teacher, reviewer): (&Client, &Client),
    (item, on, quantity): (&str, &str, &str),
    evidence: usize,
) -> String {
    let file = upload(teacher, ("a.pdf", "application/pdf"), &pdf(evidence)).await.json["id"].clone();
    let body = json!({"year": 2026, "item": item, "title": format!("{item} {on}"), "on": on, "quantity": quantity,
        "files": [file], "submit": true});
    let made = teacher.call("POST", "/api/v1/claims", body).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    let id = made.json["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/claims/{id}/decision");
    let done = reviewer.call("POST", &path, json!({"decision": "approve", "comment": "属实"})).await;
    assert_eq!((done.status, &done.json["state"]), (200, &json!("approved")), "{:?}", done.json);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn learning_beside_a_training_is_seen_by_when_it_was_booked_and_on_the_date_of_claimed_days() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let alpha = provider(&world, "webtrn").await;
        teach(&world).await;
        let mut clients = vec![];
        for (person, when) in people.iter().zip([
            ("08-12 09:00", "08-12 11:00"),
            ("11-17 09:00", "11-17 11:00"),
            ("11-18 09:00", "11-18 11:00"),
        ]) {
            let teacher = world.trainee(&admin, person).await;
            let subject = subject(&world, &teacher, &alpha, "webtrn").await;
            let record: Record<'_> = ("120", 120, when, &[when]);
            assert_eq!(tell(&world, (&alpha, &subject), record).await, counted(Value::Null));
            clients.push(teacher);
        }
        let answer = book(&admin, training("八月的培训", "2026-08-12", &[&people[0]])).await;
        let training = answer["id"].as_str().unwrap().to_owned();
        let claim = approved((&clients[1], &reviewer), ("training.external", "2026-11-17", "2"), 1).await;
        // No days, and days whose date is the one after.
        approved((&clients[2], &reviewer), ("paper.core", "2026-11-18", "2"), 2).await;
        approved((&clients[2], &reviewer), ("training.external", "2026-11-19", "2"), 3).await;

        let found = beside(&world).await;
        let mut ids = [training.clone(), claim.clone()];
        ids.sort();
        assert_eq!(found.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), ids, "{found:?}");
        let says = |id: &String| found.iter().find(|(of, _)| of == id).unwrap().1.as_str();
        assert!(says(&training).contains("有 1 人"), "{found:?}");
        let words = says(&claim);
        assert!(words.contains("2026-11-17 这一天") && words.contains("在线学习 120 分钟"), "{words}");
        assert!(words.contains("共 2 天") && words.contains("只比对这一天"), "{words}");

        // Both stay for the panel's ninety days, however old the training is.
        world.clock.advance(60 * 24 * 3600);
        assert_eq!(beside(&world).await, found);
        let older = "UPDATE training_rows SET decided_at = decided_at - $1";
        db::execute(&world.site.db, older, db::params![31 * 24 * 3_600_000_i64]).await.unwrap();
        let left = beside(&world).await;
        assert_eq!(left.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&claim], "{left:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_day_leaves_time_to_learn_and_a_stay_is_compared_with_itself() {
    on_both(|world| async move {
        let (admin, people) = world.college(4).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let alpha = provider(&world, "webtrn").await;
        teach(&world).await;
        let mut clients = vec![];
        for (person, (course, minutes, when)) in people.iter().zip([
            ("120", 120, ("09:00", "11:00")),
            ("360", 360, ("09:00", "15:00")),
            ("120", 120, ("11-12 09:00", "11-12 11:00")),
            ("120", 120, ("11-17 09:00", "11-17 11:00")),
        ]) {
            let teacher = world.trainee(&admin, person).await;
            let subject = subject(&world, &teacher, &alpha, "webtrn").await;
            let record: Record<'_> = (course, minutes, when, &[when]);
            assert_eq!(tell(&world, (&alpha, &subject), record).await, counted(Value::Null));
            clients.push(teacher);
        }
        let half = |title: &str, people: &[&Value]| {
            let mut training = training(title, "2026-11-10", people);
            training["days"] = json!("0.5");
            training
        };
        // Six of the day's eight hours are free for the four, and two are not; who learned six has two.
        book(&admin, half("半天的培训", &[&people[0]])).await;
        let both = book(&admin, half("半天的班", &[&people[0], &people[1]])).await;
        approved((&clients[3], &reviewer), ("training.external", "2026-11-17", "0.5"), 1).await;
        let found = beside(&world).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(json!(found[0].0), both["id"]);
        assert!(found[0].1.contains("有 1 人"), "{found:?}");

        let whole = book(&admin, training("一天的培训", "2026-11-12", &[&people[2]])).await;
        let id = whole["id"].as_str().unwrap();
        let is_seen = async || beside(&world).await.iter().any(|(of, _)| of == id);
        assert!(is_seen().await, "on a list, for the whole day");
        for (from, to, expected) in
            [("13:00", "17:30", false), ("10:45", "17:00", false), ("10:00", "18:00", true)]
        {
            let at = |clock: &str| base::day::millis(format!("2026-11-12T{clock}:00+08:00").parse().unwrap());
            let signed = "UPDATE training_rows SET stay_from_ms = $1, stay_to_ms = $2 WHERE training_id = $3";
            let values = db::params![at(from), at(to), id];
            assert_eq!(db::execute(&world.site.db, signed, values).await.unwrap(), 1);
            assert_eq!(is_seen().await, expected, "{from} to {to}");
        }
    })
    .await;
}
