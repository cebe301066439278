//! The token endpoint's work: a code becomes an access token and an ID token, once.
use base::{Result, day};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use site::Site;

use crate::{
    client::Client,
    keys,
    request::{Params, Refused},
    store::{self, CodeRow, Login},
};

/// So long tokens live.
pub(crate) const TOKEN_SECONDS: i64 = 600;

/// What a client is given for a code.
pub(crate) struct Tokens {
    pub access: String,
    pub id: String,
    pub scope: String,
}

const SPENT: Refused = Refused("invalid_grant", "the code is unknown, used, too old, or another client's");

/// Exchanges the code. Whoever fails with the right client burns it; used twice, everything that came of it ends
/// (RFC 6749 §4.1.2).
pub(crate) async fn exchange(
    site: &Site,
    client: &Client,
    params: &Params,
) -> Result<Result<Tokens, Refused>> {
    let given = match Given::read(params) {
        Ok(given) => given,
        Err(refused) => return Ok(Err(refused)),
    };
    let hash = secrets::sha256_hex(given.code.as_bytes());
    let tx = site.db.begin().await?;
    let Some(code) = store::hold_code(&tx, &hash).await?.filter(|c| c.client_id == client.id) else {
        return Ok(Err(SPENT));
    };
    if code.used_at.is_some() {
        store::revoke_of_code(&tx, &hash, site.now()).await?;
        tx.commit().await?;
        tracing::warn!(client = %client.id, "an authorization code was used twice");
        return Ok(Err(SPENT));
    }
    store::use_code(&tx, &hash, site.now()).await?;
    let login = store::login(&tx, &code.login_id).await?;
    let login = match login.filter(|_| given.fits(&code) && code.expires_at > day::millis(site.now())) {
        Some(login) if accounts::standing(&tx, login.session).await?.is_some() => login,
        _ => {
            tx.commit().await?;
            return Ok(Err(SPENT));
        }
    };
    let access = secrets::fresh_token(&*site.random);
    let access_hash = secrets::sha256_hex(access.as_bytes());
    let expires_at = day::millis(site.now()) + TOKEN_SECONDS * 1000;
    store::insert_token(&tx, (&access_hash, &hash), &code.login_id, &code.scope, expires_at).await?;
    tx.commit().await?;
    providers::signed_in(site, &client.provider).await?;
    let id = keys::sign(site, "JWT", id_claims(site, &login, &code, &access)).await?;
    Ok(Ok(Tokens { access, id, scope: code.scope }))
}

struct Given<'a> {
    code: &'a str,
    redirect_uri: &'a str,
    verifier: &'a str,
}

impl<'a> Given<'a> {
    fn read(params: &'a Params) -> Result<Self, Refused> {
        match params.one("grant_type")? {
            Some("authorization_code") => {}
            Some(_) => return Err(Refused("unsupported_grant_type", "only authorization_code is supported")),
            None => return Err(Refused("invalid_request", "grant_type is missing")),
        }
        let needed = |name, missing| params.one(name)?.ok_or(Refused("invalid_request", missing));
        Ok(Self {
            code: needed("code", "code is missing")?,
            redirect_uri: needed("redirect_uri", "redirect_uri is missing")?,
            verifier: needed("code_verifier", "code_verifier is missing")?,
        })
    }

    fn fits(&self, code: &CodeRow) -> bool {
        let is_verifier = (43..=128).contains(&self.verifier.len());
        is_verifier
            && code.redirect_uri == self.redirect_uri
            && code.challenge == secrets::base64url(&Sha256::digest(self.verifier.as_bytes()))
    }
}

fn id_claims(site: &Site, login: &Login, code: &CodeRow, access: &str) -> Value {
    let now = site.now().as_second();
    let half: Vec<u8> = Sha256::digest(access.as_bytes()).into_iter().take(16).collect();
    let mut claims = json!({
        "iss": site.settings.public_url,
        "sub": login.subject,
        "aud": login.client,
        "exp": now + TOKEN_SECONDS,
        "iat": now,
        "auth_time": day::from_millis(code.auth_time).as_second(),
        "sid": login.id,
        "at_hash": secrets::base64url(&half),
    });
    if let (Some(nonce), Some(claims)) = (&code.nonce, claims.as_object_mut()) {
        claims.insert("nonce".into(), json!(nonce));
    }
    claims
}
