//! The end of sign-ins: at a client's wish, after an account was secured; and the change of keys.
use serde_json::{Value, json};
use testkit::Client;

use super::party::{BACK, Party, browser, claims, scene, sign_in, signed_in};
use crate::world::{PASSWORD, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_signs_its_person_out_and_sends_nobody_to_a_strange_address() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let (mut browser, code) = signed_in(&party, &account).await;
        let (_, tokens) = party.exchange(&code, &[]).await;
        let (id, access) = (tokens["id_token"].as_str().unwrap(), tokens["access_token"].as_str().unwrap());
        let logout = |pairs: &[(&str, &str)]| {
            let mut url = url::Url::parse(&format!("{}/openid/logout", party.hub)).unwrap();
            url.query_pairs_mut().extend_pairs(pairs);
            url.to_string()
        };
        let (bye, evil) = ("http://127.0.0.1:9/bye", "https://evil.example/");
        let unsigned =
            format!("{}.{}.", secrets::base64url(br#"{"alg":"none"}"#), id.split('.').nth(1).unwrap());
        for wrong in [
            vec![("id_token_hint", id), ("post_logout_redirect_uri", evil)],
            vec![("id_token_hint", id), ("post_logout_redirect_uri", BACK)],
            vec![("post_logout_redirect_uri", bye)],
            vec![("id_token_hint", &unsigned), ("post_logout_redirect_uri", bye)],
            vec![("id_token_hint", id), ("client_id", "nobody")],
        ] {
            let page = browser.get(&logout(&wrong)).await;
            assert_eq!((page.status, page.url.path()), (400, "/openid/logout"), "{wrong:?}");
        }
        assert_eq!(party.userinfo(access).await.status, 200, "nothing was ended");
        let asked = browser.get(&logout(&[])).await;
        assert!(asked.text().contains("要退出管理平台吗"), "without proof the person is asked");
        let back = browser
            .get(&logout(&[("id_token_hint", id), ("post_logout_redirect_uri", bye), ("state", "x y")]))
            .await;
        assert_eq!(back.url.as_str(), "http://127.0.0.1:9/bye?state=x+y");
        let page = browser.get(&party.authorization(&[])).await;
        assert_eq!(page.url.path(), "/sign-in", "signed out here too");
        world.settle().await;
        assert_eq!(party.userinfo(access).await.status, 401, "and the tokens with it");
        let (mut browser, _) = {
            let page = browser.get(&party.authorization(&[])).await;
            let back = sign_in(&mut browser, &party.hub, &page, &account).await;
            (browser, back)
        };
        let page =
            browser.get(&logout(&[("client_id", party.id()), ("post_logout_redirect_uri", bye)])).await;
        let (csrf, query) = (page.hidden("_csrf").unwrap(), page.hidden("query").unwrap());
        let fields = [("_csrf", csrf.as_str()), ("query", query.as_str())];
        let back = browser.post(&format!("{}/openid/logout/confirm", party.hub), &fields).await;
        assert_eq!(back.url.as_str(), bye);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_and_old_tokens_are_still_known_for_a_day() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let (mut browser, code) = signed_in(&party, &account).await;
        let (_, before) = party.exchange(&code, &[]).await;
        world.clock.advance(1);
        openid::rotate_keys(&world.site).await.unwrap();
        let mut exchanged = async || {
            let code = browser.get(&party.authorization(&[])).await.parameter("code").unwrap();
            party.exchange(&code, &[]).await.1
        };
        let early = exchanged().await;
        world.clock.advance(600);
        let after = exchanged().await;
        let kid = |tokens: &Value| {
            let header = tokens["id_token"].as_str().unwrap().split('.').next().unwrap().to_owned();
            serde_json::from_slice::<Value>(&secrets::from_base64url(&header).unwrap()).unwrap()["kid"]
                .clone()
        };
        assert_eq!(kid(&before), kid(&early), "a new key is published for ten minutes before it signs");
        assert_ne!(kid(&before), kid(&after));
        claims(&party, before["id_token"].as_str().unwrap()).await;
        claims(&party, after["id_token"].as_str().unwrap()).await;
        world.clock.advance(86_400);
        let keys = party.anyone.call("GET", "/openid/jwks.json", Value::Null).await.json;
        assert_eq!(keys["keys"].as_array().unwrap().len(), 1, "the old one is no longer published");
        assert_eq!(keys["keys"][0]["kid"], kid(&after));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_other_sessions_tokens_and_codes_at_once_and_nothing_that_begins_after_it() {
    on_both(|world| async move {
        let (teacher, account, party) = scene(&world).await;
        let (mut browser, code) = signed_in(&party, &account).await;
        let (_, before) = party.exchange(&code, &[]).await;
        let unspent = browser.get(&party.authorization(&[])).await.parameter("code").unwrap();
        let new = "Wm7$gardenLamp";
        let body = json!({"current_password": PASSWORD, "new_password": new});
        assert_eq!(teacher.call("PUT", "/api/v1/me/password", body).await.status, 204);
        assert_eq!(party.exchange(&unspent, &[]).await.0, 400, "a code of an ended session");
        assert!(!opens(&party, &before).await);
        let signed_in = world.sign_in(&account, new).await;
        let fresh = world.anyone.with_token(signed_in["token"].as_str().unwrap());
        let (kept, fresh) = (launched(&party, &teacher).await, launched(&party, &fresh).await);
        let told = "SELECT COUNT(*) FROM jobs WHERE kind = 'accounts.sessions_ended'";
        for _ in 0..200 {
            if db::count(&world.site.db, told, vec![]).await.unwrap() == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        assert_eq!(db::count(&world.site.db, told, vec![]).await.unwrap(), 0, "the job was done");
        assert!(opens(&party, &kept).await, "the session that changed the password goes on");
        assert!(opens(&party, &fresh).await, "and so does one that began after it");
        assert!(!opens(&party, &before).await);
    })
    .await;
}

async fn opens(party: &Party, tokens: &Value) -> bool {
    party.userinfo(tokens["access_token"].as_str().unwrap()).await.status == 200
}

/// Tokens of a launch from the client's session.
async fn launched(party: &Party, from: &Client) -> Value {
    let launched = from.call("POST", "/api/v1/providers/webtrn/launch", json!({})).await;
    let url = url::Url::parse(launched.json["url"].as_str().unwrap()).unwrap();
    let hint = url.query_pairs().find(|(n, _)| n == "login_hint").unwrap().1.into_owned();
    let back = browser().get(&party.authorization(&[("login_hint", &hint)])).await;
    party.exchange(&back.parameter("code").unwrap(), &[]).await.1
}
