//! What a provider sends and what does not count (yet) is seen by whoever learned it, with the reason and whose turn it is.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{completion, providers_api::Provider, report},
    relations::{decide_on, page},
    training_site::course,
    world::{World, on_both},
    wrong_providers::statement,
    xapi::{self, Lrs},
};

/// A provider with a course, where a person is known as `s-9`.
async fn alpha<'w>(world: &'w World, person: &Value) -> (Lrs<'w>, Provider) {
    let (lrs, program) = xapi::registered(world, "alpha").await;
    let sql = "INSERT INTO provider_subjects (provider_id, subject_id, person_id) SELECT id, 's-9', $1 FROM providers WHERE name = 'alpha'";
    db::execute(&world.site.db, sql, db::params![person["id"].as_str().unwrap()]).await.unwrap();
    push(world, &program, "fire").await;
    (lrs, program)
}

async fn push(world: &World, program: &Provider, id: &str) {
    let courses = json!({"courses": [course(id, id, 480)]});
    let pushed = program.post(world, "/api/v1/provider/courses", &courses).await;
    assert_eq!(pushed.json["items"][0]["status"], "taken", "{:?}", pushed.json);
}

/// The person's courses on their way.
async fn arrivals(teacher: &Client) -> Vec<Value> {
    let found = teacher.call("GET", "/api/v1/me/arrivals", Value::Null).await.json;
    found["items"].as_array().unwrap().clone()
}

/// Course, whose turn, why, and the stages reached.
fn said(arrival: &Value) -> (&str, &str, &str, Vec<&str>) {
    let stages = arrival["stages"].as_array().unwrap().iter().filter(|s| s["is_reached"] == true);
    let text = |key: &str| arrival[key].as_str().unwrap();
    (text("course"), text("turn"), text("reason"), stages.map(|s| s["stage"].as_str().unwrap()).collect())
}

const RECEIVED: [&str; 3] = ["learned", "sent", "received"];

async fn noted(world: &World) -> i64 {
    db::count(&world.site.db, "SELECT COUNT(*) FROM provider_kept", vec![]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_statement_says_wrongly_is_not_taken_for_unsaid() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let (lrs, program) = alpha(&world, &people[0]).await;
        let extension = |name: &str, value: Value| json!({format!("{}/xapi/extensions/{name}", world.url): value});
        let stretch = json!({"from": "2026-11-21T09:00:00+08:00"});
        let wrong = [
            (extension("intervals", json!("x")), "intervals_wrong"),
            (extension("intervals", json!([stretch])), "intervals_wrong"),
            (extension("fee", json!(4.0)), "fee_wrong"),
            (extension("fee", json!("abc")), "fee_wrong"),
            (Value::Null, "not_completed"),
        ];
        for (n, (extension, _)) in (1..).zip(&wrong) {
            let mut bad = statement(&world, n, "fire");
            bad["timestamp"] = json!(format!("2026-11-21T1{n}:00:00+08:00"));
            match extension {
                Value::Null => bad["result"]["completion"] = json!(false),
                said => bad["context"]["extensions"] = said.clone(),
            }
            assert_eq!(lrs.post(&bad).await, [xapi::uuid(n)], "it is a statement, and stored");
        }
        world.settle().await;
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["earned"]["total"], "0", "nothing of them is booked");
        let mut seen = arrivals(&teacher).await;
        seen.reverse();
        let reasons: Vec<&str> = seen.iter().map(|a| said(a).2).collect();
        assert_eq!(reasons, wrong.each_ref().map(|w| w.1), "the person sees why");
        assert!(seen.iter().all(|a| a["turn"] == "provider"), "{seen:?}");
        let shown = page(&teacher, "/arrivals").await;
        for words in ["学习时段不对", "费用格式不对", "同时说“已学完”和“未完成”"] {
            assert!(shown.contains(words), "{words}");
        }
        let record = |n: u32| json!({"id": format!("xapi:{}", xapi::uuid(n)), "course": "fire", "hours": "0.2", "fee": "4.00"});
        let account = json!({"records": (1..=5).map(record).collect::<Vec<_>>()});
        let account = program.post(&world, "/api/v1/provider/accounts/2026-11", &account).await.json;
        let ours: Vec<&str> =
            account["differences"].as_array().unwrap().iter().map(|d| d["ours"].as_str().unwrap()).collect();
        assert_eq!(ours, reasons, "and the provider too");

        let mut good = statement(&world, 1, "fire");
        good["id"] = json!(xapi::uuid(6));
        good["context"]["extensions"] = extension("fee", json!("4.00"));
        lrs.post(&good).await;
        world.settle().await;
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["earned"]["total"], "0.2", "one that reads counts");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_seen_until_it_counts_or_is_refused() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let (lrs, program) = alpha(&world, &people[0]).await;
        let mut flood = completion("k1", "s-9");
        flood["course"] = json!("flood");
        let unknown = ("kept".to_owned(), json!("course_unknown"));
        assert_eq!(report(&world, &program, flood.clone()).await, unknown);
        assert_eq!(report(&world, &program, flood.clone()).await, unknown, "as often as it comes");
        lrs.post(&statement(&world, 1, "quake")).await;
        world.settle().await;
        let seen = arrivals(&teacher).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        for (arrival, course) in seen.iter().zip(["flood", "quake"]) {
            assert_eq!(said(arrival), (course, "provider", "course_unknown", RECEIVED.to_vec()));
        }
        assert!(page(&teacher, "/arrivals").await.contains("平台还没有这门课"));
        let path = format!("/api/v1/people/{}/arrivals", people[0]["id"].as_str().unwrap());
        let helped = admin.call("GET", &path, Value::Null).await.json;
        assert_eq!(helped["items"], json!(seen), "who helps sees the same");

        push(&world, &program, "flood").await;
        push(&world, &program, "quake").await;
        world.settle().await;
        let waits: Vec<bool> = arrivals(&teacher).await.iter().map(|a| a["turn"] == "provider").collect();
        assert_eq!(waits, [true, false], "a statement is looked at anew by itself");
        assert_eq!(report(&world, &program, flood).await, ("counted".to_owned(), Value::Null));
        let seen = arrivals(&teacher).await;
        assert!(seen.len() == 2 && seen.iter().all(|a| said(a).3.contains(&"counted")), "{seen:?}");
        assert_eq!(noted(&world).await, 0);

        assert_eq!(decide_on(&boss, "alpha", "suspend", "核查").await, 204);
        let mut fire = completion("k2", "s-9");
        fire["started_at"] = json!("2026-11-23T09:20:00+08:00");
        fire["completed_at"] = json!("2026-11-23T09:28:00+08:00");
        assert_eq!(report(&world, &program, fire.clone()).await.1, "provider_suspended");
        assert_eq!(
            said(&arrivals(&teacher).await[0]),
            ("fire", "authority", "provider_suspended", RECEIVED.to_vec())
        );
        assert_eq!(decide_on(&boss, "alpha", "resume", "").await, 204);
        assert_eq!(said(&arrivals(&teacher).await[0]), ("fire", "provider", "resend", RECEIVED.to_vec()));
        fire["minutes"] = json!(7);
        assert_eq!(
            report(&world, &program, fire).await.1,
            "minutes_differ",
            "it was not stored: other content is looked at"
        );
        let seen = arrivals(&teacher).await;
        assert_eq!((seen.len(), said(&seen[0]).2, noted(&world).await), (3, "minutes_differ", 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_policy_is_seen_and_follows_its_learner() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[1]).await;
        let (_, program) = alpha(&world, &people[0]).await;
        let mut old = completion("k1", "s-9");
        (old["started_at"], old["completed_at"]) =
            (json!("2010-03-01T09:00:00+08:00"), json!("2010-03-01T09:08:00+08:00"));
        assert_eq!(report(&world, &program, old).await, ("kept".to_owned(), json!("policy_not_published")));
        assert!(arrivals(&teacher).await.is_empty(), "another's course");
        let sql = "UPDATE people SET merged_into = $1 WHERE id = $2";
        let both = [1, 0].map(|n| people[n]["id"].as_str().unwrap().to_owned());
        db::execute(&world.site.db, sql, db::params![both[0], both[1]]).await.unwrap();
        let seen = arrivals(&teacher).await;
        assert_eq!(said(&seen[0]), ("fire", "authority", "policy_not_published", RECEIVED.to_vec()));
        let sql = "INSERT INTO policies (year, version, sha256, text, activated_by, activated_at) SELECT 2010, 1, sha256, text, \
                   activated_by, activated_at FROM policies WHERE version = 1 ORDER BY year DESC LIMIT 1";
        assert_eq!(db::execute(&world.site.db, sql, vec![]).await.unwrap(), 1);
        let year = base::Year::new(2010).unwrap();
        world.site.enqueue_once(&world.site.db, hours::POLICY_PUBLISHED, &year, "2010").await.unwrap();
        world.settle().await;
        assert_eq!(said(&arrivals(&teacher).await[0]), ("fire", "provider", "resend", RECEIVED.to_vec()));
    })
    .await;
}
