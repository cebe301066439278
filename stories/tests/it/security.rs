//! The checklist of security, item by item, where no other story tells it. `docs/security.md` says which story holds which.
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::{PASSWORD, World, on_both, phone};

const FORM: &str = "application/x-www-form-urlencoded";

/// A trainee who has done the first steps: the client, the account, the ID number's place in the roster.
async fn teacher(world: &World) -> (Client, Client, String) {
    let (admin, people) = world.college(1).await;
    let teacher = world.trainee(&admin, &people[0]).await;
    (admin, teacher, people[0]["account"].as_str().unwrap().to_owned())
}

async fn token(world: &World, account: &str) -> String {
    world.sign_in(account, PASSWORD).await["token"].as_str().unwrap().to_owned()
}

async fn asked(client: &Client, purpose: &str, to: &str) -> Answer {
    client.call("POST", "/api/v1/sms-codes", json!({"purpose": purpose, "phone": to})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn item_01_a_session_is_a_long_random_token_of_which_only_the_hash_is_kept() {
    on_both(|world| async move {
        let (_, _, account) = teacher(&world).await;
        let (one, two) = (token(&world, &account).await, token(&world, &account).await);
        assert!(one != two && one.len() >= 43, "256 bits in base64url: {one}");
        for (lookup, kept) in [(one.clone(), 0), (secrets::sha256_hex(one.as_bytes()), 1)] {
            let sql = "SELECT COUNT(*) FROM sessions WHERE token_hash = $1";
            assert_eq!(db::count(&world.site.db, sql, db::params![lookup]).await.unwrap(), kept);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_03_of_more_than_ten_programs_the_oldest_is_signed_out() {
    on_both(|world| async move {
        let (_, _, account) = teacher(&world).await;
        let mut clients = vec![];
        for _ in 0..11 {
            clients.push(world.anyone.with_token(&token(&world, &account).await));
            world.clock.advance(1);
        }
        let first = clients[0].call("GET", "/api/v1/sessions/current", Value::Null).await;
        assert_eq!((first.status, first.code()), (401, "session_ended"));
        let second = clients[1].call("GET", "/api/v1/sessions/current", Value::Null).await;
        assert_eq!(second.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_04_a_new_password_ends_the_other_sessions_and_item_20_needs_the_old_one() {
    on_both(|world| async move {
        let (_, teacher, account) = teacher(&world).await;
        let other = world.anyone.with_token(&token(&world, &account).await);
        let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
        let path = "/api/v1/me/password";
        let wrong = teacher.call("PUT", path, change("Falsch-7391!", "Neu-Wort5820!")).await;
        assert!(wrong.status == 422 || wrong.status == 401, "{:?}", wrong.json);
        let same = teacher.call("PUT", path, change(PASSWORD, PASSWORD)).await;
        assert_eq!(same.status, 422, "{:?}", same.json);
        assert_eq!(teacher.call("PUT", path, change(PASSWORD, "Neu-Wort5820!")).await.status, 204);
        let ended = other.call("GET", "/api/v1/me/profile", Value::Null).await;
        assert_eq!((ended.status, ended.code()), (401, "session_ended"));
        let back = teacher.call("PUT", path, change("Neu-Wort5820!", PASSWORD)).await;
        assert_eq!(back.status, 422, "one of the last five: {:?}", back.json);
    })
    .await;
}

/// Signs in through the page's form and gives the session's cookie as it is set.
async fn by_form(world: &World, account: &str, headers: &[(&str, &str)]) -> Answer {
    let body = format!("account={account}&password={}&next=//evil.example", PASSWORD.replace('!', "%21"));
    world.anyone.send("POST", "/sign-in", (FORM, body.into_bytes()), headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn items_05_06_and_08_a_cookie_is_no_use_to_another_site() {
    on_both(|world| async move {
        let (_, _, account) = teacher(&world).await;
        let foreign = by_form(&world, &account, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(foreign.status, 403, "also signing in");
        let entered = by_form(&world, &account, &[("sec-fetch-site", "same-origin")]).await;
        assert_eq!((entered.status, entered.headers["location"].to_str().unwrap()), (303, "/"), "no way out");
        let cookie = entered.headers["set-cookie"].to_str().unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let send = |path: &'static str, kind: &'static str, body: &'static str, site: &'static str| {
            let (anyone, cookie) = (world.anyone.clone(), cookie.clone());
            async move {
                let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site)];
                anyone.send("POST", path, (kind, body.as_bytes().to_vec()), &headers).await
            }
        };
        let read = "/api/v1/me/messages/read";
        assert_eq!(send(read, "application/json", "{}", "cross-site").await.status, 403);
        assert_eq!(send(read, "application/json", "{}", "same-origin").await.status, 204);
        let other = world
            .anyone
            .send("POST", read, ("application/json", b"{}".to_vec()), &[("cookie", &cookie)])
            .await;
        assert_eq!(other.status, 403, "a browser always says where a call comes from");
        let plain = send("/messages/read", "text/plain", "_csrf=x", "same-origin").await;
        assert_eq!(plain.status, 415);
        let without = send("/messages/read", FORM, "_csrf=x", "same-origin").await;
        assert_eq!(without.status, 403, "a form without its token");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_26_codes_are_sent_no_more_often_than_the_limits_say() {
    on_both(|world| async move {
        let (_, teacher, account) = teacher(&world).await;
        let own = phone(&account);
        world.clock.advance(86_400);
        let teacher = {
            drop(teacher);
            world.anyone.with_token(&token(&world, &account).await)
        };
        let send = || asked(&teacher, "change_phone_old", &own);
        assert_eq!(send().await.status, 202);
        world.clock.advance(59);
        assert_eq!((send().await.status, send().await.code()), (429, "resend_too_soon"));
        world.clock.advance(1);
        for _ in 0..4 {
            assert_eq!(send().await.status, 202);
            world.clock.advance(60);
        }
        let sixth = send().await;
        assert_eq!((sixth.status, sixth.code()), (429, "too_many_codes"), "five an hour");
        let at_once: Vec<_> = futures::future::join_all((0..8).map(|_| send())).await;
        assert!(at_once.iter().all(|a| a.status == 429));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_27_a_code_is_for_one_purpose_once_for_five_minutes_and_item_28_stands_nowhere_else() {
    on_both(|world| async move {
        let (_, teacher, account) = teacher(&world).await;
        let own = phone(&account);
        world.clock.advance(61);
        assert_eq!(asked(&teacher, "change_phone_old", &own).await.status, 202);
        let first = world.code_for(&own, "change_phone_old").await;
        for table in ["jobs WHERE payload", "audit_entries WHERE details", "sms_codes WHERE code_mac"] {
            let sql = format!("SELECT COUNT(*) FROM {table} LIKE $1");
            let found = db::count(&world.site.db, &sql, db::params![format!("%{first}%")]).await;
            assert_eq!(found.unwrap(), 0, "{table}");
        }
        let verify = |code: String| {
            let teacher = teacher.clone();
            async move {
                let body = json!({"purpose": "change_phone_old", "code": code});
                teacher.call("POST", "/api/v1/sms-codes/verify", body).await
            }
        };
        let new = json!({"phone": "13811112222", "code": first});
        let other = teacher.call("PUT", "/api/v1/me/phone", new).await;
        assert!(other.status >= 400, "a code for the old phone binds no new one");
        world.clock.advance(61);
        assert_eq!(asked(&teacher, "change_phone_old", &own).await.status, 202);
        let second = world.code_for(&own, "change_phone_old").await;
        if first != second {
            assert_eq!(verify(first).await.status, 422, "a new code voids the older one");
        }
        assert!(verify(second.clone()).await.status < 300);
        assert!(verify(second).await.status >= 400, "once");
        world.clock.advance(61);
        assert_eq!(asked(&teacher, "change_phone_old", &own).await.status, 202);
        let third = world.code_for(&own, "change_phone_old").await;
        world.clock.advance(300);
        assert_eq!(verify(third).await.status, 410, "after five minutes");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_26_ten_codes_a_day_and_of_requests_at_once_one_sends() {
    on_both(|world| async move {
        let (_, _, account) = teacher(&world).await;
        let own = phone(&account);
        world.clock.advance(86_400);
        for hour in 0..3 {
            let teacher = world.anyone.with_token(&token(&world, &account).await);
            for _ in 0..if hour < 2 { 5 } else { 1 } {
                let sent = asked(&teacher, "change_phone_old", &own).await;
                assert_eq!(sent.status, if hour < 2 { 202 } else { 429 }, "hour {hour}: {:?}", sent.json);
                world.clock.advance(60);
            }
            world.clock.advance(3_301);
        }
        world.clock.advance(86_400);
        let teacher = world.anyone.with_token(&token(&world, &account).await);
        world.settle().await;
        let before = world.sms(&own).len();
        let at_once = (0..8).map(|_| asked(&teacher, "change_phone_old", &own));
        let sent = futures::future::join_all(at_once).await;
        assert_eq!(sent.iter().filter(|a| a.status == 202).count(), 1);
        world.settle().await;
        assert_eq!(world.sms(&own).len(), before + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_27_a_code_is_its_sessions_alone_and_the_lock_voids_it() {
    on_both(|world| async move {
        let (admin, teacher, account) = teacher(&world).await;
        let own = phone(&account);
        world.clock.advance(61);
        assert_eq!(asked(&teacher, "change_phone_old", &own).await.status, 202);
        let code = world.code_for(&own, "change_phone_old").await;
        let body = json!({"purpose": "change_phone_old", "code": code});
        let other = world.anyone.with_token(&token(&world, &account).await);
        let elsewhere = other.call("POST", "/api/v1/sms-codes/verify", body.clone()).await;
        assert_eq!(elsewhere.status, 410, "of another session");
        assert!(teacher.call("POST", "/api/v1/sms-codes/verify", body).await.status < 300);
        world.clock.advance(61);
        let start = json!({"account": account, "phone": own});
        let reset = world.anyone.call("POST", "/api/v1/password-resets", start).await;
        let path = format!("/api/v1/password-resets/{}", reset.json["id"].as_str().unwrap());
        let code = world.code_for(&own, "reset_password").await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let finish = async |code: &str| {
            let body = json!({"code": code, "new_password": "Neu-Wort5820!"});
            world.anyone.call("PUT", &path, body).await.status
        };
        for _ in 0..7 {
            assert_eq!(finish(wrong).await, 422);
        }
        assert_eq!(finish(wrong).await, 423, "the eighth");
        let people = admin.call("GET", "/api/v1/people?unit=43010001&q=教师001", Value::Null).await.json;
        let unlock = format!("/api/v1/people/{}/unlock", people["items"][0]["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &unlock, json!({"reason": "本人到场"})).await.status, 200);
        assert_eq!(finish(&code).await, 410, "voided by the lock");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_17_the_person_is_told_of_a_new_device_a_new_password_and_a_reset_without_a_link() {
    on_both(|world| async move {
        let (admin, teacher, account) = teacher(&world).await;
        let enter = async |agent: &str| {
            let body = json!({"account": account, "password": PASSWORD}).to_string().into_bytes();
            let headers = [("user-agent", agent)];
            let sent = ("application/json", body);
            world.anyone.send("POST", "/api/v1/sessions", sent, &headers).await.status
        };
        for agent in ["Firefox/140", "Firefox/140", "MicroMessenger/8"] {
            assert_eq!(enter(agent).await, 201);
        }
        let change = json!({"current_password": PASSWORD, "new_password": "Neu-Wort5820!"});
        assert_eq!(teacher.call("PUT", "/api/v1/me/password", change).await.status, 204);
        let people = admin.call("GET", "/api/v1/people?unit=43010001&q=教师001", Value::Null).await.json;
        let reset = format!("/api/v1/people/{}/password-reset", people["items"][0]["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &reset, json!({"reason": "忘记密码"})).await.status, 200);
        world.settle().await;
        let told = world.sms(&phone(&account));
        for kind in ["notice_new_device", "notice_password", "notice_reset"] {
            let of: Vec<&Value> = told.iter().filter(|m| m["purpose"] == kind).collect();
            assert_eq!(of.len(), 1, "{kind}: {told:?}");
            let text = of[0]["text"].as_str().unwrap();
            assert!(!text.contains("http") && !text.contains('/'), "{text}");
        }
    })
    .await;
}

/// Over TLS the cookie is the host's alone; behind it the program answers in the clear.
#[tokio::test(flavor = "multi_thread")]
async fn item_05_over_tls_the_cookie_is_secure_and_bound_to_its_host() {
    let database = testkit::databases().await.remove(0);
    let world = World::with(database, |c| c.public_url = "https://hub.example".to_owned()).await;
    world.ready("wangfang", base::Role::Staff, "43010001").await;
    let entered = by_form(&world, "wangfang", &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(entered.status, 303);
    let set = entered.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
    let session = set.iter().find(|c| c.starts_with("__Host-xueshi-hub=")).expect("the session's");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.iter().all(|c| c.contains(part)), "{part}: {set:?}");
    }
    assert!(!session.contains("Domain"), "{session}");
}

#[tokio::test(flavor = "multi_thread")]
async fn item_33_what_a_body_must_not_decide_is_refused() {
    on_both(|world| async move {
        let (admin, teacher, _) = teacher(&world).await;
        for (client, method, path, body) in [
            (&teacher, "PATCH", "/api/v1/me/profile", json!({"status": "retired"})),
            (
                &teacher,
                "POST",
                "/api/v1/claims",
                json!({"year": 2026, "item": "paper.core", "title": "论文", "approved_hours": "60"}),
            ),
            (
                &admin,
                "POST",
                "/api/v1/people",
                json!({"unit": "43010001", "name": "新人", "role": "authority"}),
            ),
            (
                &admin,
                "POST",
                "/api/v1/notices",
                json!({"unit": "43010001", "title": "通知", "body": "甲", "state": "published"}),
            ),
        ] {
            let refused = client.call(method, path, body).await;
            assert_eq!(refused.status, 422, "{path}: {:?}", refused.json);
            assert!(
                refused.json["errors"].to_string().contains("unknown_field"),
                "{path}: {:?}",
                refused.json
            );
        }
    })
    .await;
}

/// Every file below a folder but the gateway's outbox, which stands for the telephone.
fn bytes_below(folder: &std::path::Path, found: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "outbox" {
            bytes_below(&path, found);
        } else if path.is_file() {
            found.extend(std::fs::read(&path).unwrap_or_default());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_49_neither_phones_nor_id_numbers_nor_passwords_stand_in_the_database_file() {
    let database = testkit::databases().await.into_iter().next().unwrap();
    let world = World::start(database).await;
    let (_, _, account) = teacher(&world).await;
    let mut bytes = vec![];
    bytes_below(world.folder(), &mut bytes);
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("教师001"), "the database's file is among them");
    for secret in [phone(&account), crate::world::id_number(1), PASSWORD.to_owned(), "13900000001".to_owned()]
    {
        assert!(!holds(&secret), "{secret}");
    }
}

/// As a program that writes its whole request before it reads, which most HTTP libraries do: what it reads then.
async fn written_whole(world: &World, path: &str, (kind, token): (&str, &str), body: &[u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = world.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.expect("nobody hangs up while the body is on its way");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_and_only_then_reads_is_told_so() {
    on_both(|world| async move {
        world.college(1).await;
        let admin = token(&world, "yuanzhang").await;
        let part =
            "--m\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\n";
        for (path, kind, start, mebibytes) in [
            ("/api/v1/sessions", "application/json", "{\"account\": \"", 12),
            ("/api/v1/files", "multipart/form-data; boundary=m", part, 30),
            ("/api/v1/roster/imports?unit=43010001", "text/csv", "", 60),
        ] {
            let body = [start.as_bytes(), &vec![b'a'; mebibytes * 1024 * 1024]].concat();
            let answer = written_whole(&world, path, (kind, &admin), &body).await;
            let (head, problem) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 413 "), "{path}: {head}");
            assert!(head.contains("application/problem+json"), "{path}: {head}");
            let problem: Value = serde_json::from_str(problem).unwrap();
            assert_eq!((&problem["status"], &problem["code"]), (&json!(413), &json!("too_large")), "{path}");
        }
    })
    .await;
}
