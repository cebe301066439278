//! A provider that signs people in here, played: its requests, and a browser between.
use app::enrol::{Enrolled, enrol};
use openid::Addresses;
use serde_json::Value;
use testkit::{Browser, Client, Page};

use crate::world::{PASSWORD, World};

pub const BACK: &str = "http://127.0.0.1:9/cb";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A provider's side of the matter.
pub struct Party {
    pub hub: String,
    pub enrolled: Enrolled,
    pub anyone: Client,
}

impl Party {
    pub async fn new(world: &World, name: &str) -> Self {
        let addresses = Addresses {
            redirect: vec![BACK.into(), format!("{BACK}?site=2")],
            post_logout: vec!["http://127.0.0.1:9/bye".into()],
            backchannel: None,
        };
        let listing = providers::Listing { title: "某培训平台".into(), ..Default::default() };
        let enrolled = enrol(&world.site, name, &addresses, &listing).await.unwrap();
        Self { hub: world.url.clone(), enrolled, anyone: world.anyone.clone() }
    }

    pub fn id(&self) -> &str {
        &self.enrolled.client.client_id
    }

    /// The address of an authorization, with some parameters changed; an empty value leaves one out.
    pub fn authorization(&self, changes: &[(&str, &str)]) -> String {
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

    pub async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
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

    pub async fn userinfo(&self, token: &str) -> testkit::Answer {
        self.anyone.with_token(token).call("GET", "/openid/userinfo", Value::Null).await
    }
}

pub fn browser() -> Browser {
    Browser::stopping_at("http://127.0.0.1:9")
}

/// Signs in on the page that was reached and goes on from the page between.
pub async fn sign_in(browser: &mut Browser, hub: &str, page: &Page, account: &str) -> Page {
    assert_eq!(page.url.path(), "/sign-in", "{}", page.text());
    let (next, csrf) = (page.hidden("next").unwrap(), page.hidden("_csrf").unwrap());
    let fields =
        [("account", account), ("password", PASSWORD), ("next", next.as_str()), ("_csrf", csrf.as_str())];
    let between = browser.post(&format!("{hub}/sign-in"), &fields).await;
    assert_eq!((between.status, between.url.path()), (200, "/openid/continue"), "{}", between.text());
    let to = between.text().split("btn-primary\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    browser.get(&format!("{hub}{}", to.replace("&#38;", "&"))).await
}

pub async fn agree(browser: &mut Browser, hub: &str, page: &Page, decision: &str) -> Page {
    assert!(page.text().contains("同意并登录"), "{} {}", page.url, page.text());
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' http://127.0.0.1:9"), "{policy}");
    let (csrf, query) = (page.hidden("_csrf").unwrap(), page.hidden("query").unwrap());
    let fields = [("_csrf", csrf.as_str()), ("query", query.as_str()), ("decision", decision)];
    browser.post(&format!("{hub}/openid/consent"), &fields).await
}

/// A person with the first steps done, the account's name, and a provider.
pub async fn scene(world: &World) -> (Client, String, Party) {
    let (admin, people) = world.college(1).await;
    let teacher = world.trainee(&admin, &people[0]).await;
    let account = people[0]["account"].as_str().unwrap().to_owned();
    (teacher, account, Party::new(world, "webtrn").await)
}

/// Signs in for the first time; the browser and the code.
pub async fn signed_in(party: &Party, account: &str) -> (Browser, String) {
    let mut browser = browser();
    let page = browser.get(&party.authorization(&[])).await;
    let page = sign_in(&mut browser, &party.hub, &page, account).await;
    let back = agree(&mut browser, &party.hub, &page, "agree").await;
    let code = back.parameter("code").unwrap_or_else(|| panic!("{}", back.url));
    (browser, code)
}

/// The claims of a token, whose signature the published keys must verify.
pub async fn claims(party: &Party, token: &str) -> Value {
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
