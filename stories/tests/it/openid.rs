//! Signing in at a provider with the account here: the whole way, and what must not work.
use app::enrol::{Enrolled, enrol};
use openid::Addresses;
use serde_json::{Value, json};
use testkit::{Browser, Client, Page};

use crate::world::{PASSWORD, World, on_both};

const BACK: &str = "http://127.0.0.1:9/cb";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A provider's side of the matter.
struct Party {
    hub: String,
    enrolled: Enrolled,
    anyone: Client,
}

impl Party {
    async fn new(world: &World, name: &str) -> Self {
        let addresses = Addresses {
            redirect: vec![BACK.into(), format!("{BACK}?site=2")],
            post_logout: vec!["http://127.0.0.1:9/bye".into()],
            backchannel: None,
        };
        let listing = providers::Listing { title: "某培训平台".into(), ..Default::default() };
        let enrolled = enrol(&world.site, name, &addresses, &listing).await.unwrap();
        Self { hub: world.url.clone(), enrolled, anyone: world.anyone.clone() }
    }

    fn id(&self) -> &str {
        &self.enrolled.client.client_id
    }

    /// The address of an authorization, with some parameters changed; an empty value leaves one out.
    fn authorization(&self, changes: &[(&str, &str)]) -> String {
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.id()),
            ("redirect_uri", BACK),
            ("scope", "openid profile"),
            ("state", "s1"),
            ("nonce", "n1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(n, _)| n != name);
            pairs.push((name, value));
        }
        let mut url = url::Url::parse(&format!("{}/openid/authorize", self.hub)).unwrap();
        url.query_pairs_mut().extend_pairs(pairs.into_iter().filter(|(_, v)| !v.is_empty()));
        url.to_string()
    }

    async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
            ("client_id", self.id()),
            ("client_secret", &self.enrolled.client.client_secret),
        ];
        for (name, value) in changes {
            fields.retain(|(n, _)| n != name);
            fields.push((name, value));
        }
        let mut form = url::Url::parse("http://form/").unwrap();
        form.query_pairs_mut().extend_pairs(fields.into_iter().filter(|(_, v)| !v.is_empty()));
        let body = form.query().unwrap().as_bytes().to_vec();
        let kind = "application/x-www-form-urlencoded";
        let answer = self.anyone.send("POST", "/openid/token", (kind, body), &[]).await;
        (answer.status, answer.json)
    }

    async fn userinfo(&self, token: &str) -> testkit::Answer {
        self.anyone.with_token(token).call("GET", "/openid/userinfo", Value::Null).await
    }
}

fn browser() -> Browser {
    Browser::stopping_at("http://127.0.0.1:9")
}

/// Signs in on the page that was reached and goes on from the page between.
async fn sign_in(browser: &mut Browser, hub: &str, page: &Page, account: &str) -> Page {
    assert_eq!(page.url.path(), "/sign-in", "{}", page.text());
    let next = page.hidden("next").unwrap();
    let fields = [("account", account), ("password", PASSWORD), ("next", next.as_str())];
    let between = browser.post(&format!("{hub}/sign-in"), &fields).await;
    assert_eq!((between.status, between.url.path()), (200, "/openid/continue"), "{}", between.text());
    let to = between.text().split("btn-primary\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    browser.get(&format!("{hub}{}", to.replace("&#38;", "&"))).await
}

async fn agree(browser: &mut Browser, hub: &str, page: &Page, decision: &str) -> Page {
    assert!(page.text().contains("同意并登录"), "{} {}", page.url, page.text());
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' http://127.0.0.1:9"), "{policy}");
    let (csrf, query) = (page.hidden("_csrf").unwrap(), page.hidden("query").unwrap());
    let fields = [("_csrf", csrf.as_str()), ("query", query.as_str()), ("decision", decision)];
    browser.post(&format!("{hub}/openid/consent"), &fields).await
}

/// A person with the first steps done, the account's name, and a provider.
async fn scene(world: &World) -> (Client, String, Party) {
    let (admin, people) = world.college(1).await;
    let teacher = world.trainee(&admin, &people[0]).await;
    let account = people[0]["account"].as_str().unwrap().to_owned();
    (teacher, account, Party::new(world, "webtrn").await)
}

/// Signs in for the first time; the browser and the code.
async fn signed_in(party: &Party, account: &str) -> (Browser, String) {
    let mut browser = browser();
    let page = browser.get(&party.authorization(&[])).await;
    let page = sign_in(&mut browser, &party.hub, &page, account).await;
    let back = agree(&mut browser, &party.hub, &page, "agree").await;
    let code = back.parameter("code").unwrap_or_else(|| panic!("{}", back.url));
    (browser, code)
}

/// The claims of a token, whose signature the published keys must verify.
async fn claims(party: &Party, token: &str) -> Value {
    let keys = party.anyone.call("GET", "/openid/jwks.json", Value::Null).await.json;
    let part = |n: usize| secrets::from_base64url(token.split('.').nth(n).unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&part(0)).unwrap();
    assert_eq!(header["alg"], "RS256");
    let key = keys["keys"].as_array().unwrap().iter().find(|k| k["kid"] == header["kid"]).unwrap();
    let number = |name: &str| secrets::from_base64url(key[name].as_str().unwrap()).unwrap();
    let public = ring::rsa::PublicKeyComponents { n: number("n"), e: number("e") };
    let signed = token.rsplit_once('.').unwrap().0;
    let alg = &ring::signature::RSA_PKCS1_2048_8192_SHA256;
    public.verify(alg, signed.as_bytes(), &part(2)).unwrap();
    serde_json::from_slice(&part(1)).unwrap()
}

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
        let code = browser.get(&party.authorization(&[])).await.parameter("code").unwrap();
        let (_, after) = party.exchange(&code, &[]).await;
        let kid = |tokens: &Value| {
            let header = tokens["id_token"].as_str().unwrap().split('.').next().unwrap().to_owned();
            serde_json::from_slice::<Value>(&secrets::from_base64url(&header).unwrap()).unwrap()["kid"]
                .clone()
        };
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
