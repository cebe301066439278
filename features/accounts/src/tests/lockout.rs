//! The published scenarios of the lock, played against the store on both databases (security items 10, 12 and 13).
use std::collections::BTreeMap;

use base::Error;
use rules::lockout::{Kind, Rule};
use serde_json::{Value, json};
use site::Site;

use super::stage::Stage;
use crate::door::gate::{self, Locked};

const CASES: &str = include_str!("../../../../crates/rules/tests/cases/lockout.jsonl");

/// Tries are told apart by scenario, so that all are played on one database.
fn key(scenario: &Value, event: &Value) -> String {
    let account = event["account"].as_str().unwrap_or("A");
    format!("{}:{account}", scenario["id"].as_str().unwrap())
}

fn refused(error: Error) -> Value {
    assert_eq!(error.code(), "account_locked");
    json!({"out": "locked"})
}

/// A wrong entry: counted, verified, found wrong.
async fn wrong(site: &Site, key: &str, kind: Kind, began: i64) -> Value {
    let attempt = match gate::count(site, key, kind).await {
        Ok(attempt) => attempt,
        Err(e) => return refused(e),
    };
    let Some(Locked(until)) = attempt.locked_until else { return json!({"out": "wrong"}) };
    let rule = if attempt.rule == Some(Rule::R5) { "R5" } else { "R8" };
    let until = seconds(until - began * 1000);
    json!({"out": "wrong_locked", "rule": rule, "until": until})
}

/// Microseconds as the published seconds: whole ones without a point.
#[expect(clippy::cast_precision_loss, reason = "hours of a test")]
fn seconds(micros: i64) -> Value {
    if micros % 1_000_000 == 0 { json!(micros / 1_000_000) } else { json!(micros as f64 / 1e6) }
}

/// A right entry: counted, verified, taken back.
async fn right(site: &Site, key: &str, kind: Kind) -> Value {
    let attempt = match gate::count(site, key, kind).await {
        Ok(attempt) => attempt,
        Err(e) => return refused(e),
    };
    let tx = site.db.begin().await.unwrap();
    gate::accept(&tx, &attempt).await.unwrap();
    tx.commit().await.unwrap();
    json!({"out": "ok"})
}

async fn play(site: &Site, key: &str, event: &str, began: i64) -> Value {
    match event {
        "password_fail" => wrong(site, key, Kind::Password, began).await,
        "code_fail" => wrong(site, key, Kind::Code, began).await,
        "login_ok" => right(site, key, Kind::Password).await,
        "code_ok" => right(site, key, Kind::Code).await,
        "code_expired" => match gate::refuse_locked(site, key).await {
            Ok(()) => json!({"out": "expired"}),
            Err(e) => refused(e),
        },
        "admin_reset" | "cs_reset" => {
            let tx = site.db.begin().await.unwrap();
            gate::clear(&tx, key).await.unwrap();
            tx.commit().await.unwrap();
            json!({"out": "reset"})
        }
        "reset_denied" => json!({"out": "denied"}),
        "throttled" => json!({"out": "throttled"}),
        other => panic!("{other} is no event"),
    }
}

async fn at_once(nodes: &[Site; 2], key: &str, event: &Value, began: i64) -> Value {
    let tries = (0..event["n"].as_u64().unwrap()).map(|n| {
        let (site, key) = (nodes[usize::from(n % 2 == 1)].clone(), key.to_owned());
        let kind = event["kind"].as_str().unwrap().to_owned();
        tokio::spawn(async move { play(&site, &key, &kind, began).await })
    });
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for told in tries.collect::<Vec<_>>() {
        let told = told.await.unwrap();
        *counts.entry(told["out"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    json!({"counts": counts})
}

#[tokio::test(flavor = "multi_thread")]
async fn item_10_the_published_scenarios_hold_at_the_store_on_two_nodes_of_both_databases() {
    for database in testkit::databases().await {
        let stage = Stage::new(database).await;
        let mut nodes = [stage.node().await, stage.node().await];
        let mut played = 0;
        for line in CASES.lines() {
            let scenario: Value = serde_json::from_str(line).unwrap();
            stage.clock.advance(7200);
            let began = stage.clock.now_millis();
            for (n, event) in scenario["events"].as_array().unwrap().iter().enumerate() {
                stage.clock.move_to(began, event["t"].as_f64().unwrap());
                let key = key(&scenario, event);
                let told = match event["event"].as_str().unwrap() {
                    "restart" => {
                        nodes = [stage.node().await, stage.node().await];
                        json!({"out": "noop"})
                    }
                    "parallel" => at_once(&nodes, &key, event, began).await,
                    one => play(&nodes[n % 2], &key, one, began).await,
                };
                assert_eq!(told, event["expect"], "{} event {}", scenario["id"], n + 1);
                played += 1;
            }
        }
        assert!(played > 250, "{played} events");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_12_of_fifty_entries_on_two_nodes_five_passwords_or_eight_codes_are_verified() {
    for database in testkit::databases().await {
        let stage = Stage::new(database).await;
        let nodes = [stage.node().await, stage.node().await];
        for (kind, verified) in [("password_fail", 5), ("code_fail", 8)] {
            let event = json!({"n": 50, "kind": kind});
            let told = at_once(&nodes, &format!("fifty:{kind}"), &event, stage.clock.now_millis()).await;
            let expected = json!({"wrong": verified - 1, "wrong_locked": 1, "locked": 50 - verified});
            assert_eq!(told["counts"], expected, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_13_a_node_that_dies_before_the_verdict_leaves_the_entry_counted() {
    for database in testkit::databases().await {
        let stage = Stage::new(database).await;
        for _ in 0..4 {
            let dying = stage.node().await;
            drop(gate::count(&dying, "crash", Kind::Password).await.unwrap());
            dying.db.clone().close().await.unwrap();
        }
        let next = stage.node().await;
        assert_eq!(gate::tally(&next, "crash").await.unwrap().living, 4);
        let fifth = gate::count(&next, "crash", Kind::Password).await.unwrap();
        assert!(fifth.locked_until.is_some());
    }
}
