//! What the hot paths of heartbeats take short cuts with: remembered sessions, and statements of few sizes.
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use base::{Actor, Error, Instant, Result, SessionId, day};
use db::{Value, params};
use futures::future::BoxFuture;
use site::{Duties, Endings, FoundSession, Lookup, Remembered, Sessions, Site};

use crate::school::{School, at_both};

/// A store of sessions that counts what it is asked.
#[derive(Default)]
struct Store {
    sessions: Mutex<HashMap<String, FoundSession>>,
    ended: Mutex<Vec<(SessionId, i64)>>,
    finds: AtomicUsize,
    /// Since when endings were asked for, each time.
    asked: Mutex<Vec<i64>>,
    fails: AtomicBool,
}

impl Store {
    fn open(&self, site: &Site, token: &str, seconds: i64) -> SessionId {
        let id = site.new_id();
        let session = FoundSession {
            actor: Actor { person: site.new_id(), session: id, grants: vec![] },
            name: token.to_owned(),
            unit: String::new(),
            roles: vec![],
            required_actions: vec![],
            duties: Duties::default(),
            idle_expires_at: day::from_millis(day::millis(site.now()) + seconds * 1000),
            is_former: false,
            contact: String::new(),
        };
        self.sessions.lock().unwrap().insert(token.to_owned(), session);
        id
    }

    /// Ends a session, as another node does.
    fn end(&self, site: &Site, token: &str, id: SessionId) {
        self.sessions.lock().unwrap().remove(token);
        self.ended.lock().unwrap().push((id, day::millis(site.now())));
    }
}

impl Sessions for Store {
    fn find<'a>(&'a self, _: &'a Site, token: &'a str, _: bool) -> BoxFuture<'a, Result<Lookup>> {
        self.finds.fetch_add(1, Ordering::SeqCst);
        let found = self.sessions.lock().unwrap().get(token).cloned();
        Box::pin(async move { Ok(found.map_or(Lookup::Ended, |s| Lookup::Found(s.into()))) })
    }
}

impl Endings for Store {
    fn ended_since<'a>(&'a self, _: &'a Site, since: Instant) -> BoxFuture<'a, Result<Vec<SessionId>>> {
        Box::pin(async move {
            if self.fails.load(Ordering::SeqCst) {
                return Err(Error::internal("the store is away"));
            }
            self.asked.lock().unwrap().push(day::millis(since));
            let ended = self.ended.lock().unwrap();
            Ok(ended.iter().filter(|(_, at)| *at >= day::millis(since)).map(|(id, _)| *id).collect())
        })
    }
}

struct Watch {
    school: School,
    store: Arc<Store>,
    remembered: Remembered,
}

impl Watch {
    fn over(school: School) -> Self {
        let store = Arc::new(Store::default());
        Self { remembered: Remembered::new(store.clone()), school, store }
    }

    /// Whether the session is found, and how often the store has been asked for one by then.
    async fn ask(&self, token: &str, operation: bool) -> (Result<bool>, usize) {
        let found = self.remembered.find(&self.school.site, token, operation).await;
        (found.map(|f| matches!(f, Lookup::Found(_))), self.store.finds.load(Ordering::SeqCst))
    }

    async fn beat(&self, token: &str) -> (bool, usize) {
        let (found, finds) = self.ask(token, false).await;
        (found.unwrap(), finds)
    }

    /// Moves the clock on by milliseconds.
    fn pass(&self, ms: i64) {
        let now = self.school.clock.now_millis();
        self.school.clock.move_to(now + ms, 0.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeats_session_is_looked_up_once_a_minute_and_an_operations_each_time() {
    at_both(|school| async move {
        let w = Watch::over(school);
        w.store.open(&w.school.site, "a", 7200);
        for _ in 0..59 {
            assert_eq!(w.beat("a").await, (true, 1));
            w.pass(1_000);
        }
        w.pass(999);
        assert_eq!(w.beat("a").await, (true, 1), "59.999 s old");
        assert_eq!(w.ask("a", true).await.1, 2, "an operation asks, however fresh it is");
        assert_eq!(w.ask("a", true).await.1, 3);
        w.pass(59_999);
        assert_eq!(w.beat("a").await, (true, 3), "what the operation found is believed too");
        w.pass(1);
        assert_eq!(w.beat("a").await, (true, 4), "a minute old");
        w.store.open(&w.school.site, "short", 30);
        assert_eq!(w.beat("short").await, (true, 5));
        w.pass(30_000);
        assert_eq!(w.beat("short").await.1, 6, "it idled out: whether it lives, the store says");
        assert_eq!(w.beat("nobody's").await, (false, 7));
        assert_eq!(w.beat("nobody's").await, (false, 8), "what was not found is not remembered");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_another_node_ended_is_believed_for_two_seconds_at_most() {
    at_both(|school| async move {
        let w = Watch::over(school);
        let site = w.school.site.clone();
        let id = w.store.open(&site, "a", 7200);
        w.store.open(&site, "b", 7200);
        assert_eq!((w.beat("a").await, w.beat("b").await), ((true, 1), (true, 2)));
        assert_eq!(w.store.asked.lock().unwrap().len(), 1, "two lookups within two seconds ask once");
        w.pass(500);
        w.store.end(&site, "a", id);
        w.pass(1_499);
        assert_eq!(w.beat("a").await, (true, 2), "1.999 s after the last question");
        w.pass(1);
        assert_eq!(w.beat("a").await, (false, 3));
        assert_eq!(w.beat("b").await, (true, 3), "who did not end is remembered on");
        let asked = w.store.asked.lock().unwrap().clone();
        let now = w.school.clock.now_millis();
        assert_eq!(
            asked.last(),
            Some(&(now - 2_000 - 10_000)),
            "since the question before, less the clocks' skew"
        );
        w.pass(3_600_000);
        w.beat("b").await;
        let now = w.school.clock.now_millis();
        let last = *w.store.asked.lock().unwrap().last().unwrap();
        assert_eq!(last, now - 60_000 - 10_000, "what is older than a minute is not believed anyway");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_believed_once_the_store_cannot_tell_who_ended() {
    at_both(|school| async move {
        let w = Watch::over(school);
        let site = w.school.site.clone();
        for token in ["a", "b"] {
            w.store.open(&site, token, 7200);
            assert!(w.beat(token).await.0);
        }
        w.store.fails.store(true, Ordering::SeqCst);
        w.pass(2_000);
        assert!(w.ask("a", false).await.0.is_err(), "it is not guessed");
        assert!(w.ask("a", true).await.0.is_ok(), "an operation does not lean on what is remembered");
        w.store.fails.store(false, Ordering::SeqCst);
        let finds = w.store.finds.load(Ordering::SeqCst);
        assert_eq!(w.beat("b").await, (true, finds + 1), "everyone was forgotten");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_even_sizes_write_the_rows_and_none_of_what_fills_them() {
    at_both(|school| async move {
        let site = &school.site;
        for rows in [1_usize, 2, 3, 1023, 1024, 1025, 2050] {
            school.run("DELETE FROM hub_nonces").await;
            let row =
                |n: usize| -> Vec<Value> { params![format!("n-{rows}-{n}"), i64::try_from(n).unwrap()] };
            let written = (0..rows).map(row).collect();
            db::insert_rows_evenly(&site.db, ("hub_nonces", &["nonce", "at"]), written, "").await.unwrap();
            let sums = i64::try_from(rows * (rows - 1) / 2).unwrap();
            assert_eq!(school.number("SELECT COUNT(*) FROM hub_nonces").await, i64::try_from(rows).unwrap());
            assert_eq!(school.number("SELECT CAST(SUM(at) AS BIGINT) FROM hub_nonces").await, sums);
        }
    })
    .await;
}
