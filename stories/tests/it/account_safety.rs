//! What keeps an account its owner's: the life of sessions, one-time passwords, the age of passwords, second factors that
//! are demanded, the privacy notice, what the owner sees of it (security items 1 to 3, 19, 22, 54, 55).
use base::Role;
use serde_json::{Value, json};
use testkit::{Browser, Client};

use crate::{
    crash::program,
    world::{PASSWORD, World, on_both, phone, roster},
};

async fn status(client: &Client) -> (u16, String) {
    let answer = client.call("GET", "/api/v1/me/profile", Value::Null).await;
    (answer.status, answer.code().to_owned())
}

/// Works on without a pause of 30 minutes.
async fn busy(world: &World, client: &Client, seconds: i64) {
    let mut left = seconds;
    while left > 0 {
        world.clock.advance(left.min(1700));
        left -= 1700;
        if left > 0 {
            assert_eq!(status(client).await.0, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_03_a_session_lives_twelve_hours_an_administrators_eight_however_busy() {
    on_both(|world| async move {
        for (account, role, hours) in [("wangfang", Role::Staff, 12), ("yuanzhang", Role::UnitAdmin, 8)] {
            let client = world.ready(account, role, "43010001").await;
            busy(&world, &client, hours * 3600 - 1).await;
            assert_eq!(status(&client).await.0, 200, "{account}");
            world.clock.advance(1);
            assert_eq!(status(&client).await, (401, "session_expired".to_owned()), "{account}");
        }
        let failures = db::count(&world.site.db, "SELECT COUNT(*) FROM failures", vec![]).await.unwrap();
        assert_eq!(failures, 0, "never a failure");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_03_of_four_browsers_the_oldest_is_signed_out() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        let mut browsers = vec![];
        for _ in 0..4 {
            let mut browser = Browser::default();
            let url = format!("{}/sign-in", world.url);
            browser.post(&url, &[("account", "wangfang"), ("password", PASSWORD)]).await;
            browsers.push(browser);
            world.clock.advance(1);
        }
        let url = format!("{}/me/account", world.url);
        let first = browsers[0].get(&url).await;
        assert!(first.url.path() == "/sign-in" && first.parameter("reason").unwrap() == "session_ended");
        for browser in &mut browsers[1..] {
            assert_eq!(browser.get(&url).await.url.path(), "/me/account");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_22_a_one_time_password_lasts_a_day_and_nobody_chooses_it() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let path = format!("/api/v1/people/{}/password-reset", people[0]["id"].as_str().unwrap());
        let chosen = json!({"reason": "首次启用", "one_time_password": "Song-shu9630!"});
        assert_eq!(admin.call("POST", &path, chosen).await.status, 422);
        let enter = async |secret: &Value| {
            let body = json!({"account": people[0]["account"], "password": secret});
            world.anyone.call("POST", "/api/v1/sessions", body).await
        };
        let reset = async || {
            let made = admin.call("POST", &path, json!({"reason": "首次启用"})).await;
            made.json["one_time_password"].clone()
        };
        let (one, two) = (reset().await, reset().await);
        assert!(one != two && one.as_str().unwrap().len() >= 16);
        assert_eq!(enter(&one).await.status, 401, "a new one voids the older");
        let shown = admin
            .call("GET", &format!("/people/{}/account", people[0]["id"].as_str().unwrap()), Value::Null)
            .await;
        assert!(!String::from_utf8_lossy(&shown.bytes).contains(two.as_str().unwrap()), "shown once");
        world.clock.advance(86_399);
        let opened = enter(&two).await;
        assert_eq!((opened.status, &opened.json["required_actions"][0]), (201, &json!("change_password")));
        assert_eq!(enter(&two).await.status, 401, "once");
        let admin =
            world.anyone.with_token(world.sign_in("yuanzhang", PASSWORD).await["token"].as_str().unwrap());
        let made = admin.call("POST", &path, json!({"reason": "再次"})).await.json;
        world.clock.advance(86_400);
        assert_eq!(enter(&made["one_time_password"]).await.status, 401, "a day is over");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_19_a_password_kept_under_weaker_parameters_is_hashed_anew_at_sign_in() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        let weak = argon2::Argon2::new(
            argon2::Algorithm::Argon2id,
            argon2::Version::V0x13,
            argon2::Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let hash: argon2::password_hash::phc::PasswordHash =
            argon2::password_hash::PasswordHasher::hash_password_with_salt(
                &weak,
                PASSWORD.as_bytes(),
                &[9; 16],
            )
            .unwrap();
        let sql = "UPDATE accounts SET password_hash = $1 WHERE name = 'wangfang'";
        db::execute(&world.site.db, sql, db::params![hash.to_string()]).await.unwrap();
        world.sign_in("wangfang", PASSWORD).await;
        let strong =
            "SELECT COUNT(*) FROM accounts WHERE name = 'wangfang' AND password_hash LIKE '%m=19456%'";
        assert_eq!(db::count(&world.site.db, strong, vec![]).await.unwrap(), 1);
        world.sign_in("wangfang", PASSWORD).await;
    })
    .await;
}

/// Section 2: administrators change their passwords every so many days where the installation wants it; nobody by default.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_grow_old_only_where_the_installation_says_so() {
    for (days, expected) in [(None, json!([])), (Some(90), json!(["change_password"]))] {
        let database = testkit::databases().await.remove(0);
        let world = World::with(database, |c| c.sign_in.administrators_password_max_age_days = days).await;
        world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        world.ready("wangfang", Role::Staff, "43010001").await;
        world.clock.advance(90 * 86_400 - 1);
        assert_eq!(world.sign_in("yuanzhang", PASSWORD).await["required_actions"], json!([]));
        world.clock.advance(1);
        assert_eq!(world.sign_in("wangfang", PASSWORD).await["required_actions"], json!([]));
        let opened = world.sign_in("yuanzhang", PASSWORD).await;
        assert_eq!(opened["required_actions"], expected);
        if days.is_some() {
            let client = world.anyone.with_token(opened["token"].as_str().unwrap());
            let change = json!({"new_password": "Bai-hua4286?"});
            assert_eq!(client.call("PUT", "/api/v1/me/password", change).await.status, 204);
            assert_eq!(status(&client).await.0, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_without_a_second_factor_act_only_where_none_is_demanded() {
    for demanded in [app::config::Switch::Off, app::config::Switch::On] {
        let database = testkit::databases().await.remove(0);
        let world = World::with(database, |c| c.sign_in.administrators_second_factor = demanded).await;
        let admin = world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        let people = admin.call("GET", "/api/v1/people", Value::Null).await;
        let (expected, code) =
            if demanded == app::config::Switch::On { (403, "second_factor_required") } else { (200, "") };
        assert_eq!((people.status, people.code()), (expected, code));
        let page = admin.call("GET", "/people", Value::Null).await;
        assert_eq!(page.status, if expected == 403 { 303 } else { 200 });
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        assert_eq!(status(&staff).await.0, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_55_the_version_of_the_privacy_notice_that_was_read_is_on_record() {
    on_both(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        let path = "/api/v1/me/privacy-notice";
        let before = staff.call("GET", path, Value::Null).await.json;
        assert!(before["read_version"].is_null());
        let bar = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("个人信息处理告知》</a>已更新");
        assert!(bar(&staff.call("GET", "/me/account", Value::Null).await.bytes));
        assert_eq!(staff.call("PUT", path, json!({"version": "2001-01"})).await.code(), "notice_renewed");
        let read = json!({"version": before["version"]});
        assert_eq!(staff.call("PUT", path, read).await.status, 204);
        let after = staff.call("GET", path, Value::Null).await.json;
        assert_eq!(
            (&after["read_version"], &after["read_at"]),
            (&before["version"], &json!("2026-11-23T10:00:00+08:00"))
        );
        assert!(!bar(&staff.call("GET", "/me/account", Value::Null).await.bytes));
    })
    .await;
}

/// The owner sees where the account is used, and who tried in vain.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_sees_wrong_tries_and_says_in_one_tap_that_the_account_is_not_hers() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        for _ in 0..2 {
            let wrong = json!({"account": "wangfang", "password": "Falsch-1357!"});
            world.anyone.call("POST", "/api/v1/sessions", wrong).await;
        }
        let at = |path: &str| format!("{}{path}", world.url);
        let mut browser = Browser::default();
        browser.post(&at("/sign-in"), &[("account", "wangfang"), ("password", PASSWORD)]).await;
        let page = browser.get(&at("/me/account")).await;
        assert_eq!(page.text().matches("密码或验证码不正确 · 127.0.0.1").count(), 2);
        let csrf = page.hidden("_csrf").unwrap();
        let out = browser.post(&at("/me/account/not-mine"), &[("_csrf", &csrf)]).await;
        assert_eq!(out.url.path(), "/sign-in");
        let open = world.sign_in("wangfang", PASSWORD).await["required_actions"].clone();
        assert_eq!(open, json!(["bind_phone"]), "the phone is off");
    })
    .await;
}

/// A phone is recycled by its operator some day: once a year the owner is asked.
#[tokio::test(flavor = "multi_thread")]
async fn once_a_year_the_owner_is_asked_whether_the_phone_is_still_hers() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        let at = |path: &str| format!("{}{path}", world.url);
        let asks = async || {
            let mut browser = Browser::default();
            browser.post(&at("/sign-in"), &[("account", "wangfang"), ("password", PASSWORD)]).await;
            let page = browser.get(&at("/me/account")).await;
            let asked = page.text().contains("还是您本人在用吗");
            (browser, page.hidden("_csrf").unwrap(), asked)
        };
        assert!(!asks().await.2);
        world.clock.advance(366 * 86_400);
        let (mut browser, csrf, asked) = asks().await;
        assert!(asked);
        browser.post(&at("/me/account/phone-is-mine"), &[("_csrf", &csrf)]).await;
        assert!(!asks().await.2);
    })
    .await;
}

/// A program of its own with everything it can log, driven through a sign-in with all its secrets.
#[tokio::test(flavor = "multi_thread")]
async fn item_54_nothing_secret_or_personal_stands_in_what_a_running_program_writes() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = std::process::Command::new(program());
        command.args(arguments).env("XUESHI_DATA_DIR", folder.path()).env("XUESHI_LISTEN", free.to_string());
        command.env("XUESHI_LOG", "debug").env("XUESHI_SIGN_IN__CAPTCHA", "off");
        command
    };
    let made = command(&[
        "admin",
        "create",
        "--account",
        "guanli",
        "--name",
        "管理",
        "--role",
        "unit_admin",
        "--unit",
        "43010001",
    ]);
    let made = { made }.output().unwrap();
    let first = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let mut serve = command(&["serve"]);
    let mut child = serve.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let anyone = Client::new(&format!("http://{free}"));
    while reqwest::get(format!("http://{free}/readyz")).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut secrets = use_everything(&anyone, folder.path(), &first).await;
    let _ = child.kill();
    let _ = child.wait();
    secrets.extend([first, PASSWORD.to_owned(), "Falsch-1357!".to_owned()]);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("/api/v1/sessions") && log.len() > 2000, "the log holds the run: {log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} stands in the log");
    }
    assert!(
        log.lines().all(|l| l.chars().all(|c| !c.is_control() || c == '\t' || c == '\u{1b}')),
        "one entry a line"
    );
}

/// Signs in, does the first steps, imports people, fails, resets; every secret and number that passed through.
async fn use_everything(anyone: &Client, folder: &std::path::Path, first: &str) -> Vec<String> {
    let enter = async |password: &str| {
        let body = json!({"account": "guanli", "password": password});
        anyone.call("POST", "/api/v1/sessions", body).await
    };
    let token = enter(first).await.json["token"].as_str().unwrap().to_owned();
    let admin = anyone.with_token(&token);
    admin.call("PUT", "/api/v1/me/password", json!({"new_password": PASSWORD})).await;
    let own = phone("guanli");
    admin.call("POST", "/api/v1/sms-codes", json!({"purpose": "bind_phone", "phone": own})).await;
    let outbox = folder.join("outbox/sms.jsonl");
    let mut code = String::new();
    while code.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let text = std::fs::read_to_string(&outbox).unwrap_or_default();
        let last = text.lines().last().and_then(|l| serde_json::from_str::<Value>(l).ok());
        code = last.and_then(|m| m["code"].as_str().map(str::to_owned)).unwrap_or_default();
    }
    let bound = admin.call("PUT", "/api/v1/me/phone", json!({"phone": own, "code": code})).await;
    assert_eq!(bound.status, 204);
    let csv = ("text/csv; charset=utf-8", roster(1..=3).into_bytes());
    assert_eq!(admin.send("POST", "/api/v1/roster/imports?unit=43010001", csv, &[]).await.status, 200);
    let people = admin.call("GET", "/api/v1/people", Value::Null).await.json;
    let person = people["items"].as_array().unwrap().iter().find(|p| p["name"] == "教师001").unwrap();
    let path = format!("/api/v1/people/{}/password-reset", person["id"].as_str().unwrap());
    let reset = admin.call("POST", &path, json!({"reason": "a\r\nERROR forged"})).await.json;
    enter("Falsch-1357!").await;
    let number = crate::world::id_number(1);
    let by_number = json!({"account": number, "password": "Falsch-1357!"});
    anyone.call("POST", "/api/v1/sessions", by_number).await;
    anyone.call("POST", "/api/v1/password-resets", json!({"account": number, "phone": own})).await;
    anyone.call("GET", &format!("/api/v1/people?q={number}"), Value::Null).await;
    admin.call("GET", &format!("/api/v1/people?q={number}"), Value::Null).await;
    let one_time = reset["one_time_password"].as_str().unwrap().to_owned();
    vec![token, own, code, one_time, number, "13900000001".to_owned()]
}
