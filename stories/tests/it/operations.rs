//! Background work in its operator's hands: a failure is shown with its reason, run again, and gone once it succeeds.
use base::Role;
use serde_json::{Value, json};

use crate::world::on_both;

/// A clock far ahead, so that the world's own runner finds nothing due.
struct Ahead;

impl base::Clock for Ahead {
    fn now(&self) -> base::Instant {
        base::SystemClock.now() + std::time::Duration::from_hours(40 * 365 * 24)
    }
}

#[tokio::test]
async fn a_job_that_outlasts_its_lease_is_run_by_one_of_two_nodes() {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::SeqCst},
        },
        time::Duration,
    };
    on_both(|world| async move {
        let (begun, db) = (Arc::new(AtomicUsize::new(0)), &world.site.db);
        let node = || {
            let begun = Arc::clone(&begun);
            let work = move |_: site::Site, (): ()| {
                begun.fetch_add(1, SeqCst);
                async {
                    tokio::time::sleep(Duration::from_millis(1_200)).await;
                    Ok(())
                }
            };
            let handlers = jobs::Handlers::default().on("story.long", work);
            let (context, lease) = (world.site.clone(), Duration::from_millis(300));
            jobs::Runner { db: db.clone(), clock: Arc::new(Ahead), context, handlers, lease }
        };
        let now = base::Clock::now(&Ahead);
        jobs::enqueue_at(db, (&Ahead, &base::SystemRandom), ("story.long", "one"), &(), now).await.unwrap();
        let (one, other) = (node(), node());
        let later = async {
            // Longer than the lease, shorter than the work. A node that starts now asks for the same work again.
            tokio::time::sleep(Duration::from_millis(700)).await;
            jobs::enqueue_at(db, (&Ahead, &base::SystemRandom), ("story.long", "one"), &(), now).await?;
            other.drain().await
        };
        let (ran, found) = tokio::join!(one.drain(), later);
        ran.and(found).unwrap();
        assert_eq!(begun.load(SeqCst), 1, "the lease was prolonged, and work of a time is not added twice");
        let left =
            db::count(db, "SELECT COUNT(*) FROM jobs WHERE kind = 'story.long'", vec![]).await.unwrap();
        assert_eq!(left, 0);
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_is_seen_with_its_reason_and_run_again() {
    on_both(|world| async move {
        let (admin, _) = world.college(1).await;
        let operator = world.ready("yunwei", Role::SystemAdmin, "43").await;
        world.settle().await;
        let nothing = operator.call("GET", "/api/v1/jobs/failures", Value::Null).await;
        assert_eq!(nothing.json, json!({"items": [], "next": null}));
        for _ in 0..2 {
            world
                .site
                .enqueue(&world.site.db, "story.unheard_of", &json!({"name": "教师001"}))
                .await
                .unwrap();
        }
        let mut found = Value::Null;
        for _ in 0..200 {
            found = operator.call("GET", "/api/v1/jobs/failures?limit=1", Value::Null).await.json;
            if !found["next"].is_null() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let failure = &found["items"][0];
        assert_eq!((&failure["kind"], &failure["attempts"]), (&json!("story.unheard_of"), &json!(1)));
        assert!(failure["error"].as_str().unwrap().contains("no handler"), "{failure}");
        assert!(!found.to_string().contains("教师001"), "what a job carries stays out of sight");
        let rest = format!("/api/v1/jobs/failures?after={}", found["next"].as_str().unwrap());
        let rest = operator.call("GET", &rest, Value::Null).await.json;
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        let counts = operator.call("GET", "/api/v1/jobs", Value::Null).await.json;
        let ours =
            counts["items"].as_array().unwrap().iter().find(|c| c["kind"] == "story.unheard_of").unwrap();
        assert_eq!((&ours["failing"], &ours["dead"]), (&json!(2), &json!(0)));
        let page = operator.call("GET", "/jobs", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("story.unheard_of"));

        // Its time is two seconds off on a clock that stands still; run again, it fails a second time at once.
        let again = format!("/api/v1/jobs/{}/retry", failure["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &again, Value::Null).await.status, 403);
        assert_eq!(operator.call("POST", &again, Value::Null).await.status, 204);
        let unknown = operator.call("POST", "/api/v1/jobs/nothing/retry", Value::Null).await;
        assert_eq!((unknown.status, unknown.code()), (404, "not_found"));
        let mut is_tried = false;
        for _ in 0..200 {
            let now = operator.call("GET", "/api/v1/jobs/failures", Value::Null).await.json;
            let due = |f: &Value| f["next_try"].as_str().map(str::to_owned);
            let one = now["items"].as_array().unwrap().iter().find(|f| f["id"] == failure["id"]).cloned();
            is_tried = one.is_some_and(|f| f["attempts"] == 1 && due(&f) == due(failure));
            if is_tried {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert!(is_tried);
    })
    .await;
}
