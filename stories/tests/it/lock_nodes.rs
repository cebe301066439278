//! The lock's published scenarios through the real sign-in, several nodes over one database, and a database that is gone
//! (security items 9, 10, 12 and 13).
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::world::{PASSWORD, World, on_both, phone, row};

const CASES: &str = include_str!("../../../crates/rules/tests/cases/lockout.jsonl");
/// What happens at the door alone; codes and resets have stories of their own.
const AT_THE_DOOR: [&str; 5] = ["password_fail", "login_ok", "restart", "throttled", "parallel"];

fn is_played(scenario: &Value) -> bool {
    let events = scenario["events"].as_array().unwrap();
    let fits = |e: &Value| {
        let name = e["event"].as_str().unwrap();
        AT_THE_DOOR.contains(&name) && (name != "parallel" || e["kind"] == "password_fail")
    };
    events.iter().all(fits)
}

/// What an answer says in the words of the scenarios; `until` in seconds since the scenario began.
async fn knock(client: &Client, account: &str, password: &str, at: f64) -> Value {
    let body = json!({"account": account, "password": password});
    let answer = client.call("POST", "/api/v1/sessions", body).await;
    match answer.status {
        201 => json!({"out": "ok"}),
        401 => json!({"out": "wrong"}),
        423 => {
            let after: f64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            json!({"out": "locked", "until": at + after})
        }
        other => panic!("{other}: {:?}", answer.json),
    }
}

/// A lock that has just begun and one that goes on look alike from outside, so that nobody learns the difference.
fn agrees(told: &Value, expected: &Value) -> bool {
    match expected["out"].as_str().unwrap() {
        "wrong_locked" => {
            told["out"] == "locked"
                && (told["until"].as_f64().unwrap() - expected["until"].as_f64().unwrap()).abs() < 1.0
        }
        "locked" | "ok" | "wrong" => told["out"] == expected["out"],
        _ => true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_10_the_published_password_scenarios_hold_through_the_real_sign_in() {
    on_both(|world| async move {
        let mut played = 0;
        for line in CASES.lines() {
            let scenario: Value = serde_json::from_str(line).unwrap();
            if !is_played(&scenario) {
                continue;
            }
            let account = format!("fall-{}", scenario["id"].as_str().unwrap());
            if scenario["account_exists"] != json!(false) {
                for name in named(&scenario, &account) {
                    world.ready(&name, Role::Staff, "43010001").await;
                }
            }
            world.clock.advance(7200);
            play(&world, &scenario, &account).await;
            played += 1;
        }
        assert!(played >= 15, "{played}");
    })
    .await;
}

/// The accounts of a scenario: `A` is the account itself.
fn named(scenario: &Value, account: &str) -> std::collections::BTreeSet<String> {
    scenario["events"].as_array().unwrap().iter().map(|e| name_of(e, account)).collect()
}

fn name_of(event: &Value, account: &str) -> String {
    match event["account"].as_str() {
        None | Some("A") => account.to_owned(),
        Some(other) => format!("{account}-{other}"),
    }
}

async fn play(world: &World, scenario: &Value, account: &str) {
    let began = world.clock.now_millis();
    let bound = phone(account);
    let mut knocks = 0;
    for event in scenario["events"].as_array().unwrap() {
        let at = event["t"].as_f64().unwrap();
        world.clock.move_to(began, at);
        let name = match scenario["identifiers"][knocks].as_str() {
            Some("phone") => bound.clone(),
            _ => name_of(event, account),
        };
        match event["event"].as_str().unwrap() {
            "parallel" => {
                let tries = (0..event["n"].as_u64().unwrap())
                    .map(|_| knock(&world.anyone, &name, "Falsch-1357!", at));
                let told = futures::future::join_all(tries).await;
                let counted = |out: &str| told.iter().filter(|t| t["out"] == out).count() as u64;
                let expected = &event["expect"]["counts"];
                assert_eq!(counted("wrong"), expected["wrong"].as_u64().unwrap(), "{}", scenario["id"]);
                let locked =
                    expected["locked"].as_u64().unwrap() + expected["wrong_locked"].as_u64().unwrap();
                assert_eq!(counted("locked"), locked, "{}", scenario["id"]);
            }
            "password_fail" | "login_ok" => {
                let secret = if event["event"] == "login_ok" { PASSWORD } else { "Falsch-1357!" };
                let told = knock(&world.anyone, &name, secret, at).await;
                let is_as_published = agrees(&told, &event["expect"]);
                assert!(is_as_published, "{} at {at}: {told} for {}", scenario["id"], event["expect"]);
                knocks += 1;
            }
            _ => {}
        }
    }
}

/// Verified wrong passwords leave an entry in the trail, and verified wrong entries of either kind a failure.
async fn verified(world: &World) -> (i64, i64) {
    let count = async |sql: &str| db::count(&world.site.db, sql, vec![]).await.unwrap();
    let passwords = count("SELECT COUNT(*) FROM audit_entries WHERE action = 'sign_in.failed'").await;
    (passwords, count("SELECT COUNT(*) FROM failures").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn item_12_of_fifty_guesses_at_two_nodes_five_passwords_and_eight_codes_are_verified() {
    on_both(|world| async move {
        let staff = world.ready("ziel", Role::Staff, "43010001").await;
        let other = world.another_node().await;
        let nodes = [world.anyone.clone(), other.clone()];
        let guesses = (0..50).map(|n| {
            let body = json!({"account": "ziel", "password": format!("Falsch-{n}x!")});
            let client = nodes[n % 2].clone();
            async move { client.call("POST", "/api/v1/sessions", body).await.status }
        });
        let told = futures::future::join_all(guesses).await;
        assert_eq!(verified(&world).await, (5, 5), "{told:?}");
        assert_eq!(told.iter().filter(|s| **s == 401).count(), 4);

        world.clock.advance(1800);
        let session = world.sign_in("ziel", PASSWORD).await;
        let token = session["token"].as_str().unwrap();
        let sent = staff.call("POST", "/api/v1/sms-codes", json!({"purpose": "change_phone_old"})).await;
        assert!(sent.status == 401 || sent.status == 202, "the older session has idled");
        let here = world.anyone.with_token(token);
        if sent.status == 401 {
            let sent = here.call("POST", "/api/v1/sms-codes", json!({"purpose": "change_phone_old"})).await;
            assert_eq!(sent.status, 202, "{:?}", sent.json);
        }
        let code = world.code_for(&phone("ziel"), "change_phone_old").await;
        let nodes = [here.clone(), other.with_token(token)];
        let entries = (0..50).map(|n| {
            let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1 + n) % 1_000_000);
            let body = json!({"purpose": "change_phone_old", "code": wrong});
            let client = nodes[usize::from(n % 2 == 1)].clone();
            async move { client.call("POST", "/api/v1/sms-codes/verify", body).await.status }
        });
        let told = futures::future::join_all(entries).await;
        assert_eq!(verified(&world).await.1, 5 + 8, "{told:?}");
        assert_eq!(told.iter().filter(|s| **s == 422).count(), 7);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_13_without_its_database_nobody_is_let_in() {
    let database = testkit::databases().await.remove(0);
    let world = World::start(database).await;
    world.ready("wangfang", Role::Staff, "43010001").await;
    world.site.db.clone().close().await.unwrap();
    let body = json!({"account": "wangfang", "password": PASSWORD});
    let answer = world.anyone.call("POST", "/api/v1/sessions", body).await;
    assert_eq!((answer.status, answer.code()), (503, "database_unavailable"));
    assert!(answer.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn item_09_unknown_disabled_passwordless_and_wrong_are_told_the_same() {
    on_both(|world| async move {
        for account in ["wangfang", "liming"] {
            world.ready(account, Role::Staff, "43010001").await;
        }
        let sql = "UPDATE accounts SET disabled_at = 1 WHERE name = 'liming'";
        db::execute(&world.site.db, sql, vec![]).await.unwrap();
        let admin = world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        let csv = format!("{}{}", crate::world::HEADER, row(7, "专业技术十级"));
        assert_eq!(world.import(&admin, &csv).await.status, 200);
        let imported = crate::world::id_number(7);
        let mut told = vec![];
        for (account, password) in [
            ("wangfang", "Falsch-1357!"),
            ("niemand", PASSWORD),
            ("liming", PASSWORD),
            (imported.as_str(), PASSWORD),
            ("13812345678", PASSWORD),
        ] {
            let body = json!({"account": account, "password": password});
            let answer = world.anyone.call("POST", "/api/v1/sessions", body).await;
            let mut headers: Vec<String> = answer.headers.keys().map(|k| k.as_str().to_owned()).collect();
            headers.sort();
            told.push((answer.status, answer.bytes, headers));
        }
        assert!(told.iter().all(|t| t == &told[0]), "{told:?}");
        let failed = "SELECT COUNT(*) FROM failures";
        assert_eq!(db::count(&world.site.db, failed, vec![]).await.unwrap(), 5, "each was verified once");
    })
    .await;
}
