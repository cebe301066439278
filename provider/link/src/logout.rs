//! Back-channel logout: the management platform's word that a session ended there ends the visits that came of it.
use base::{Result, day};
use openidconnect::{JsonWebKey, JsonWebKeyId, core::CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::Value;
use site::Site;

use crate::{Hub, openid, store};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How far the clocks may differ.
const CLOCKS_S: i64 = 300;

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    sub: String,
    sid: Option<String>,
    events: serde_json::Map<String, Value>,
    nonce: Option<Value>,
}

/// Ends what the token says, if the management platform signed it for this provider; false for any other token.
pub(crate) async fn obey(site: &Site, hub: &Hub, token: &str) -> Result<bool> {
    let Some(claims) = verified(site, hub, token).await? else { return Ok(false) };
    if !is_meant(site, hub, &claims) {
        return Ok(false);
    }
    let tx = site.db.begin().await?;
    if !store::use_logout_token(&tx, &claims.jti, site.now()).await? {
        return Ok(false);
    }
    let ended = store::end_visits(&tx, &claims.sub, claims.sid.as_deref(), site.now()).await?;
    tx.commit().await?;
    tracing::info!(ended, "visits ended by the management platform");
    Ok(true)
}

fn is_meant(site: &Site, hub: &Hub, claims: &Claims) -> bool {
    let now = day::millis(site.now()) / 1000;
    claims.iss == hub.at("")
        && claims.aud == hub.client_id
        && claims.iat <= now + CLOCKS_S
        && claims.exp > now - CLOCKS_S
        && claims.events.contains_key(EVENT)
        && claims.nonce.is_none()
}

async fn verified(site: &Site, hub: &Hub, token: &str) -> Result<Option<Claims>> {
    let Some((signed, header, claims, signature)) = parts(token) else { return Ok(None) };
    if header.alg != "RS256" || !header.typ.eq_ignore_ascii_case("logout+jwt") {
        return Ok(None);
    }
    let id = JsonWebKeyId::new(header.kid);
    for anew in [false, true] {
        let metadata = openid::metadata(site, hub, anew).await?;
        if let Some(key) = metadata.jwks().keys().iter().find(|k| k.key_id() == Some(&id)) {
            let alg = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
            let holds = key.verify_signature(&alg, signed.as_bytes(), &signature).is_ok();
            return Ok(holds.then_some(claims));
        }
    }
    Ok(None)
}

fn parts(token: &str) -> Option<(&str, Header, Claims, Vec<u8>)> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let bytes = |part: &str| secrets::from_base64url(part);
    let header = serde_json::from_slice(&bytes(header)?).ok()?;
    Some((signed, header, serde_json::from_slice(&bytes(claims)?).ok()?, bytes(signature)?))
}
