//! Passkeys with an authenticator made of software: made after the password, used instead of it or after it, through the
//! same gate as every credential (security item 14).
use base::Role;
use p256::ecdsa::{Signature, SigningKey, VerifyingKey, signature::Signer};
use secrets::{base64url, from_base64url, sha256};
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::{PASSWORD, World};

/// The header of a P-256 public key in DER; the point follows.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    count: u32,
    origin: String,
}

impl Authenticator {
    fn new(seed: u8, origin: &str) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Self { key, id: vec![seed; 20], count: 0, origin: origin.to_owned() }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    fn head(&self, flags: u8) -> Vec<u8> {
        [&sha256(&[b"localhost"])[..], &[flags], &self.count.to_be_bytes()].concat()
    }

    fn make(&self, offered: &Value) -> Value {
        let point = VerifyingKey::from(&self.key).to_sec1_point(false);
        let point = point.as_bytes();
        let cose = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20][..],
            &point[1..33],
            &[0x22, 0x58, 0x20],
            &point[33..],
        ];
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let said = [&self.head(0b0100_0101)[..], &[0; 16], &length, &self.id, &cose.concat()].concat();
        json!({"id": base64url(&self.id), "algorithm": -7, "label": "办公室电脑",
            "client_data": base64url(&self.client_data("webauthn.create", &offered["challenge"])),
            "authenticator_data": base64url(&said), "public_key": base64url(&[&SPKI[..], point].concat())})
    }

    fn answer(&mut self, asked: &Value, flags: u8) -> Value {
        self.count += 1;
        let client = self.client_data("webauthn.get", &asked["challenge"]);
        let said = self.head(flags);
        let signature: Signature = self.key.sign(&[&said[..], &sha256(&[&client])].concat());
        json!({"id": base64url(&self.id), "client_data": base64url(&client),
            "authenticator_data": base64url(&said), "signature": base64url(signature.to_der().as_bytes())})
    }
}

/// A platform that is reached by a name, as passkeys want, on each database in turn.
async fn on_both_named<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    for database in testkit::databases().await {
        let world =
            World::with(database, |c| c.public_url = c.public_url.replace("127.0.0.1", "localhost")).await;
        story(world).await;
    }
}

async fn enrol(world: &World, client: &Client, seed: u8) -> Authenticator {
    let authenticator = Authenticator::new(seed, &world.site.settings.public_url);
    let offered =
        client.call("POST", "/api/v1/me/passkeys/offer", json!({"current_password": PASSWORD})).await;
    assert_eq!(offered.status, 200, "{:?}", offered.json);
    let made = client.call("POST", "/api/v1/me/passkeys", authenticator.make(&offered.json)).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    authenticator
}

async fn challenge(world: &World) -> Value {
    world.anyone.call("POST", "/api/v1/passkey-challenges", Value::Null).await.json
}

async fn enter(world: &World, used: Value) -> Answer {
    world.anyone.call("POST", "/api/v1/passkey-sessions", used).await
}

const VERIFIED: u8 = 0b0000_0101;

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_opens_the_door_instead_of_the_password_each_answer_once() {
    on_both_named(|world| async move {
        let admin = world.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        let mut device = enrol(&world, &admin, 7).await;
        let used = device.answer(&challenge(&world).await, VERIFIED);
        let opened = enter(&world, used.clone()).await;
        assert_eq!((opened.status, &opened.json["required_actions"]), (201, &json!([])), "{:?}", opened.json);
        let client = world.anyone.with_token(opened.json["token"].as_str().unwrap());
        assert_eq!(client.call("GET", "/api/v1/people", Value::Null).await.status, 200);
        assert_eq!(enter(&world, used).await.code(), "passkey_wrong", "an answer is good once");
        let unverified = device.answer(&challenge(&world).await, 0b0000_0001);
        assert_eq!(
            enter(&world, unverified).await.code(),
            "passkey_wrong",
            "the device must know its person"
        );
        device.count = 0;
        let copied = device.answer(&challenge(&world).await, VERIFIED);
        assert_eq!(
            enter(&world, copied).await.code(),
            "passkey_wrong",
            "a counter that goes back is a copy's"
        );
        device.count = 50;
        let elsewhere = Authenticator {
            origin: "https://evil.example".into(),
            key: device.key.clone(),
            id: device.id.clone(),
            count: 60,
        };
        let mut elsewhere = elsewhere;
        let phished = elsewhere.answer(&challenge(&world).await, VERIFIED);
        assert_eq!(enter(&world, phished).await.code(), "passkey_wrong", "another site's");
        let late = device.answer(&challenge(&world).await, VERIFIED);
        world.clock.advance(300);
        assert_eq!(enter(&world, late).await.code(), "passkey_wrong", "after five minutes");
        let good = device.answer(&challenge(&world).await, VERIFIED);
        assert_eq!(enter(&world, good).await.status, 201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_passkey_needs_it_after_the_password_too_and_wrong_ones_lock() {
    on_both_named(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        let mut device = enrol(&world, &staff, 9).await;
        let enter = async |extra: Value| {
            let mut body = json!({"account": "wangfang", "password": PASSWORD});
            if !extra.is_null() {
                body["passkey"] = extra;
            }
            world.anyone.call("POST", "/api/v1/sessions", body).await
        };
        let asked = enter(Value::Null).await;
        assert_eq!((asked.status, asked.code()), (403, "code_required"));
        assert_eq!(asked.json["passkey"]["allowCredentials"][0]["id"], json!(base64url(&device.id)));
        let used = device.answer(&asked.json["passkey"], VERIFIED);
        assert_eq!(enter(used).await.status, 201);
        let mut forged = Authenticator::new(10, &world.site.settings.public_url);
        forged.id = device.id.clone();
        for n in 0..8 {
            let asked = enter(Value::Null).await.json["passkey"].clone();
            forged.count = 100 + n;
            let told = enter(forged.answer(&asked, VERIFIED)).await;
            assert_eq!(told.status, if n == 7 { 423 } else { 401 }, "entry {n}: {:?}", told.json);
        }
        let locked = device.answer(&challenge(&world).await, VERIFIED);
        assert_eq!(super::passkeys::enter(&world, locked).await.status, 423, "every pathway is closed");
        world.clock.advance(1800);
        let staff = {
            let used = device.answer(&challenge(&world).await, VERIFIED);
            let opened = super::passkeys::enter(&world, used).await;
            world.anyone.with_token(opened.json["token"].as_str().unwrap())
        };
        let listed = staff.call("GET", "/api/v1/me/passkeys", Value::Null).await.json;
        assert_eq!(listed["items"][0]["label"], "办公室电脑");
        let path = format!("/api/v1/me/passkeys/{}", listed["items"][0]["id"].as_str().unwrap());
        assert_eq!(staff.call("DELETE", &path, json!({"current_password": PASSWORD})).await.status, 204);
        assert_eq!(enter(Value::Null).await.status, 201, "the password alone again");
        world.settle().await;
        let told = world.sms(&crate::world::phone("wangfang"));
        assert!(told.iter().any(|m| m["purpose"] == "notice_passkey"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_authenticator_does_not_vouch_for_is_not_kept() {
    on_both_named(|world| async move {
        let staff = world.ready("wangfang", Role::Staff, "43010001").await;
        let device = Authenticator::new(11, &world.site.settings.public_url);
        let other = Authenticator::new(12, &world.site.settings.public_url);
        let offer = async || staff.call("POST", "/api/v1/me/passkeys/offer", json!({})).await.json;
        let add = async |made: Value| staff.call("POST", "/api/v1/me/passkeys", made).await;
        let mut swapped = device.make(&offer().await);
        swapped["public_key"] = other.make(&offer().await)["public_key"].clone();
        assert_eq!(add(swapped).await.code(), "passkey_wrong");
        let mut short = device.make(&offer().await);
        let said = from_base64url(short["authenticator_data"].as_str().unwrap()).unwrap();
        short["authenticator_data"] = json!(base64url(&said[..40]));
        assert_eq!(add(short).await.code(), "passkey_wrong");
        let foreign = json!({"challenge": challenge(&world).await["challenge"]});
        assert_eq!(
            add(device.make(&foreign)).await.code(),
            "passkey_wrong",
            "a challenge of another purpose"
        );
        assert_eq!(add(device.make(&offer().await)).await.status, 201);
        assert_eq!(add(device.make(&offer().await)).await.code(), "passkey_known");
    })
    .await;
    let database = testkit::databases().await.remove(0);
    let world = World::start(database).await;
    let bare = world.anyone.call("POST", "/api/v1/passkey-challenges", Value::Null).await;
    assert_eq!((bare.status, bare.code()), (409, "passkeys_unavailable"), "a bare address has no passkeys");
}
