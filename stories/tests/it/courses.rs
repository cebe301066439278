//! What a provider reports: tickets once, completions once, nothing that cannot be.
use outside::signature::{self, Parameters, Signed};
use providers_api::Provider;
use serde_json::{Value, json};

use crate::{
    relations::page,
    world::{PASSWORD, World, on_both},
};

pub mod providers_api {
    //! A provider as another program would be: it signs its calls.
    use super::*;

    pub struct Provider {
        pub key_id: String,
        pub secret: String,
    }

    impl Provider {
        /// Asks, signed, with an empty body.
        pub async fn get(&self, world: &World, path: &str) -> testkit::Answer {
            let nonce = secrets::fresh_token(&base::SystemRandom);
            self.call(world, ("GET", path), (vec![], &[]), &nonce).await
        }

        pub async fn post(&self, world: &World, path: &str, body: &Value) -> testkit::Answer {
            let nonce = secrets::fresh_token(&base::SystemRandom);
            self.post_with(world, path, body, &nonce).await
        }

        pub async fn post_with(
            &self,
            world: &World,
            path: &str,
            body: &Value,
            nonce: &str,
        ) -> testkit::Answer {
            self.call(world, ("POST", path), (body.to_string().into_bytes(), &[]), nonce).await
        }

        /// With headers beside those of the signature.
        pub async fn post_beside(
            &self,
            world: &World,
            path: &str,
            (body, more): (&Value, &[(&str, &str)]),
        ) -> testkit::Answer {
            let nonce = secrets::fresh_token(&base::SystemRandom);
            self.call(world, ("POST", path), (body.to_string().into_bytes(), more), &nonce).await
        }

        async fn call(
            &self,
            world: &World,
            (method, path): (&str, &str),
            (bytes, more): (Vec<u8>, &[(&str, &str)]),
            nonce: &str,
        ) -> testkit::Answer {
            let url = format!("{}{path}", world.url);
            let parameters = Parameters {
                created: world.site.now().as_second(),
                nonce: nonce.to_owned(),
                key_id: self.key_id.clone(),
            };
            let request = Signed { method, target_uri: &url, body: &bytes };
            let signed = signature::sign(&request, &parameters, self.secret.as_bytes());
            let mut headers = vec![
                ("content-digest", signed.content_digest.as_str()),
                ("signature-input", signed.input.as_str()),
                ("signature", signed.signature.as_str()),
            ];
            headers.extend(more);
            world.anyone.send(method, path, ("application/json", bytes), &headers).await
        }
    }
}

/// A provider with one course of 8 minutes, known to the management platform.
pub async fn provider(world: &World, name: &str) -> Provider {
    let uris = ["http://127.0.0.1:9/enter".to_owned()];
    let listing = providers::Listing::default();
    let registered = providers::register(&world.site, name, &uris, &listing).await.unwrap();
    let sql = "INSERT INTO provider_courses (id, provider_id, course, title, subject, topic, seconds, price, free, listed, \
               synced_at) SELECT $1, id, 'fire', '消防', 'public', '消防安全', 480, 0, TRUE, TRUE, 0 FROM providers WHERE name = $2";
    db::execute(&world.site.db, sql, db::params![format!("c-{name}"), name]).await.unwrap();
    Provider { key_id: registered.key_id, secret: registered.secret }
}

pub async fn subject(world: &World, teacher: &testkit::Client, provider: &Provider, name: &str) -> String {
    let launched = teacher.call("POST", &format!("/api/v1/providers/{name}/launch"), json!({})).await;
    let url = launched.json["url"].as_str().unwrap().to_owned();
    let ticket = url.split("login_hint=").nth(1).unwrap().to_owned();
    let body = json!({"ticket": ticket});
    let admitted = provider.post(world, "/api/v1/provider/tickets", &body).await;
    assert_eq!(admitted.status, 200, "{:?}", admitted.json);
    assert_eq!(
        provider.post(world, "/api/v1/provider/tickets", &body).await.status,
        410,
        "a ticket is good once"
    );
    admitted.json["subject_id"].as_str().unwrap().to_owned()
}

pub fn completion(id: &str, subject: &str) -> Value {
    json!({"id": id, "subject_id": subject, "course": "fire", "minutes": 8, "started_at": "2026-11-23T09:00:00+08:00",
        "completed_at": "2026-11-23T09:08:00+08:00", "intervals": [], "fee": "0.00"})
}

/// The same, learned in another stretch of eight minutes, which has nothing in common with those of other slots: below 0
/// earlier, from 0 on later.
pub fn at_another_time(mut completion: Value, slot: i64) -> Value {
    let begins: base::Instant = completion["started_at"].as_str().unwrap().parse().unwrap();
    let minutes = 10 * if slot < 0 { slot } else { slot + 1 };
    let at = |more: i64| {
        base::day::rfc3339(base::day::from_millis(base::day::millis(begins) + (minutes + more) * 60_000))
    };
    completion["started_at"] = json!(at(0));
    completion["completed_at"] = json!(at(8));
    completion
}

pub async fn report(world: &World, provider: &Provider, completion: Value) -> (String, Value) {
    let body = json!({"completions": [completion]});
    let answer = provider.post(world, "/api/v1/provider/completions", &body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    let item = &answer.json["items"][0];
    (item["status"].as_str().unwrap().to_owned(), item["reason"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_once_answers_nobody_before_the_signature_was_verified() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let (one, other) = (provider(&world, "webtrn").await, provider(&world, "ischinese").await);
        let subject = subject(&world, &teacher, &one, "webtrn").await;
        let (path, key) = ("/api/v1/provider/completions", [("idempotency-key", "2026-11-28-001")]);
        let body = json!({"completions": [completion("k1", &subject)]});
        let first = one.post_beside(&world, path, (&body, &key)).await;
        assert_eq!(first.json["items"][0]["status"], "counted");
        assert_eq!(one.post_beside(&world, path, (&body, &key)).await.json, first.json);
        let bytes = body.to_string().into_bytes();
        let unsigned = world.anyone.send("POST", path, ("application/json", bytes), &key).await;
        assert_eq!((unsigned.status, unsigned.code()), (401, "signature_invalid"));
        let foreign = other.post_beside(&world, path, (&body, &key)).await;
        assert_eq!(foreign.json["items"][0]["reason"], "person_unknown", "another's answer is not its");
        for account in ["root43", "yuanzhang"] {
            let body = json!({"account": account, "password": PASSWORD}).to_string().into_bytes();
            let signed_in =
                world.anyone.send("POST", "/api/v1/sessions", ("application/json", body), &key).await;
            assert_eq!(signed_in.status, 201, "strangers share no keys: {:?}", signed_in.json);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_46_a_completion_counts_once_however_often_it_is_sent() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let provider = provider(&world, "webtrn").await;
        let subject = subject(&world, &teacher, &provider, "webtrn").await;
        for _ in 0..3 {
            assert_eq!(
                report(&world, &provider, completion("k1", &subject)).await,
                ("counted".into(), Value::Null)
            );
        }
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(
            year["earned"]["public"], "0.2",
            "what is learned live counts for the year it is learned in"
        );
        let mut other = completion("k1", &subject);
        other["fee"] = json!("1.00");
        assert_eq!(report(&world, &provider, other).await, ("refused".into(), json!("id_reused")));
        world.clock.advance(1);
        let second = at_another_time(completion("k2", &subject), 0);
        let kept = ("kept".to_owned(), json!("duplicate_course"));
        for _ in 0..2 {
            assert_eq!(report(&world, &provider, second.clone()).await, kept);
        }
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["earned"]["public"], "0.2", "the same course counts once a year");
        assert_eq!(year["credits"][1]["reason"], "duplicate_course");
        // It stands in the ledger, and counts once the other one is taken back.
        let first = year["credits"][0]["id"].as_str().unwrap().parse().unwrap();
        let tx = world.site.db.begin().await.unwrap();
        let why =
            hours::Reversal { reason: "报错了", by: people[0]["id"].as_str().unwrap().parse().unwrap() };
        hours::reverse(&world.site, &tx, first, why).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(report(&world, &provider, second).await, ("counted".to_owned(), Value::Null));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_or_foreign_reports_are_refused_with_a_reason() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let provider = provider(&world, "webtrn").await;
        let subject = subject(&world, &teacher, &provider, "webtrn").await;
        let with = |key: &str, value: Value| {
            let mut c = completion(&format!("x-{key}-{value}"), &subject);
            c[key] = value;
            c
        };
        let cases = [
            (with("completed_at", json!("2026-11-23T09:07:00+08:00")), "refused", "faster_than_time"),
            (with("completed_at", json!("2026-11-24T09:00:00+08:00")), "refused", "in_the_future"),
            (with("minutes", json!(7)), "refused", "minutes_differ"),
            (with("subject_id", json!("nobody")), "refused", "person_unknown"),
            (with("course", json!("other")), "kept", "course_unknown"),
        ];
        for (completion, status, reason) in cases {
            assert_eq!(report(&world, &provider, completion).await, (status.to_owned(), json!(reason)));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_45_unsigned_altered_or_repeated_requests_are_not_read() {
    on_both(|world| async move {
        let provider = provider(&world, "webtrn").await;
        let (path, body) = ("/api/v1/provider/completions", json!({"completions": []}));
        assert_eq!(world.anyone.call("POST", path, body.clone()).await.status, 401);
        let forged = Provider { key_id: provider.key_id.clone(), secret: "other".into() };
        assert_eq!(forged.post(&world, path, &body).await.json["code"], "signature_invalid");
        assert_eq!(provider.post_with(&world, path, &body, "n-1").await.status, 200);
        assert_eq!(provider.post_with(&world, path, &body, "n-1").await.json["code"], "signature_replayed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_one_provider_is_nothing_to_another_and_dies_after_a_minute() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let (one, other) = (provider(&world, "webtrn").await, provider(&world, "hnkfdx").await);
        let launch = || teacher.call("POST", "/api/v1/providers/webtrn/launch", json!({}));
        let ticket =
            |url: &Value| json!({"ticket": url.as_str().unwrap().split("login_hint=").nth(1).unwrap()});
        let url = launch().await.json["url"].clone();
        assert_eq!(other.post(&world, "/api/v1/provider/tickets", &ticket(&url)).await.status, 410);
        world.clock.advance(60);
        assert_eq!(one.post(&world, "/api/v1/provider/tickets", &ticket(&url)).await.status, 410);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_learned_at_two_places_at_once_counts_once() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let (first, second) = (provider(&world, "webtrn").await, provider(&world, "hnkfdx").await);
        let at_first = subject(&world, &teacher, &first, "webtrn").await;
        let at_second = subject(&world, &teacher, &second, "hnkfdx").await;
        let stretch = |id: &str, subject: &str, from: &str, to: &str| {
            let mut c = completion(id, subject);
            let at = |clock: &str| format!("2026-11-23T{clock}+08:00");
            c["started_at"] = json!(at(from));
            c["completed_at"] = json!(at(to));
            c["intervals"] = json!([{"from": at(from), "to": at(to)}]);
            c
        };
        let whole = stretch("k1", &at_first, "09:00:00", "09:08:00");
        assert_eq!(report(&world, &first, whole.clone()).await, ("counted".into(), Value::Null));
        // Four of the eight minutes ran beside the others: half of the hours are left.
        let beside = stretch("k2", &at_second, "09:04:00", "09:12:00");
        for _ in 0..2 {
            assert_eq!(report(&world, &second, beside.clone()).await, ("counted".into(), json!("overlap")));
        }
        assert_eq!(report(&world, &first, whole).await, ("counted".into(), Value::Null), "asked again");
        let inside = stretch("k3", &at_second, "09:00:00", "09:08:00");
        assert_eq!(report(&world, &second, inside).await, ("refused".into(), json!("overlap")));
        let ledger = teacher.call("GET", "/api/v1/me/years/2026/ledger", Value::Null).await.json;
        let reasons: Vec<&Value> = ledger["items"].as_array().unwrap().iter().map(|e| &e["reason"]).collect();
        assert_eq!(reasons, [&Value::Null, &json!("overlap")], "the record that is less says why");
        assert!(page(&teacher, "/hours?year=2026").await.contains("只计一次，已从这一条中减去"));
        hours::replay(&world.site).await.unwrap().unwrap();
        let sql = "SELECT COUNT(*) FROM hour_entries WHERE title LIKE '%4 分钟%' AND hours = 10";
        assert_eq!(db::count(&world.site.db, sql, vec![]).await.unwrap(), 1);
        assert_eq!(hours::overlaps(&world.site).await.unwrap(), 0);
        let forged = "UPDATE learned_stretches SET from_ms = from_ms - 60000 WHERE source = 'hnkfdx'";
        db::execute(&world.site.db, forged, vec![]).await.unwrap();
        assert_eq!(hours::overlaps(&world.site).await.unwrap(), 1, "a broken law is found");
        hours::schedule(&world.site).await.unwrap();
        world.clock.advance(86_400);
        let mut published = Value::Null;
        for _ in 0..200 {
            published = world.anyone.call("GET", "/api/v1/checkpoints", Value::Null).await.json;
            if !published["wall_clock"].is_null() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert_eq!(published["wall_clock"]["overlaps"], "1", "{published}");
    })
    .await;
}
