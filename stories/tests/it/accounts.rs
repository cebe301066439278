//! The manual's situations and what keeps strangers out, over the contract (security items named by number).
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::{PASSWORD, World, on_both, phone};

const OTHER: &str = "Bai-hua4286?";

async fn ask(client: &Client, body: Value) -> Answer {
    client.call("POST", "/api/v1/sms-codes", body).await
}

async fn sign_in(world: &World, account: &str, password: &str) -> Answer {
    world.anyone.call("POST", "/api/v1/sessions", json!({"account": account, "password": password})).await
}

/// Item 23: old code, then new code, in one session; the old phone is told; binding another is refused.
#[tokio::test]
async fn a_phone_is_changed_by_the_old_ones_code_and_then_the_new_ones() {
    on_both(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        let (old, new) = (phone("wangfang"), "15900000001");
        let early = ask(&staff, json!({"purpose": "change_phone_new", "phone": new})).await;
        assert_eq!((early.status, early.code()), (409, "old_phone_not_verified"));
        let again = ask(&staff, json!({"purpose": "bind_phone", "phone": new})).await;
        assert_eq!((again.status, again.code()), (409, "phone_already_bound"));
        world.clock.advance(61);
        let other = ask(&staff, json!({"purpose": "change_phone_old", "phone": "15900000009"})).await;
        assert_eq!((other.status, other.field_code("phone")), (422, "phone_not_the_bound"));
        assert_eq!(ask(&staff, json!({"purpose": "change_phone_old"})).await.status, 202);
        let code = world.code_for(&old, "change_phone_old").await;
        let verify = |code: String| {
            let body = json!({"purpose": "change_phone_old", "code": code});
            let staff = &staff;
            async move { staff.call("POST", "/api/v1/sms-codes/verify", body).await }
        };
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(verify(wrong.into()).await.code(), "code_wrong");
        assert_eq!(verify(code.clone()).await.status, 204);
        assert_eq!((verify(code).await.status), 410, "a code is good once");
        assert_eq!(ask(&staff, json!({"purpose": "change_phone_new", "phone": new})).await.status, 202);
        let code = world.code_for(new, "change_phone_new").await;
        let put = json!({"phone": new, "code": code});
        assert_eq!(staff.call("PUT", "/api/v1/me/phone", put).await.status, 204);
        world.settle().await;
        assert_eq!(world.sms(&old).last().unwrap()["purpose"], "notice_phone");
        assert_eq!(sign_in(&world, new, PASSWORD).await.status, 201);
        assert_eq!(sign_in(&world, &old, PASSWORD).await.status, 401, "the old number leads nowhere");
    })
    .await;
}

/// The acceptance of the old phone's code lasts ten minutes.
#[tokio::test]
async fn ten_minutes_after_the_old_code_the_new_one_is_refused() {
    on_both(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        world.clock.advance(61);
        assert_eq!(ask(&staff, json!({"purpose": "change_phone_old"})).await.status, 202);
        let code = world.code_for(&phone("wangfang"), "change_phone_old").await;
        let body = json!({"purpose": "change_phone_old", "code": code});
        assert_eq!(staff.call("POST", "/api/v1/sms-codes/verify", body).await.status, 204);
        world.clock.advance(600);
        let late = ask(&staff, json!({"purpose": "change_phone_new", "phone": "15900000001"})).await;
        assert_eq!(late.code(), "old_phone_not_verified");
    })
    .await;
}

/// Items 9 and 11 for 忘记密码: the same answers for known and unknown, and closed while locked.
#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_the_bound_phone_and_strangers_learn_nothing() {
    on_both(|world| async move {
        let held = world.ready("wangfang", Role::Staff, "43010001").await;
        let bound = phone("wangfang");
        world.clock.advance(61);
        let start = async |account: &str, to: &str| {
            let body = json!({"account": account, "phone": to});
            world.anyone.call("POST", "/api/v1/password-resets", body).await
        };
        let known = start("wangfang", &bound).await;
        let unknown = start("nobody-here", "15900000002").await;
        let other_phone = start("wangfang", "15900000003").await;
        for answer in [&known, &unknown, &other_phone] {
            assert_eq!((answer.status, &answer.json["resend_after"]), (202, &json!(60)));
        }
        assert_eq!(start("wangfang", &bound).await.code(), "resend_too_soon");
        assert_eq!(start("nobody-here", "15900000002").await.code(), "resend_too_soon");
        let finish = async |id: &Value, code: &str, password: &str| {
            let path = format!("/api/v1/password-resets/{}", id.as_str().unwrap());
            world.anyone.call("PUT", &path, json!({"code": code, "new_password": password})).await
        };
        let code = world.code_for(&bound, "reset_password").await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for answer in [&known, &unknown, &other_phone] {
            assert_eq!(finish(&answer.json["id"], wrong, OTHER).await.code(), "code_wrong");
        }
        assert_eq!(finish(&known.json["id"], &code, "weak").await.code(), "weak_password");
        assert_eq!(finish(&known.json["id"], &code, OTHER).await.status, 204);
        assert_eq!(finish(&known.json["id"], &code, OTHER).await.status, 410);
        assert_eq!(held.call("GET", "/api/v1/me/profile", Value::Null).await.code(), "session_ended");
        assert_eq!(sign_in(&world, "wangfang", PASSWORD).await.status, 401);
        assert_eq!(sign_in(&world, "wangfang", OTHER).await.status, 201);
        for _ in 0..5 {
            sign_in(&world, "wangfang", "Wrong-one1!").await;
        }
        assert_eq!(start("wangfang", "15900000004").await.status, 423, "closed while locked");
    })
    .await;
}

/// Items 16 and 17, 3.4: an open session goes on, one message tells, an unlock opens at once and keeps the password.
#[tokio::test]
async fn a_lock_throws_nobody_out_is_told_once_and_is_lifted_by_the_administrator() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let staff = world.trainee(&admin, &people[0]).await;
        let account = people[0]["account"].as_str().unwrap();
        for round in 0..2 {
            for _ in 0..5 {
                sign_in(&world, account, "Wrong-one1!").await;
            }
            assert_eq!(sign_in(&world, account, PASSWORD).await.status, 423, "round {round}");
            assert_eq!(staff.call("GET", "/api/v1/me/profile", Value::Null).await.status, 200);
            let path = format!("/api/v1/people/{}/unlock", people[0]["id"].as_str().unwrap());
            let stranger = world.ready(&format!("jia{round}"), Role::UnitAdmin, "44010001").await;
            assert_eq!(stranger.call("POST", &path, json!({"reason": "?"})).await.status, 404);
            assert_eq!(
                sign_in(&world, account, PASSWORD).await.status,
                423,
                "a denied unlock changes nothing"
            );
            assert_eq!(admin.call("POST", &path, json!({"reason": "本人到场"})).await.status, 200);
            assert_eq!(sign_in(&world, account, PASSWORD).await.status, 201);
        }
        world.settle().await;
        let told = world.sms(&phone(account)).iter().filter(|m| m["purpose"] == "notice_lock").count();
        assert_eq!(told, 1, "one message a day");
    })
    .await;
}

/// Item 24: on the spot, with a code to the new phone; never the own account, never an equal's.
#[tokio::test]
async fn item_24_an_administrator_changes_a_phone_with_a_code_read_on_the_spot() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        world.trainee(&admin, &people[0]).await;
        let path = format!("/api/v1/people/{}/phone", people[0]["id"].as_str().unwrap());
        let sent = admin.call("POST", &path, json!({"phone": "15900000005"})).await;
        assert_eq!((sent.status, &sent.json["resend_after"]), (200, &json!(60)), "{:?}", sent.json);
        let code = world.code_for("15900000005", "change_phone_new").await;
        let body = json!({"phone": "15900000005", "code": code, "reason": "原号码停用"});
        assert_eq!(admin.call("POST", &path, body).await.status, 200);
        assert_eq!(sign_in(&world, "15900000005", PASSWORD).await.status, 201);
        let own = admin.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let own = format!("/api/v1/people/{}/phone", own.json["person"]["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &own, json!({"phone": "15900000006"})).await.status, 403);
    })
    .await;
}

/// Item 25: two facts that agree and an independent proof; three failures close it for a day.
#[tokio::test]
async fn item_25_customer_service_helps_only_after_a_check_that_is_recorded() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let agent = world.ready("kefu", Role::Support, "430100").await;
        let path = |n: usize| {
            let person = people.iter().find(|p| p["name"] == format!("教师{:03}", n + 1)).unwrap();
            format!("/api/v1/people/{}/password-reset", person["id"].as_str().unwrap())
        };
        let bare = agent.call("POST", &path(0), json!({"reason": "来电"})).await;
        assert_eq!((bare.status, bare.code()), (403, "identity_check_required"));
        let with = |last6: &str| {
            let check = json!({"id_number_last6": last6, "joined_on": "2012-09-01", "proof": "call_back",
                "note": "回拨 0731-88880000 王主任"});
            json!({"reason": "来电", "identity_check": check})
        };
        let number = crate::world::id_number(1);
        let right = &number[12..];
        let passed = agent.call("POST", &path(0), with(right)).await;
        assert_eq!(passed.status, 200, "{:?}", passed.json);
        for _ in 0..3 {
            assert_eq!(agent.call("POST", &path(1), with("000000")).await.code(), "identity_check_failed");
        }
        let closed = agent.call("POST", &path(1), with(&crate::world::id_number(2)[12..])).await;
        assert_eq!((closed.status, closed.code()), (429, "identity_checks_closed"));
        let of_admin = admin.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let of_admin = format!("/api/v1/people/{}/unlock", of_admin.json["person"]["id"].as_str().unwrap());
        assert_eq!(agent.call("POST", &of_admin, json!({})).await.status, 403, "an administrator's account");
    })
    .await;
}

/// Contract: a role within the giver's subtree and below the giver's rank; item 4: its change ends sessions.
#[tokio::test]
async fn roles_are_given_below_the_own_rank_and_the_last_administrator_stays() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let staff = world.trainee(&admin, &people[0]).await;
        let path = format!("/api/v1/people/{}/roles", people[0]["id"].as_str().unwrap());
        let give = async |who: &Client, role: &str, unit: &str| {
            who.call("POST", &path, json!({"role": role, "unit": unit})).await.status
        };
        assert_eq!(give(&admin, "unit_admin", "43010001").await, 403);
        assert_eq!(give(&admin, "reviewer", "430100").await, 403);
        assert_eq!(give(&admin, "system_admin", "43010001").await, 403);
        assert_eq!(give(&admin, "reviewer", "43010001").await, 201);
        assert_eq!(staff.call("GET", "/api/v1/me/profile", Value::Null).await.code(), "session_ended");
        let boss = world.sign_in("root43", PASSWORD).await;
        let boss = world.anyone.with_token(boss["token"].as_str().unwrap());
        assert_eq!(give(&boss, "unit_admin", "43010001").await, 201);
        let held = boss.call("GET", &path, Value::Null).await;
        let grant = |held: &Answer, role: &str| {
            let items = held.json["items"].as_array().unwrap().clone();
            items.into_iter().find(|i| i["role"] == role).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let end = format!("{path}/{}", grant(&held, "unit_admin"));
        assert_eq!(boss.call("DELETE", &end, Value::Null).await.status, 204);
        let admin_id = {
            let me = world.sign_in("yuanzhang", PASSWORD).await;
            me["person"]["id"].as_str().unwrap().to_owned()
        };
        let roles = format!("/api/v1/people/{admin_id}/roles");
        let held = boss.call("GET", &roles, Value::Null).await;
        let last = boss.call("DELETE", &format!("{roles}/{}", grant(&held, "unit_admin")), Value::Null).await;
        assert_eq!((last.status, last.code()), (409, "last_administrator"));
    })
    .await;
}

/// The own sessions are listed and ended one by one or all but this; another's is not found.
#[tokio::test]
async fn a_person_sees_and_ends_the_own_sessions() {
    on_both(|world| async move {
        let first = world.ready("wangfang", Role::Staff, "43010001").await;
        let second = world.sign_in("wangfang", PASSWORD).await;
        let second = world.anyone.with_token(second["token"].as_str().unwrap());
        let seen = first.call("GET", "/api/v1/me/sessions", Value::Null).await;
        let items = seen.json["items"].as_array().unwrap();
        assert_eq!((items.len(), items.iter().filter(|i| i["current"] == true).count()), (2, 1));
        let stranger = world.ready("lisi", Role::Staff, "43010001").await;
        let of_first = format!("/api/v1/me/sessions/{}", items[0]["id"].as_str().unwrap());
        assert_eq!(stranger.call("DELETE", &of_first, Value::Null).await.status, 404);
        assert_eq!(first.call("DELETE", "/api/v1/me/sessions", Value::Null).await.status, 204);
        assert_eq!(second.call("GET", "/api/v1/me/profile", Value::Null).await.code(), "session_ended");
        assert_eq!(first.call("GET", "/api/v1/me/profile", Value::Null).await.status, 200);
    })
    .await;
}

/// 3.2.11: after twenty failures without a success in thirty days a code is asked for as well.
#[tokio::test]
async fn many_failures_over_days_ask_for_a_code_beside_the_password() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        for _ in 0..5 {
            for _ in 0..4 {
                assert_eq!(sign_in(&world, "wangfang", "Wrong-one1!").await.status, 401);
            }
            world.clock.advance(3600);
        }
        let asked = sign_in(&world, "wangfang", PASSWORD).await;
        assert_eq!((asked.status, asked.code()), (403, "code_required"));
        let code = world.code_for(&phone("wangfang"), "sign_in").await;
        let with = |code: &str| json!({"account": "wangfang", "password": PASSWORD, "code": code});
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let refused = world.anyone.call("POST", "/api/v1/sessions", with(wrong)).await;
        assert_eq!((refused.status, refused.code()), (422, "code_wrong"));
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", with(&code)).await.status, 201);
        assert_eq!(sign_in(&world, "wangfang", PASSWORD).await.status, 201, "a success ends the long run");
    })
    .await;
}

/// Item 15, 3.4: from the third failure on a captcha, which is good once; what is refused for it is not counted.
#[tokio::test]
async fn item_15_the_third_failure_brings_a_captcha_that_a_program_can_solve_once() {
    for database in testkit::databases().await {
        let world = World::guarded(database).await;
        world.ready("wangfang", Role::Staff, "43010001").await;
        for _ in 0..3 {
            assert_eq!(sign_in(&world, "wangfang", "Wrong-one1!").await.status, 401);
        }
        for _ in 0..6 {
            assert_eq!(sign_in(&world, "wangfang", "Wrong-one1!").await.code(), "captcha_required");
        }
        let asked = sign_in(&world, "wangfang", PASSWORD).await;
        assert_eq!((asked.status, asked.code()), (403, "captcha_required"));
        let solved = solve(&asked.json["challenge"]);
        let with = json!({"account": "wangfang", "password": "Wrong-one1!", "captcha": solved});
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", with).await.status, 401);
        let spent = json!({"account": "wangfang", "password": PASSWORD, "captcha": solved});
        let again = world.anyone.call("POST", "/api/v1/sessions", spent).await;
        assert_eq!(again.code(), "captcha_required", "a solved puzzle is good once");
        let solved = solve(&again.json["challenge"]);
        let right = json!({"account": "wangfang", "password": PASSWORD, "captcha": solved});
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", right).await.status, 201);
        for name in 0..25 {
            sign_in(&world, &format!("guess{name}"), "Wrong-one1!").await;
        }
        assert_eq!(sign_in(&world, "lisi", "Wrong-one1!").await.status, 403, "everywhere from this network");
    }
}

fn solve(challenge: &Value) -> String {
    let (puzzle, bits) = (challenge["puzzle"].as_str().unwrap(), challenge["bits"].as_u64().unwrap());
    let answer = |n: u64| format!("{puzzle}:{n}");
    let solves = |n: &u64| {
        let hash = secrets::sha256_hex(answer(*n).as_bytes());
        let first = u64::from_str_radix(&hash[..16], 16).unwrap();
        u64::from(first.leading_zeros()) >= bits
    };
    answer((0..10_000_000).find(solves).unwrap())
}

/// Whoever wants a second factor has one: each code is good once, and wrong ones count towards the lock.
#[tokio::test]
async fn a_second_factor_is_asked_for_at_the_door_and_each_code_is_good_once() {
    on_both(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        let offer = staff.call("POST", "/api/v1/me/totp", Value::Null).await.json;
        let secret = totp_rs::Secret::try_from_base32(offer["secret"].as_str().unwrap()).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
        let now = || u64::try_from(world.site.now().as_second()).unwrap();
        let first = json!({"sealed": offer["sealed"], "code": app.generate(now()).to_string()});
        assert_eq!(staff.call("PUT", "/api/v1/me/totp", first).await.status, 204);
        assert_eq!(sign_in(&world, "wangfang", PASSWORD).await.code(), "code_required");
        let enter = async |code: String| {
            let body = json!({"account": "wangfang", "password": PASSWORD, "code": code});
            world.anyone.call("POST", "/api/v1/sessions", body).await
        };
        let code = app.generate(now()).to_string();
        assert_eq!(enter(code.clone()).await.status, 201);
        assert_eq!(enter(code).await.code(), "code_wrong", "used before");
        world.clock.advance(3600);
        for n in 0..8 {
            let expected = if n == 7 { 423 } else { 422 };
            assert_eq!(enter("000000".into()).await.status, expected, "entry {n}");
        }
        world.clock.advance(1800);
        assert_eq!(enter(app.generate(now()).to_string()).await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_safety_are_removed_when_they_have_served_their_time() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        world.trainee(&admin, &people[0]).await;
        let wrong = json!({"account": people[0]["account"], "password": "Falsch-9630!"});
        assert_eq!(world.anyone.call("POST", "/api/v1/sessions", wrong).await.status, 401);
        let left = async || {
            let mut rows = vec![];
            for table in ["failures", "sms_codes", "sessions"] {
                let sql = format!("SELECT COUNT(*) FROM {table}");
                rows.push(db::count(&world.site.db, &sql, vec![]).await.unwrap());
            }
            rows
        };
        let before = left().await;
        assert!(before.iter().all(|n| *n > 0), "{before:?}");
        world.clock.advance(29 * 86_400);
        accounts::schedule(&world.site).await.unwrap();
        privacy::schedule(&world.site).await.unwrap();
        world.settle().await;
        assert_eq!(left().await, before);
        world.clock.advance(2 * 86_400);
        accounts::schedule(&world.site).await.unwrap();
        privacy::schedule(&world.site).await.unwrap();
        world.settle().await;
        assert_eq!(left().await, [0, before[1], before[2]]);
        world.clock.advance(160 * 86_400);
        accounts::schedule(&world.site).await.unwrap();
        privacy::schedule(&world.site).await.unwrap();
        world.settle().await;
        assert_eq!(left().await, [0, 0, 0]);
    })
    .await;
}
