//! The management platform's part, played: OpenID Connect, and completions under a signature that holds.
use std::sync::Arc;

use axum::{
    Form,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base::{Clock, SystemRandom};
use outside::signature;
use secrets::Keyring;
use serde_json::{Value, json};

use super::stage::{Hand, Received};

#[derive(Clone)]
struct Played {
    url: String,
    received: Received,
    keys: Keyring,
    clock: Arc<Hand>,
}

/// Listens; answers its address.
pub async fn play(received: &Received, keys: &Keyring, clock: &Arc<Hand>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let state =
        Played { url: url.clone(), received: received.clone(), keys: keys.clone(), clock: Arc::clone(clock) };
    let router = axum::Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/jwks", get(jwks))
        .route("/token", post(token))
        .route("/userinfo", get(|| async { axum::Json(json!({"sub": "s-1", "name": "王芳"})) }))
        .route("/api/v1/provider/completions", post(completions))
        .with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn discovery(State(p): State<Played>) -> Response {
    let at = |path: &str| format!("{}{path}", p.url);
    axum::Json(json!({
        "issuer": p.url, "authorization_endpoint": at("/openid/authorize"), "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"), "jwks_uri": at("/jwks"), "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"], "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .into_response()
}

async fn jwks(State(p): State<Played>) -> Response {
    let keys = p.keys.tokens().published(p.clock.now(), &SystemRandom).unwrap();
    let key = |k: &secrets::PublicKey| json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": k.id, "n": k.modulus, "e": k.exponent});
    axum::Json(json!({"keys": keys.iter().map(key).collect::<Vec<_>>()})).into_response()
}

/// The code is the nonce of the ID token to be given; a code that ends in `!` gets a token of another audience.
async fn token(State(p): State<Played>, Form(given): Form<Vec<(String, String)>>) -> Response {
    let of = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap();
    assert_eq!(of("grant_type"), "authorization_code");
    assert!(of("code_verifier").len() >= 43);
    let code = of("code");
    let audience = if code.ends_with('!') { "another" } else { "webtrn-1" };
    let now = p.clock.now().as_second();
    let half = secrets::from_hex(&secrets::sha256_hex(b"access")[..32]).unwrap();
    let claims = json!({
        "iss": p.url, "sub": "s-1", "aud": audience, "iat": now, "exp": now + 600, "sid": "sid-1",
        "nonce": code.trim_end_matches('!'), "at_hash": secrets::base64url(&half),
    });
    let id = p.keys.tokens().sign(("JWT", &claims), p.clock.now(), &SystemRandom).unwrap();
    axum::Json(json!({"access_token": "access", "token_type": "Bearer", "expires_in": 600, "id_token": id}))
        .into_response()
}

fn is_signed(base: &str, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let sent = signature::Headers {
        content_digest: text("content-digest"),
        input: text("signature-input"),
        signature: text("signature"),
    };
    let target = format!("{base}{uri}");
    signature::holds(&signature::Signed { method: "POST", target_uri: &target, body }, &sent, b"s3cret")
}

async fn completions(State(p): State<Played>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    assert!(is_signed(&p.url, &uri, &headers, &body));
    let body: Value = serde_json::from_slice(&body).unwrap();
    let id = body["completions"][0]["id"].clone();
    let mut received = p.received.lock().unwrap();
    received.push(body);
    if received.len() == 1 {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    axum::Json(json!({"items": [{"id": id, "status": "counted", "reason": null}]})).into_response()
}
