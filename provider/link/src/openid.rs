//! The management platform as OpenID Connect provider, through the crate `openidconnect` over the house's HTTP client.
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use base::{Error, Kind, Result, day};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl,
    LoginHint, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse, UserInfoClaims,
    core::{
        CoreClient, CoreGenderClaim, CoreIdTokenClaims, CoreProviderMetadata, CoreResponseType,
        CoreTokenResponse,
    },
};
use outside::http::Call;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::Hub;

/// What was read stays good for so long.
const KEPT_MS: i64 = 10 * 60_000;
/// A token with an unknown key has it read anew, but not more often than this.
const ANEW_MS: i64 = 5_000;

/// The metadata and keys last read, with the time.
#[derive(Clone, Default)]
pub struct Published(Arc<Mutex<Option<(i64, CoreProviderMetadata)>>>);

/// The client as built from the metadata.
type Connected = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a sign-in under way remembers, in the browser's sealed cookie.
pub(crate) struct Flow {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// Who signed in.
pub(crate) struct Person {
    pub subject: String,
    pub name: String,
    /// The session at the management platform.
    pub sid: String,
    /// Whether the person looks after this platform.
    pub is_operator: bool,
}

/// What the management platform says of a person beyond the standard's claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct OwnClaims {
    #[serde(default)]
    provider_operator: bool,
}

impl AdditionalClaims for OwnClaims {}

/// The address that the browser is sent to.
pub(crate) async fn authorization(
    site: &Site,
    hub: &Hub,
    flow: &Flow,
    hint: Option<String>,
) -> Result<String> {
    let client = connected(site, hub, metadata(site, hub, false).await?)?;
    let (state, nonce) = (flow.state.clone(), flow.nonce.clone());
    let challenge =
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(flow.verifier.clone()));
    let request = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            move || CsrfToken::new(state.clone()),
            move || Nonce::new(nonce.clone()),
        )
        .add_scope(Scope::new("profile".into()))
        .set_pkce_challenge(challenge);
    let request = match hint {
        Some(hint) => request.set_login_hint(LoginHint::new(hint)),
        None => request,
    };
    Ok(request.url().0.to_string())
}

/// Exchanges a code and verifies what comes: signature, issuer, audience, time, nonce, the access token's hash, and that
/// the user information is of the same person.
pub(crate) async fn exchange(site: &Site, hub: &Hub, flow: &Flow, code: String) -> Result<Person> {
    let known = metadata(site, hub, false).await?;
    let client = connected(site, hub, known)?;
    let http = |request: HttpRequest| call(site.clone(), request);
    let tokens = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(Error::internal)?
        .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
        .request_async(&http)
        .await
        .map_err(|e| refused(&e))?;
    // A key may have changed since the metadata was read: then it is read once more.
    let (client, claims) = if let Ok(claims) = verified(site, &client, &tokens, &flow.nonce) {
        (client, claims)
    } else {
        let client = connected(site, hub, metadata(site, hub, true).await?)?;
        let claims = verified(site, &client, &tokens, &flow.nonce)?;
        (client, claims)
    };
    let subject = claims.subject().clone();
    let info: UserInfoClaims<OwnClaims, CoreGenderClaim> = client
        .user_info(tokens.access_token().clone(), Some(subject.clone()))
        .map_err(Error::internal)?
        .request_async(&http)
        .await
        .map_err(|e| refused(&e))?;
    let name = info.name().and_then(|n| n.get(None)).map(|n| n.as_str().to_owned()).unwrap_or_default();
    let sid = sid(&tokens).unwrap_or_default();
    let is_operator = info.additional_claims().provider_operator;
    Ok(Person { subject: subject.as_str().to_owned(), name, sid, is_operator })
}

fn verified(
    site: &Site,
    client: &Connected,
    tokens: &CoreTokenResponse,
    nonce: &str,
) -> Result<CoreIdTokenClaims> {
    let id_token = tokens.id_token().ok_or_else(denied)?;
    let now = day::millis(site.now());
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now).unwrap_or(0));
    let verifier = client.id_token_verifier().set_time_fn(move || at.into());
    let claims = id_token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|e| refused(&e))?;
    let hash = claims.access_token_hash().ok_or_else(denied)?;
    let (alg, key) = (id_token.signing_alg().map_err(|e| refused(&e))?, id_token.signing_key(&verifier));
    let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key.map_err(|e| refused(&e))?)
        .map_err(|e| refused(&e))?;
    if actual == *hash { Ok(claims.clone()) } else { Err(denied()) }
}

/// The session's id, of a token that was verified.
fn sid(tokens: &CoreTokenResponse) -> Option<String> {
    let token = tokens.id_token()?.to_string();
    let claims = secrets::from_base64url(token.split('.').nth(1)?)?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    claims.get("sid")?.as_str().map(str::to_owned)
}

fn connected(site: &Site, hub: &Hub, metadata: CoreProviderMetadata) -> Result<Connected> {
    let secret = Some(ClientSecret::new(hub.client_secret.clone()));
    let back = format!("{}/enter/callback", site.settings.public_url);
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(hub.client_id.clone()), secret);
    Ok(client.set_redirect_uri(RedirectUrl::new(back).map_err(Error::internal)?))
}

/// The management platform's metadata with its keys, read anew after ten minutes or when asked.
pub(crate) async fn metadata(site: &Site, hub: &Hub, anew: bool) -> Result<CoreProviderMetadata> {
    let now = day::millis(site.now());
    let cache = &hub.metadata.0;
    let known = cache.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let kept = if anew { ANEW_MS } else { KEPT_MS };
    if let Some((_, metadata)) = known.filter(|(at, _)| (0..kept).contains(&(now - at))) {
        return Ok(metadata);
    }
    let issuer = IssuerUrl::new(hub.at("")).map_err(Error::internal)?;
    let http = |request: HttpRequest| call(site.clone(), request);
    let read = CoreProviderMetadata::discover_async(issuer, &http).await.map_err(|e| {
        tracing::warn!(error = %e, "discovery");
        Error::refused(Kind::Unavailable, "hub_unavailable")
    })?;
    *cache.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, read.clone()));
    Ok(read)
}

async fn call(site: Site, request: HttpRequest) -> Result<HttpResponse> {
    let (parts, body) = request.into_parts();
    let text = |v: &http::HeaderValue| v.to_str().map(str::to_owned).map_err(Error::internal);
    let headers: Result<Vec<_>> =
        parts.headers.iter().map(|(name, value)| Ok((name.as_str().to_owned(), text(value)?))).collect();
    let call = Call { method: parts.method, url: parts.uri.to_string(), headers: headers?, body };
    let answer = site.http.send(call).await?;
    http::Response::builder().status(answer.status).body(answer.body).map_err(Error::internal)
}

fn denied() -> Error {
    Error::refused(Kind::Denied, "ticket_refused")
}

fn refused(cause: &dyn std::error::Error) -> Error {
    tracing::warn!(error = %cause, "sign-in at the management platform");
    denied()
}
