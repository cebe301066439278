//! Phones of accounts: changed only with a fresh password, shared only with consent, and done without where there is none.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Browser, Client};

use crate::world::{PASSWORD, World, on_both, phone};

async fn ask(client: &Client, body: Value) -> Answer {
    client.call("POST", "/api/v1/sms-codes", body).await
}

async fn signed_in(world: &World, account: &str) -> Client {
    world.anyone.with_token(world.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
}

/// A program that has just signed in goes on as the contract says; one that did long ago is asked once more.
#[tokio::test(flavor = "multi_thread")]
async fn item_23_a_phone_is_changed_only_with_a_password_entered_not_long_ago() {
    on_both(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        for _ in 0..6 {
            world.clock.advance(1500);
            assert_eq!(staff.call("GET", "/api/v1/me/profile", Value::Null).await.status, 200);
        }
        let old = ask(&staff, json!({"purpose": "change_phone_old"})).await;
        assert_eq!((old.status, old.code()), (403, "password_required"));
        assert_eq!(old.field_code("current_password"), "required");
        let wrong = json!({"purpose": "change_phone_old", "current_password": "Falsch-1357!"});
        assert_eq!(ask(&staff, wrong).await.field_code("current_password"), "password_wrong");
        let right = json!({"purpose": "change_phone_old", "current_password": PASSWORD});
        assert_eq!(ask(&staff, right).await.status, 202);
        world.clock.advance(61);
        assert_eq!(ask(&staff, json!({"purpose": "change_phone_old"})).await.status, 202, "fresh now");
    })
    .await;
}

/// The manual's 情况3 on its page: the original number is asked for with its hint, and the password before any code.
#[tokio::test(flavor = "multi_thread")]
async fn item_23_the_page_asks_for_the_original_number_and_the_password_before_a_code_is_sent() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        world.clock.advance(61);
        let bound = phone("wangfang");
        let at = |path: &str| format!("{}{path}", world.url);
        let mut browser = Browser::default();
        browser.post(&at("/sign-in"), &[("account", "wangfang"), ("password", PASSWORD)]).await;
        let before = browser.cookies.clone();
        world.clock.advance(700);
        let page = browser.get(&at("/me/account/phone")).await;
        let hint = format!("{}****{}", &bound[..3], &bound[7..]);
        assert!(page.text().contains(&hint) && !page.text().contains(&bound), "{}", page.text());
        let csrf = page.hidden("_csrf").unwrap();
        let csrf = ("_csrf", csrf.as_str());
        let old = "/me/account/phone/old";
        let none = browser.post(&at(old), &[csrf, ("phone", ""), ("current_password", PASSWORD)]).await;
        let other =
            browser.post(&at(old), &[csrf, ("phone", "15900000009"), ("current_password", PASSWORD)]).await;
        assert!(none.status == 422 && other.status == 422 && other.text().contains("不一致"));
        let stale = browser.post(&at(old), &[csrf, ("phone", &bound)]).await;
        assert_eq!(stale.status, 403, "without the password");
        assert!(world.sms(&bound).iter().all(|m| m["purpose"] != "change_phone_old"), "no code so far");
        let sent = browser.post(&at(old), &[csrf, ("phone", &bound), ("current_password", PASSWORD)]).await;
        assert_eq!(sent.status, 200, "{}", sent.text());
        let code = world.code_for(&bound, "change_phone_old").await;
        let next = browser.post(&at("/me/account/phone/verify"), &[csrf, ("code", &code)]).await;
        assert!(next.text().contains("新手机号"), "{}", next.url);
        assert_ne!(browser.cookies, before, "a new token after the proof (item 1)");
        let (new, send) = ("15900000001", "/me/account/phone/new");
        assert_eq!(browser.post(&at(send), &[csrf, ("phone", new)]).await.status, 200);
        let code = world.code_for(new, "change_phone_new").await;
        let done = browser.post(&at("/me/account/phone"), &[csrf, ("phone", new), ("code", &code)]).await;
        assert!(done.text().contains("手机号已更换"), "{}", done.text());
    })
    .await;
}

/// Binds a phone as the forced step of a second account.
async fn second_account(world: &World, account: &str, to: &str) -> Client {
    let secret =
        app::cli::create_account(&world.site, (account, "李同"), Role::Staff, "43010001").await.unwrap();
    world.clock.advance(61);
    let token = world.sign_in(account, &secret).await["token"].as_str().unwrap().to_owned();
    let client = world.anyone.with_token(&token);
    let change = json!({"new_password": PASSWORD});
    assert_eq!(client.call("PUT", "/api/v1/me/password", change).await.status, 204);
    assert_eq!(ask(&client, json!({"purpose": "bind_phone", "phone": to})).await.status, 202);
    let code = world.code_for(to, "bind_phone").await;
    let bound = client.call("PUT", "/api/v1/me/phone", json!({"phone": to, "code": code})).await;
    assert_eq!(bound.status, 204, "{:?}", bound.json);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_share_a_phone_only_with_both_consents_and_the_administrators_approval() {
    on_both(|world| async move {
        let admin = world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        world.ready("wangfang", Role::Staff, "43010001").await;
        let bound = phone("wangfang");
        let second = second_account(&world, "liming", &bound).await;
        let by_phone = json!({"account": bound, "password": PASSWORD});
        assert_eq!(
            world.anyone.call("POST", "/api/v1/sessions", by_phone.clone()).await.status,
            401,
            "shared"
        );
        world.clock.advance(61);
        let recover = json!({"account": "liming", "phone": bound});
        assert_eq!(world.anyone.call("POST", "/api/v1/password-resets", recover).await.status, 202);
        world.settle().await;
        assert!(world.sms(&bound).iter().all(|m| m["purpose"] != "reset_password"), "not yet the second's");
        let first = signed_in(&world, "wangfang").await;
        let shares = first.call("GET", "/api/v1/me/phone-shares", Value::Null).await.json;
        let share = &shares["items"][0];
        assert!(share["is_mine"] == true && share["agreed"] == false && share["name"] == "李同", "{shares}");
        let path = format!("/api/v1/me/phone-shares/{}", share["id"].as_str().unwrap());
        let agree = json!({"decision": "agree"});
        assert_eq!(second.call("POST", &path, agree.clone()).await.status, 404, "not the second's to say");
        assert_eq!(first.call("POST", &path, agree).await.status, 204);
        let whose = second.call("GET", "/api/v1/sessions/current", Value::Null).await;
        let of = format!("/api/v1/people/{}/phone-share", whose.json["person"]["id"].as_str().unwrap());
        let approve = json!({"decision": "approve", "reason": "夫妻共用，双方到场"});
        assert_eq!(admin.call("POST", &of, approve).await.status, 200);
        world.clock.advance(8 * 86_400);
        accounts::schedule(&world.site).await.unwrap();
        world.settle().await;
        let second = signed_in(&world, "liming").await;
        let page = second.call("GET", "/me/account", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("已批准"));
        assert_eq!(
            world.anyone.call("POST", "/api/v1/sessions", by_phone).await.status,
            401,
            "still (contract)"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_refused_or_forgotten_takes_the_phone_off_the_second_account() {
    on_both(|world| async move {
        world.ready("wangfang", Role::Staff, "43010001").await;
        let bound = phone("wangfang");
        let open = async |account: &str| world.sign_in(account, PASSWORD).await["required_actions"].clone();
        let second = second_account(&world, "liming", &bound).await;
        let first = signed_in(&world, "wangfang").await;
        let shares = first.call("GET", "/api/v1/me/phone-shares", Value::Null).await.json;
        let path = format!("/api/v1/me/phone-shares/{}", shares["items"][0]["id"].as_str().unwrap());
        assert_eq!(first.call("POST", &path, json!({"decision": "refuse"})).await.status, 204);
        let ended = second.call("GET", "/api/v1/me/profile", Value::Null).await;
        assert_eq!((ended.status, ended.code()), (401, "session_ended"));
        assert_eq!(open("liming").await, json!(["bind_phone"]));
        second_account(&world, "zhaoliu", &bound).await;
        world.clock.advance(8 * 86_400);
        accounts::schedule(&world.site).await.unwrap();
        world.settle().await;
        assert_eq!(open("zhaoliu").await, json!(["bind_phone"]));
        assert_eq!(open("wangfang").await, json!([]), "the first owner keeps it");
    })
    .await;
}

/// No mobile phone: approved in person, then an authenticator stands in for it.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_phone_an_authenticator_stands_in_after_approval_in_person() {
    on_both(|world| async move {
        let admin = world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        let secret =
            app::cli::create_account(&world.site, ("laoli", "老李"), Role::Staff, "43010001").await.unwrap();
        let opened = world.sign_in("laoli", &secret).await;
        let old = world.anyone.with_token(opened["token"].as_str().unwrap());
        let change = json!({"new_password": PASSWORD});
        assert_eq!(old.call("PUT", "/api/v1/me/password", change).await.status, 204);
        let early = old.call("POST", "/api/v1/me/totp", Value::Null).await;
        assert_eq!((early.status, early.code()), (403, "action_required"), "not without approval");
        let path = format!("/api/v1/people/{}/phone-waiver", opened["person"]["id"].as_str().unwrap());
        assert_eq!(old.call("POST", &path, json!({"reason": "我没有手机"})).await.status, 403);
        assert_eq!(admin.call("POST", &path, json!({"reason": "本人到场，确无手机"})).await.status, 200);
        let offer = old.call("POST", "/api/v1/me/totp", Value::Null).await.json;
        let secret = totp_rs::Secret::try_from_base32(offer["secret"].as_str().unwrap()).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
        let code = app.generate(u64::try_from(world.clock.now_millis() / 1000).unwrap()).to_string();
        let on = json!({"sealed": offer["sealed"], "code": code});
        assert_eq!(old.call("PUT", "/api/v1/me/totp", on).await.status, 204);
        assert_eq!(old.call("GET", "/api/v1/me/profile", Value::Null).await.status, 200, "no step is open");
    })
    .await;
}
