//! The lock (notice 三.5, manual C) through the real sign-in: limits hold however many guesses arrive at once.
use base::Role;
use serde_json::{Value, json};

use crate::world::{PASSWORD, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn item_11_the_fifth_wrong_password_locks_for_thirty_minutes_and_right_ones_are_refused_alike() {
    on_both(|world| async move {
        world.ready("wangfang", Role::UnitAdmin, "43010001").await;
        let wrong = json!({"account": "wangfang", "password": "Falsch-1357!"});
        let right = json!({"account": "wangfang", "password": PASSWORD});
        for _ in 0..4 {
            assert_eq!(world.anyone.call("POST", "/api/v1/sessions", wrong.clone()).await.status, 401);
        }
        let fifth = world.anyone.call("POST", "/api/v1/sessions", wrong.clone()).await;
        assert_eq!((fifth.status, fifth.headers["retry-after"].to_str().unwrap()), (423, "1800"));
        let refused = world.anyone.call("POST", "/api/v1/sessions", right.clone()).await;
        let again = world.anyone.call("POST", "/api/v1/sessions", wrong).await;
        assert_eq!(
            (refused.status, &refused.bytes),
            (423, &again.bytes),
            "the same bytes for right and wrong"
        );
        world.clock.advance(1799);
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", right.clone()).await.status, 423);
        world.clock.advance(1);
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", right).await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_simultaneous_guesses_exactly_five_are_verified() {
    on_both(|world| async move {
        world.ready("ziel", Role::UnitAdmin, "43010001").await;
        let guesses = (0..30).map(|n| {
            let client = world.anyone.clone();
            tokio::spawn(async move {
                let body = json!({"account": "ziel", "password": format!("Falsch-{n}x!")});
                client.call("POST", "/api/v1/sessions", body).await.status
            })
        });
        let mut statuses = vec![];
        for guess in guesses.collect::<Vec<_>>() {
            statuses.push(guess.await.unwrap());
        }
        let failures = db::count(&world.site.db, "SELECT COUNT(*) FROM failures", vec![]).await.unwrap();
        assert_eq!(failures, 5, "only counted attempts are verified: {statuses:?}");
        assert_eq!(statuses.iter().filter(|s| **s == 401).count(), 4);
        assert_eq!(statuses.iter().filter(|s| **s == 423).count(), 26);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_accounts_are_answered_and_locked_like_known_ones() {
    on_both(|world| async move {
        let body = json!({"account": "niemand", "password": "Falsch-1357!"});
        for _ in 0..4 {
            let answer = world.anyone.call("POST", "/api/v1/sessions", body.clone()).await;
            assert_eq!((answer.status, &answer.json["code"]), (401, &json!("invalid_credentials")));
        }
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", body).await.status, 423);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_by_the_administrator_ends_the_lock() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let account = people[0]["account"].as_str().unwrap();
        let wrong = json!({"account": account, "password": "Falsch-1357!"});
        for _ in 0..5 {
            world.anyone.call("POST", "/api/v1/sessions", wrong.clone()).await;
        }
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", wrong).await.status, 423);
        world.trainee(&admin, &people[0]).await;
    })
    .await;
}

/// Security 3.4: whoever is asked for help sees who is locked and from where, in the own subtree.
#[tokio::test(flavor = "multi_thread")]
async fn helpers_see_who_is_locked_and_from_which_networks() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        world.trainee(&admin, &people[0]).await;
        let account = people[0]["account"].as_str().unwrap();
        for name in [account, "niemand"] {
            for _ in 0..5 {
                let body = json!({"account": name, "password": "Falsch-7391!"});
                world.anyone.call("POST", "/api/v1/sessions", body).await;
            }
        }
        let path = "/api/v1/locked-accounts";
        let desk = world.ready("kefu", Role::Support, "430100").await;
        let operator = world.ready("yunwei", Role::SystemAdmin, "430100").await;
        let foreign = world.ready("linju", Role::UnitAdmin, "43020001").await;
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        let seen =
            [("admin", &admin, "教师001"), ("desk", &desk, "教师001"), ("operator", &operator, "教****")];
        for (who, client, name) in seen {
            let listed = client.call("GET", path, Value::Null).await.json;
            let items = listed["items"].as_array().unwrap();
            assert_eq!(items.len(), 1, "{who}: {items:?}");
            assert_eq!((&items[0]["account"], &items[0]["name"]), (&json!(account), &json!(name)), "{who}");
            assert_eq!(items[0]["failures"], json!(5));
            assert_eq!(items[0]["networks"][0]["failures"], json!(5));
            assert!(items[0]["networks"][0]["network"].as_str().unwrap().starts_with("127."));
        }
        assert_eq!(foreign.call("GET", path, Value::Null).await.json["items"], json!([]));
        assert_eq!(staff.call("GET", path, Value::Null).await.status, 403);
        let page = admin.call("GET", "/locked-accounts", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("教师001"));
        world.clock.advance(1800);
        let admin =
            world.anyone.with_token(world.sign_in("yuanzhang", PASSWORD).await["token"].as_str().unwrap());
        assert_eq!(admin.call("GET", path, Value::Null).await.json["items"], json!([]), "over by itself");
    })
    .await;
}
