//! The wall-clock law (issue: ledger): nobody's records count more than the time that passed, whoever reports them, with
//! stretches or without; and honest records lose nothing.
use base::{EntryId, PersonId};
use hours::Reversal;
use serde_json::{Value, json};

use crate::{
    courses::{provider, providers_api::Provider, report, subject},
    world::{World, on_both},
    wrong_providers::until,
};

const COURSES: &str = "INSERT INTO provider_courses (id, provider_id, course, title, subject, topic, seconds, price, free, listed, synced_at) \
    SELECT id || $1, id, $1, $1, 'professional', '', $2, 0, TRUE, TRUE, 0 FROM providers";

/// Courses of every provider, named by their minutes and a letter.
pub async fn teach(world: &World) {
    for (name, minutes) in [
        ("120", 120),
        ("120b", 120),
        ("60", 60),
        ("60b", 60),
        ("36", 36),
        ("360", 360),
        ("1080", 1080),
        ("1200", 1200),
        ("1300", 1300),
    ] {
        db::execute(&world.site.db, COURSES, db::params![name, minutes * 60]).await.unwrap();
    }
}

/// `10:00` of that day, or another day's as `11-05 10:00`.
fn at(text: &str) -> String {
    let (day, clock) = text.split_once(' ').unwrap_or(("11-10", text));
    format!("2026-{day}T{clock}:00+08:00")
}

/// A record: the course with its minutes, beginning and end, and stretches.
pub type Record<'a> = (&'a str, u64, (&'a str, &'a str), &'a [(&'a str, &'a str)]);

pub async fn tell(
    world: &World,
    (program, subject): (&Provider, &str),
    (course, minutes, (from, to), stretches): Record<'_>,
) -> (String, Value) {
    world.clock.advance(1);
    let stretches: Vec<Value> = stretches.iter().map(|(f, t)| json!({"from": at(f), "to": at(t)})).collect();
    let id = secrets::fresh_token(&base::SystemRandom);
    let done = json!({"id": id, "subject_id": subject, "course": course, "minutes": minutes, "started_at": at(from),
        "completed_at": at(to), "intervals": stretches, "fee": "0.00"});
    report(world, program, done).await
}

pub fn counted(reason: Value) -> (String, Value) {
    ("counted".to_owned(), reason)
}

pub fn refused(reason: &str) -> (String, Value) {
    ("refused".to_owned(), json!(reason))
}

pub async fn booked(world: &World, person: &Value) -> i64 {
    let sum = "SELECT CAST(COALESCE(SUM(hours), 0) AS BIGINT) FROM hour_entries WHERE person_id = $1";
    db::count(&world.site.db, sum, db::params![person["id"].as_str().unwrap()]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_record_counts_more_than_its_own_time_or_what_others_leave() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let (alpha, beta) = (provider(&world, "webtrn").await, provider(&world, "hnkfdx").await);
        teach(&world).await;
        let mut known = vec![];
        for person in &people {
            let teacher = world.trainee(&admin, person).await;
            let at_alpha = subject(&world, &teacher, &alpha, "webtrn").await;
            known.push((at_alpha, subject(&world, &teacher, &beta, "hnkfdx").await));
        }
        let overlap = || json!("overlap");
        let (alpha, beta) =
            (|n: usize| (&alpha, known[n].0.as_str()), |n: usize| (&beta, known[n].1.as_str()));
        let morning = ("10:00", "12:00");

        // Ten minutes of stretches for a course of an hour, the same half hour twice, and none at all.
        let ten: Record<'_> = ("60", 60, ("08:00", "10:00"), &[("08:00", "08:10")]);
        assert_eq!(tell(&world, alpha(0), ten).await, counted(json!("intervals_short")));
        assert_eq!(booked(&world, &people[0]).await, 20);
        let twice: Record<'_> = ("60b", 60, morning, &[("10:00", "10:30"), ("10:00", "10:30")]);
        assert_eq!(tell(&world, alpha(0), twice).await, counted(json!("intervals_short")));
        assert_eq!(booked(&world, &people[0]).await, 20 + 70);
        let nothing: Record<'_> = ("36", 36, ("13:00", "14:00"), &[("13:10", "13:10")]);
        assert_eq!(tell(&world, alpha(0), nothing).await, refused("intervals_short"));

        // Without stretches, at two providers at once; an hour more leaves an hour.
        assert_eq!(tell(&world, alpha(1), ("120", 120, morning, &[])).await, counted(Value::Null));
        assert_eq!(tell(&world, beta(1), ("120", 120, morning, &[])).await, refused("overlap"));
        assert_eq!(tell(&world, beta(1), ("120b", 120, ("10:00", "13:00"), &[])).await, counted(overlap()));
        assert_eq!(booked(&world, &people[1]).await, 300 + 150);
        // Stretches beside it find what it leaves: two minutes of a course of two hours.
        let beside: Record<'_> = ("60", 60, morning, &[("10:00", "11:00")]);
        assert_eq!(tell(&world, beta(1), beside).await, refused("overlap"));

        // One provider's own records, with stretches.
        let whole: Record<'_> = ("120", 120, morning, &[morning]);
        assert_eq!(tell(&world, alpha(2), whole).await, counted(Value::Null));
        let inside: Record<'_> = ("60", 60, morning, &[("10:30", "11:30")]);
        assert_eq!(tell(&world, alpha(2), inside).await, refused("overlap"));
        let half: Record<'_> = ("60b", 60, ("11:30", "12:30"), &[("11:30", "12:30")]);
        assert_eq!(tell(&world, alpha(2), half).await, counted(overlap()));
        assert_eq!(tell(&world, alpha(2), ("36", 36, morning, &[])).await, refused("overlap"));
        assert_eq!(booked(&world, &people[2]).await, 300 + 70);

        assert_eq!(hours::overlaps(&world.site).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_records_lose_nothing_and_a_broken_law_is_found() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let (alpha, beta) = (provider(&world, "webtrn").await, provider(&world, "hnkfdx").await);
        teach(&world).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let at_alpha = subject(&world, &teacher, &alpha, "webtrn").await;
        let at_beta = subject(&world, &teacher, &beta, "hnkfdx").await;
        let (alpha, beta) = ((&alpha, at_alpha.as_str()), (&beta, at_beta.as_str()));
        // Two courses learned in turn over the same weeks, and an evening among them.
        let weeks = ("11-02 08:00", "11-09 22:00");
        assert_eq!(tell(&world, alpha, ("1200", 1200, weeks, &[])).await, counted(Value::Null));
        assert_eq!(tell(&world, beta, ("120", 120, weeks, &[])).await, counted(Value::Null));
        let evening = ("11-05 19:00", "11-05 21:00");
        assert_eq!(tell(&world, beta, ("120b", 120, evening, &[evening])).await, counted(Value::Null));
        assert_eq!(tell(&world, alpha, ("60", 60, weeks, &[])).await, counted(Value::Null));

        assert_eq!(hours::overlaps(&world.site).await.unwrap(), 0);
        let db = &world.site.db;
        for (kind, more) in [("span", 7 * 24 * 3_600_000_i64), ("stretches", 1)] {
            let forged = "UPDATE learned_records SET need_ms = to_ms - from_ms + $2 WHERE kind = $1";
            let changed = db::execute(db, forged, db::params![kind, more]).await.unwrap();
            assert!(
                changed > 0 && hours::overlaps(&world.site).await.unwrap() > 0,
                "{kind}: a broken law is found"
            );
            db::execute(db, "UPDATE learned_records SET need_ms = 0", vec![]).await.unwrap();
            assert_eq!(
                hours::overlaps(&world.site).await.unwrap(),
                4,
                "four credits without any time of theirs"
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_taken_back_leaves_its_time_to_the_corrected_one() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let program = provider(&world, "webtrn").await;
        teach(&world).await;
        let subject = subject(&world, &teacher, &program, "webtrn").await;
        let morning = ("10:00", "12:00");
        let record: Record<'_> = ("120", 120, morning, &[morning]);
        assert_eq!(tell(&world, (&program, &subject), record).await, counted(Value::Null));
        let corrected: Record<'_> = ("120b", 120, morning, &[morning]);
        assert_eq!(tell(&world, (&program, &subject), corrected).await, refused("overlap"));
        let person: PersonId = people[0]["id"].as_str().unwrap().parse().unwrap();
        let year = teacher.call("GET", "/api/v1/me/years/2026/ledger", Value::Null).await.json;
        let entry: EntryId = year["items"][0]["id"].as_str().unwrap().parse().unwrap();
        let tx = world.site.db.begin().await.unwrap();
        let why = Reversal { reason: "报错了课程", by: person };
        hours::reverse(&world.site, &tx, entry, why).await.unwrap();
        tx.commit().await.unwrap();
        let is_corrected =
            |year: &Value| year["earned"]["total"] == "3" && year["credits"][0]["reason"].is_null();
        assert!(until(&teacher, "/api/v1/me/years/2026", is_corrected).await, "without being sent again");
        assert_eq!(hours::overlaps(&world.site).await.unwrap(), 0);
    })
    .await;
}
