//! What clients call: discovery, keys, tokens, user information. Errors as RFC 6749 §5.2 and RFC 6750 §3 write them.
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::Result;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use site::{Access, Reply, Routes, Site};

use crate::{
    client::Client,
    client_secret,
    exchange::{self, TOKEN_SECONDS},
    keys,
    request::{Params, Refused, SCOPES},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/.well-known/openid-configuration", Access::Public, discovery)
        .get("/openid/jwks.json", Access::Public, jwks)
        .post("/openid/token", Access::Machine, token)
        .get("/openid/userinfo", Access::Machine, userinfo)
        .post("/openid/userinfo", Access::Machine, userinfo)
}

/// Clients may keep what is public for so long.
const KEEP: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "public, max-age=300")];

async fn discovery(State(site): State<Site>) -> Response {
    let issuer = &site.settings.public_url;
    let at = |path: &str| format!("{issuer}{path}");
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("/openid/authorize"),
        "token_endpoint": at("/openid/token"),
        "userinfo_endpoint": at("/openid/userinfo"),
        "jwks_uri": at("/openid/jwks.json"),
        "end_session_endpoint": at("/openid/logout"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid", "name", "unit_name", "provider_operator"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["zh-CN"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    });
    (KEEP, Json(document)).into_response()
}

async fn jwks(State(site): State<Site>) -> Reply {
    let keys = keys::published(&site).await?;
    let key = |k: &secrets::PublicKey| json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": k.id, "n": k.modulus, "e": k.exponent});
    let keys: Vec<Value> = keys.iter().map(key).collect();
    Ok((KEEP, Json(json!({"keys": keys}))).into_response())
}

async fn token(State(site): State<Site>, headers: HeaderMap, body: String) -> Reply {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(refusal(Refused("invalid_request", "the body must be a form")));
    }
    let params = Params::read(&body);
    let client = match client(&site, &headers, &params).await? {
        Ok(client) => client,
        Err(refused) => return Ok(refusal(refused)),
    };
    Ok(match exchange::exchange(&site, &client, &params).await? {
        Ok(tokens) => Json(json!({
            "access_token": tokens.access,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": tokens.id,
            "scope": tokens.scope,
        }))
        .into_response(),
        Err(refused) => refusal(refused),
    })
}

fn refusal(Refused(code, why): Refused) -> Response {
    let body = Json(json!({"error": code, "error_description": why}));
    if code == "invalid_client" {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"token\", charset=\"UTF-8\"")];
        return (StatusCode::UNAUTHORIZED, challenge, body).into_response();
    }
    (StatusCode::BAD_REQUEST, body).into_response()
}

const STRANGER: Refused = Refused("invalid_client", "client id or secret is wrong");

/// The client, by `client_secret_basic` or `client_secret_post`, never by both.
async fn client(site: &Site, headers: &HeaderMap, params: &Params) -> Result<Result<Client, Refused>> {
    let posted = (params.first("client_id"), params.first("client_secret"));
    let (id, secret) = match (headers.get(header::AUTHORIZATION), posted) {
        (Some(_), (_, Some(_))) => return Ok(Err(Refused("invalid_request", "two ways of authentication"))),
        (Some(value), (named, None)) => match value.to_str().ok().and_then(basic) {
            Some((id, secret)) if named.is_none_or(|n| n == id) => (id, secret),
            _ => return Ok(Err(STRANGER)),
        },
        (None, (Some(id), Some(secret))) => (id.to_owned(), secret.to_owned()),
        (None, _) => return Ok(Err(STRANGER)),
    };
    let found = store::client(&site.db, &id).await?;
    let Some(client) = found else { return Ok(Err(STRANGER)) };
    Ok(if client_secret::holds(site, &client.id, &secret).await? { Ok(client) } else { Err(STRANGER) })
}

/// Id and secret are form-encoded before they are joined (RFC 6749 §2.3.1).
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain = |part: &str| {
        let pair = format!("v={part}");
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

async fn userinfo(State(site): State<Site>, headers: HeaderMap) -> Reply {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let bearer = given.and_then(|v| v.split_once(' ')).filter(|(s, _)| s.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = bearer else { return Ok(unknown_token("Bearer")) };
    let hash = secrets::sha256_hex(token.trim().as_bytes());
    let Some(found) = store::token(&site.db, &hash, site.now()).await? else {
        return Ok(unknown_token("Bearer error=\"invalid_token\""));
    };
    let mut claims = json!({"sub": found.subject});
    if let (true, Some(claims)) = (found.scope.contains("profile"), claims.as_object_mut()) {
        let person = org::person(&site.db, found.person_id.parse()?).await?;
        claims.insert("name".into(), json!(person.name));
        claims.insert("unit_name".into(), json!(person.unit_name));
        if providers::is_operated(&site.db, &found.provider_id, found.person_id.parse()?).await? {
            claims.insert("provider_operator".into(), json!(true));
        }
    }
    Ok(Json(claims).into_response())
}

fn unknown_token(challenge: &'static str) -> Response {
    let body = Json(json!({"error": "invalid_token"}));
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], body).into_response()
}
