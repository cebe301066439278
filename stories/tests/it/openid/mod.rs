//! Signing in at a provider with the account here: the whole way, and what must not work.
mod logout;
mod party;

use party::{BACK, Party, VERIFIER, agree, browser, claims, scene, sign_in, signed_in};
use serde_json::{Value, json};
use testkit::{Browser, Client};

use crate::world::{World, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_agrees_once_and_the_provider_learns_name_unit_and_its_own_id() {
    on_both(|world| async move {
        let (teacher, account, party) = scene(&world).await;
        let mut browser = browser();
        let page = browser.get(&party.authorization(&[])).await;
        let page = sign_in(&mut browser, &party.hub, &page, &account).await;
        let declined = agree(&mut browser, &party.hub, &page, "decline").await;
        assert_eq!(declined.parameter("error").unwrap(), "access_denied");
        let page = browser.get(&party.authorization(&[])).await;
        let back = agree(&mut browser, &party.hub, &page, "agree").await;
        assert_eq!(
            (back.parameter("state"), back.parameter("iss")),
            (Some("s1".into()), Some(party.hub.clone()))
        );
        let (status, tokens) = party.exchange(&back.parameter("code").unwrap(), &[]).await;
        assert_eq!(
            (status, &tokens["token_type"], &tokens["scope"]),
            (200, &json!("Bearer"), &json!("openid profile"))
        );
        let id = claims(&party, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!(
            (&id["iss"], &id["aud"], &id["nonce"]),
            (&json!(party.hub), &json!(party.id()), &json!("n1"))
        );
        assert_eq!(id["auth_time"], json!(world.site.now().as_second()));
        let info = party.userinfo(tokens["access_token"].as_str().unwrap()).await.json;
        assert_eq!(
            info,
            json!({"sub": id["sub"], "name": "教师001", "unit_name": "湖南某学院"}),
            "no number, no phone"
        );
        let again = browser.get(&party.authorization(&[("scope", "openid"), ("prompt", "none")])).await;
        let (_, again) = party.exchange(&again.parameter("code").expect("asked once only"), &[]).await;
        let info = party.userinfo(again["access_token"].as_str().unwrap()).await.json;
        assert_eq!(info, json!({"sub": id["sub"]}), "without the scope nothing but the id");
        world.clock.advance(601);
        assert_eq!(party.userinfo(again["access_token"].as_str().unwrap()).await.status, 401);
        let other = Party::new(&world, "ischinese").await;
        let page = browser.get(&other.authorization(&[])).await;
        let back = agree(&mut browser, &other.hub, &page, "agree").await;
        let (_, tokens) = other.exchange(&back.parameter("code").unwrap(), &[]).await;
        let elsewhere = claims(&other, tokens["id_token"].as_str().unwrap()).await;
        assert_ne!(elsewhere["sub"], id["sub"], "each provider knows a person by another id");
        drop(teacher);
    })
    .await;
}

/// The account that looks after a party's provider.
async fn operator(world: &World, provider: &str) -> Client {
    let client = world.ready("jigou", base::Role::Provider, "43").await;
    let who = client.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
    let person = who["person"]["id"].as_str().unwrap().parse().unwrap();
    providers::seat(&world.site, provider, person).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn two_client_secrets_are_valid_while_one_follows_the_other() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let operator = operator(&world, "webtrn").await;
        let path = "/api/v1/provider/client-secrets";
        let old = operator.call("GET", path, Value::Null).await.json["items"][0]["id"].clone();
        let last = operator.call("DELETE", &format!("{path}/{}", old.as_str().unwrap()), Value::Null).await;
        assert_eq!((last.status, last.code()), (409, "client_last_secret"));
        let made = operator.call("POST", path, json!({})).await;
        assert_eq!((made.status, &made.json["client_id"]), (201, &json!(party.id())), "{:?}", made.json);
        let fresh = made.json["client_secret"].as_str().unwrap().to_owned();
        assert_eq!(operator.call("POST", path, json!({})).await.code(), "client_two_secrets");
        let (mut browser, code) = signed_in(&party, &account).await;
        assert_eq!(party.exchange(&code, &[]).await.0, 200, "the old one still holds");
        let code = async |browser: &mut Browser| {
            browser.get(&party.authorization(&[("prompt", "none")])).await.parameter("code").unwrap()
        };
        let next = code(&mut browser).await;
        assert_eq!(
            party.exchange(&next, &[("client_secret", &fresh)]).await.0,
            200,
            "and so does the new one"
        );
        let ended = operator.call("DELETE", &format!("{path}/{}", old.as_str().unwrap()), Value::Null).await;
        assert_eq!(ended.status, 204);
        let next = code(&mut browser).await;
        assert_eq!(party.exchange(&next, &[]).await.0, 401, "the old one has ended");
        let next = code(&mut browser).await;
        assert_eq!(party.exchange(&next, &[("client_secret", &fresh)]).await.0, 200);
        let page = operator.call("GET", "/provider/client", Value::Null).await;
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(page.contains("已停用") && !page.contains(&fresh), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_its_own_people_signs_in_at_a_suspended_provider_and_the_reason_is_said() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let (mut browser, _) = signed_in(&party, &account).await;
        operator(&world, "webtrn").await;
        let boss = world.ready("sheng", base::Role::Authority, "43").await;
        assert_eq!(crate::relations::decide_on(&boss, "webtrn", "suspend", "核查学习记录").await, 204);
        let page = browser.get(&party.authorization(&[])).await;
        assert_eq!(page.status, 403);
        assert!(page.text().contains("核查学习记录") && page.text().contains("不会丢失"), "{}", page.text());
        let silent = browser.get(&party.authorization(&[("prompt", "none")])).await;
        assert_eq!(silent.parameter("error").unwrap(), "temporarily_unavailable");
        let mut own = party::browser();
        let page = own.get(&party.authorization(&[])).await;
        let page = sign_in(&mut own, &party.hub, &page, "jigou").await;
        assert!(page.text().contains("同意并登录"), "its own people mend what is wrong: {}", page.text());
        assert_eq!(crate::relations::decide_on(&boss, "webtrn", "resume", "").await, 204);
        let back = browser.get(&party.authorization(&[])).await;
        assert!(back.parameter("code").is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_is_live_a_providers_own_people_alone_sign_in() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        operator(&world, "webtrn").await;
        let sql = "UPDATE providers SET standing = 'sandbox' WHERE name = 'webtrn'";
        db::execute(&world.site.db, sql, vec![]).await.unwrap();
        let mut stranger = browser();
        let page = stranger.get(&party.authorization(&[])).await;
        let page = sign_in(&mut stranger, &party.hub, &page, &account).await;
        assert!(page.text().contains("还没有上线"), "{}", page.text());
        let silent = stranger.get(&party.authorization(&[("prompt", "none")])).await;
        assert_eq!(silent.parameter("error").unwrap(), "temporarily_unavailable");
        let mut own = browser();
        let page = own.get(&party.authorization(&[])).await;
        let page = sign_in(&mut own, &party.hub, &page, "jigou").await;
        assert!(page.text().contains("同意并登录"), "it tries its own site: {}", page.text());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_says_itself_where_it_is_reached_at_its_own_site_only() {
    on_both(|world| async move {
        let (_teacher, _, party) = scene(&world).await;
        let operator = operator(&world, "webtrn").await;
        let path = "/api/v1/provider/client";
        let before = operator.call("GET", path, Value::Null).await;
        assert_eq!((before.status, &before.json["client_id"]), (200, &json!(party.id())), "{:?}", before.json);
        let back = before.json["redirect_uris"][0].as_str().unwrap().to_owned();
        let home = back.split("/enter").next().unwrap().trim_end_matches('/').to_owned();
        let home = url::Url::parse(&home).unwrap().origin().ascii_serialization();
        let to = |redirect: &str, heard: &str| {
            json!({"redirect_uris": [back, redirect], "post_logout_redirect_uris": [format!("{home}/bye")],
                "backchannel_logout_uri": heard})
        };
        for (redirect, heard, field) in [
            ("https://evil.example/cb", format!("{home}/out"), "redirect_uris"),
            (&format!("{home}/two"), "https://evil.example/out".to_owned(), "backchannel_logout_uri"),
        ] {
            let refused = operator.call("PUT", path, to(redirect, &heard)).await;
            assert_eq!((refused.status, &refused.json["errors"][0]["field"]), (422, &json!(field)));
        }
        let changed = operator.call("PUT", path, to(&format!("{home}/two"), &format!("{home}/out"))).await;
        assert_eq!(changed.status, 200, "{:?}", changed.json);
        assert_eq!(changed.json["backchannel_logout_uri"], format!("{home}/out"));
        let page = operator.call("GET", "/provider/client", Value::Null).await;
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(page.contains(&format!("{home}/bye")) && page.contains(party.id()), "{page}");
        let form = format!("redirect_uris=https%3A%2F%2Fevil.example%2Fcb&post_logout_redirect_uris=&backchannel_logout_uri=&_csrf={}",
            crate::roster::csrf(&operator).await);
        let sent = ("application/x-www-form-urlencoded", form.into_bytes());
        let page = operator.send("POST", "/provider/client/addresses", sent, &[]).await;
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(page.contains("evil.example") && page.contains("不在已登记的网站之下"), "{page}");
        let kept = operator.call("GET", path, Value::Null).await.json;
        assert_eq!(kept["redirect_uris"], json!([back, format!("{home}/two")]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_names_what_there_is_and_nothing_secret_is_kept_by_caches() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let found = party.anyone.call("GET", "/.well-known/openid-configuration", Value::Null).await;
        assert_eq!((found.status, &found.json["issuer"]), (200, &json!(party.hub)));
        for (name, expected) in [
            ("response_types_supported", json!(["code"])),
            ("grant_types_supported", json!(["authorization_code"])),
            ("code_challenge_methods_supported", json!(["S256"])),
            ("subject_types_supported", json!(["pairwise"])),
            ("id_token_signing_alg_values_supported", json!(["RS256"])),
            ("backchannel_logout_session_supported", json!(true)),
        ] {
            assert_eq!(found.json[name], expected, "{name}");
        }
        for name in ["authorization", "token", "userinfo", "end_session"] {
            let address = found.json[format!("{name}_endpoint")].as_str().unwrap();
            assert!(address.starts_with(&party.hub), "{address}");
        }
        let keys = party.anyone.call("GET", "/openid/jwks.json", Value::Null).await.json;
        for part in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(keys["keys"][0].get(part).is_none(), "{part} is private");
        }
        let (_, code) = signed_in(&party, &account).await;
        let body =
            format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}");
        let form = ("application/x-www-form-urlencoded", body.clone().into_bytes());
        let basic = |secret: &str| format!("Basic {}", base64(&format!("{}:{secret}", party.id())));
        let send = async |kind: (&str, Vec<u8>), authorization: &str| {
            party.anyone.send("POST", "/openid/token", kind, &[("authorization", authorization)]).await
        };
        let secret = party.enrolled.client.client_secret.clone();
        let wrong = send(form.clone(), &basic("wrong")).await;
        assert_eq!((wrong.status, &wrong.json["error"]), (401, &json!("invalid_client")));
        assert!(wrong.headers["www-authenticate"].to_str().unwrap().starts_with("Basic "));
        let json_kind = ("application/json", b"{}".to_vec());
        assert_eq!(send(json_kind, &basic(&secret)).await.json["error"], "invalid_request");
        let twice = (form.0, format!("{body}&client_secret={secret}").into_bytes());
        assert_eq!(send(twice, &basic(&secret)).await.json["error"], "invalid_request", "two ways at once");
        let doubled = (form.0, format!("{body}&code=x").into_bytes());
        assert_eq!(send(doubled, &basic(&secret)).await.json["error"], "invalid_request");
        let given = send(form, &basic(&secret)).await;
        assert_eq!(given.status, 200, "client_secret_basic");
        assert!(given.headers["cache-control"].to_str().unwrap().contains("no-store"));
        let access = given.json["access_token"].as_str().unwrap();
        let none = party.anyone.call("GET", "/openid/userinfo", Value::Null).await;
        assert_eq!((none.status, none.headers["www-authenticate"].to_str().unwrap()), (401, "Bearer"));
        let path = format!("/openid/userinfo?access_token={access}");
        let in_address = party.anyone.call("GET", &path, Value::Null).await;
        assert_eq!(in_address.status, 401, "a token in an address is none");
        let posted = party.anyone.with_token(access).call("POST", "/openid/userinfo", Value::Null).await;
        assert_eq!(posted.status, 200);
        let api = party.anyone.with_token(access).call("GET", "/api/v1/me/profile", Value::Null).await;
        assert_eq!(api.status, 401, "an access token opens nothing else here");
        let id = given.json["id_token"].as_str().unwrap();
        let by_id = party.anyone.with_token(id).call("GET", "/openid/userinfo", Value::Null).await;
        assert_eq!(by_id.status, 401, "an ID token is no access token");
    })
    .await;
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_for_its_client_its_address_and_its_verifier_for_a_minute() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let other = Party::new(&world, "ischinese").await;
        let (mut browser, code) = signed_in(&party, &account).await;
        let refused = async |party: &Party, code: &str, changes: &[(&str, &str)]| {
            let (status, answer) = party.exchange(code, changes).await;
            (status, answer["error"].as_str().unwrap_or("").to_owned())
        };
        let grant = (400, "invalid_grant".to_owned());
        assert_eq!(refused(&other, &code, &[]).await, grant, "another client's code");
        for wrong in [("client_secret", "wrong"), ("client_id", "nobody"), ("client_secret", "")] {
            assert_eq!(refused(&party, &code, &[wrong]).await, (401, "invalid_client".into()), "{wrong:?}");
        }
        for missing in ["code_verifier", "redirect_uri", "code", "grant_type"] {
            assert_eq!(refused(&party, &code, &[(missing, "")]).await, (400, "invalid_request".into()));
        }
        let kind = refused(&party, &code, &[("grant_type", "password")]).await;
        assert_eq!(kind, (400, "unsupported_grant_type".into()));
        let (status, tokens) = party.exchange(&code, &[]).await;
        assert_eq!(status, 200, "nothing before has burnt it");
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(party.userinfo(access).await.status, 200);
        assert_eq!(refused(&party, &code, &[]).await, grant, "used before");
        assert_eq!(party.userinfo(access).await.status, 401, "and what came of it has ended");
        for wrong in [
            ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"),
            ("redirect_uri", "http://127.0.0.1:9/cb?site=2"),
            ("redirect_uri", "http://127.0.0.1:9/cb/"),
        ] {
            let code = browser.get(&party.authorization(&[])).await.parameter("code").unwrap();
            assert_eq!(refused(&party, &code, &[wrong]).await, grant, "{wrong:?}");
            assert_eq!(refused(&party, &code, &[]).await, grant, "a guess burns it");
        }
        let code = browser.get(&party.authorization(&[])).await.parameter("code").unwrap();
        world.clock.advance(60);
        assert_eq!(refused(&party, &code, &[]).await, grant, "a minute old");
        let code = browser.get(&party.authorization(&[])).await.parameter("code").unwrap();
        let (one, two) = tokio::join!(party.exchange(&code, &[]), party.exchange(&code, &[]));
        assert_eq!(one.0.min(two.0), 200, "of two at once one is given tokens");
        assert_eq!(one.0.max(two.0), 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_address_that_is_not_registered_and_errors_go_to_one_that_is() {
    on_both(|world| async move {
        let party = Party::new(&world, "webtrn").await;
        let mut browser = browser();
        for change in [
            ("redirect_uri", "https://evil.example/cb"),
            ("redirect_uri", "http://127.0.0.1:9/cb/../x"),
            ("redirect_uri", "http://127.0.0.1:9/CB"),
            ("redirect_uri", "http://127.0.0.1:9/cb?x=1"),
            ("redirect_uri", "http://127.0.0.1:9@evil.example/cb"),
            ("redirect_uri", ""),
            ("client_id", "nobody"),
            ("client_id", ""),
        ] {
            let page = browser.get(&party.authorization(&[change])).await;
            assert_eq!((page.status, page.url.path()), (400, "/openid/authorize"), "{change:?}");
        }
        for (change, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("scope", "profile"), "invalid_scope"),
            (("code_challenge", ""), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("request", "eyJ"), "request_not_supported"),
            (("prompt", "none"), "login_required"),
        ] {
            let back = browser.get(&party.authorization(&[change])).await;
            assert!(back.url.as_str().starts_with(BACK), "{}", back.url);
            assert_eq!(
                (back.parameter("error").unwrap().as_str(), back.parameter("state").unwrap().as_str()),
                (error, "s1")
            );
            assert_eq!(back.parameter("iss"), Some(party.hub.clone()));
        }
        let page = browser.get(&format!("{}/sign-in?next=//evil.example", party.hub)).await;
        assert_eq!(page.hidden("next").unwrap(), "/");
        let posted =
            browser.post(&format!("{}/openid/authorize", party.hub), &[("client_id", "nobody")]).await;
        assert_eq!((posted.status, posted.url.path()), (400, "/openid/authorize"), "POST goes on as GET");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_and_max_age_are_obeyed_and_cannot_be_feigned() {
    on_both(|world| async move {
        let (_teacher, account, party) = scene(&world).await;
        let (mut browser, _) = signed_in(&party, &account).await;
        let error = async |browser: &mut Browser, changes: &[(&str, &str)]| {
            browser.get(&party.authorization(changes)).await.parameter("error")
        };
        world.clock.advance(120);
        assert_eq!(error(&mut browser, &[("prompt", "none"), ("max_age", "120")]).await, None);
        let old = error(&mut browser, &[("prompt", "none"), ("max_age", "119")]).await;
        assert_eq!(old.as_deref(), Some("login_required"));
        let feigned = [("prompt", "login"), ("xueshi_asked", "1.00ff")];
        assert_eq!(browser.get(&party.authorization(&feigned)).await.url.path(), "/sign-in");
        let page = browser.get(&party.authorization(&[("prompt", "login")])).await;
        let next = page.hidden("next").unwrap();
        let skipped = browser.get(&format!("{}{}", party.hub, next.replace("/continue", "/authorize"))).await;
        assert_eq!(skipped.url.path(), "/sign-in", "going on without signing in");
        let back = sign_in(&mut browser, &party.hub, &page, &account).await;
        let (_, tokens) = party.exchange(&back.parameter("code").unwrap(), &[]).await;
        let id = claims(&party, tokens["id_token"].as_str().unwrap()).await;
        assert_eq!(id["auth_time"], json!(world.site.now().as_second()), "signed in just now");
        let page = browser.get(&party.authorization(&[("prompt", "consent")])).await;
        agree(&mut browser, &party.hub, &page, "agree").await.parameter("code").expect("asked again");
        let fresh = Party::new(&world, "ischinese").await;
        let back = browser.get(&fresh.authorization(&[("prompt", "none")])).await;
        assert_eq!(back.parameter("error").as_deref(), Some("consent_required"));
        let hint = tokens["id_token"].as_str().unwrap();
        let back = browser.get(&party.authorization(&[("prompt", "none"), ("id_token_hint", hint)])).await;
        assert!(back.parameter("code").is_some());
        let forged = format!("{}x", &hint[..hint.len() - 1]);
        let wrong = error(&mut browser, &[("prompt", "none"), ("id_token_hint", &forged)]).await;
        assert_eq!(wrong.as_deref(), Some("login_required"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forced_steps_come_before_any_provider() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let party = Party::new(&world, "webtrn").await;
        let path = format!("/api/v1/people/{}/password-reset", people[0]["id"].as_str().unwrap());
        let reset = admin.call("POST", &path, json!({"reason": "首次启用"})).await.json;
        let mut browser = browser();
        let page = browser.get(&party.authorization(&[])).await;
        let next = page.hidden("next").unwrap();
        let (account, secret) =
            (people[0]["account"].as_str().unwrap(), reset["one_time_password"].as_str().unwrap());
        let fields = [("account", account), ("password", secret), ("next", next.as_str())];
        let page = browser.post(&format!("{}/sign-in", party.hub), &fields).await;
        assert_eq!(page.url.path(), "/first-sign-in");
        let page = browser.get(&party.authorization(&[])).await;
        assert_eq!(page.url.path(), "/first-sign-in");
        let back = browser.get(&party.authorization(&[("prompt", "none")])).await;
        assert_eq!(back.parameter("error").as_deref(), Some("interaction_required"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_signs_in_whoever_opens_it_once_but_not_over_another_persons_session() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let first = world.trainee(&admin, &people[0]).await;
        world.trainee(&admin, &people[1]).await;
        let (party, other) = (Party::new(&world, "webtrn").await, Party::new(&world, "ischinese").await);
        let ticket = async |client: &Client| {
            let launched = client.call("POST", "/api/v1/providers/webtrn/launch", json!({})).await;
            let url = url::Url::parse(launched.json["url"].as_str().unwrap()).unwrap();
            let pair = |name: &str| url.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
            assert_eq!((url.path(), pair("iss")), ("/enter", party.hub.clone()));
            pair("login_hint")
        };
        let hint = ticket(&first).await;
        let foreign = browser().get(&other.authorization(&[("login_hint", &hint)])).await;
        assert_eq!(foreign.url.path(), "/sign-in", "another provider's ticket");
        let back = browser().get(&party.authorization(&[("login_hint", &hint)])).await;
        let (status, tokens) = party.exchange(&back.parameter("code").unwrap(), &[]).await;
        assert_eq!(status, 200);
        let info = party.userinfo(tokens["access_token"].as_str().unwrap()).await.json;
        assert_eq!(info["name"], people[0]["name"]);
        let again = browser().get(&party.authorization(&[("login_hint", &hint)])).await;
        assert_eq!(again.url.path(), "/sign-in", "good once");
        let late = ticket(&first).await;
        world.clock.advance(60);
        assert_eq!(
            browser().get(&party.authorization(&[("login_hint", &late)])).await.url.path(),
            "/sign-in"
        );
        let (mut second, _) = signed_in(&party, people[1]["account"].as_str().unwrap()).await;
        let slipped = second.get(&party.authorization(&[("login_hint", &ticket(&first).await)])).await;
        let (_, tokens) = party.exchange(&slipped.parameter("code").unwrap(), &[]).await;
        let info = party.userinfo(tokens["access_token"].as_str().unwrap()).await.json;
        assert_eq!(info["name"], people[1]["name"], "who is signed in stays who they are");
        let ended = ticket(&first).await;
        assert_eq!(first.call("DELETE", "/api/v1/sessions/current", Value::Null).await.status, 204);
        assert_eq!(
            browser().get(&party.authorization(&[("login_hint", &ended)])).await.url.path(),
            "/sign-in"
        );
    })
    .await;
}
