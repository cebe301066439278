//! Requests that a provider signed (RFC 9421): the extractor verifies key, time, nonce, body and target; and who sent one,
//! for the slices that take something from providers.
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use base::{Error, Kind, PersonId, Result};
use db::Conn;
use outside::signature::{self, Headers, Signed};
use serde::de::DeserializeOwned;
use site::{Asker, Class, Failure, Site};

use crate::{
    provider::{Provider, ProviderId},
    quota, selfcheck,
    standing::Standing,
    store,
};

/// A batch of completions is at most this large, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// A verified request of a provider.
#[derive(Debug)]
pub struct FromProvider<T> {
    pub(crate) provider: Provider,
    /// What it says.
    pub body: T,
}

/// Who sent a signed request.
#[derive(Clone, Debug)]
pub struct Sender {
    id: ProviderId,
    /// Its short name.
    pub name: String,
    /// Whether what it sends counts.
    pub counts: Counts,
}

/// Whether what a provider sends counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// It does.
    Yes,
    /// The provider is only trying: look at it as if it counted, and keep nothing.
    Trial,
    /// The provider is suspended: it sends again when it is resumed.
    Later,
}

impl Counts {
    /// Why nothing is kept, as answers say it.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::Trial => Some("sandbox"),
            Self::Later => Some("provider_suspended"),
        }
    }
}

impl Sender {
    /// Its id, as other tables keep it.
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// The person whom the provider knows under a subject id.
    pub async fn person(&self, conn: &impl Conn, subject: &str) -> Result<Option<PersonId>> {
        store::person_of(conn, self.id, subject).await
    }
}

impl From<&Provider> for Sender {
    fn from(p: &Provider) -> Self {
        let counts = match p.standing {
            Standing::Live => Counts::Yes,
            Standing::Sandbox | Standing::Asking => Counts::Trial,
            Standing::Suspended | Standing::Applied | Standing::Refused => Counts::Later,
        };
        Self { id: p.id, name: p.name.clone(), counts }
    }
}

impl<T> FromProvider<T> {
    /// Who sent it.
    pub fn sender(&self) -> Sender {
        Sender::from(&self.provider)
    }
}

impl<T: DeserializeOwned> FromRequest<Site> for FromProvider<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let unsigned = || Failure(Error::refused(Kind::Unauthenticated, "signature_invalid"));
        let headers = Headers {
            content_digest: text("content-digest").ok_or_else(unsigned)?,
            input: text("signature-input").ok_or_else(unsigned)?,
            signature: text("signature").ok_or_else(unsigned)?,
        };
        let bytes =
            to_bytes(body, MAX_BODY).await.map_err(|_| Error::refused(Kind::TooLarge, "too_large"))?;
        let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        let target_uri = format!("{}{path}", site.settings.public_url);
        let signed = Signed { method: parts.method.as_str(), target_uri: &target_uri, body: &bytes };
        let provider = verify(site, &signed, &headers).await?;
        // A request that asks has no body; what it is asked for is in the address.
        let json: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
        let body = site::read_json(json)?;
        Ok(Self { provider, body })
    }
}

async fn verify(site: &Site, signed: &Signed<'_>, headers: &Headers) -> Result<Provider> {
    let refused = |code| Error::refused(Kind::Unauthenticated, code);
    let parameters = signature::parameters(headers).ok_or_else(|| refused("signature_invalid"))?;
    let known = store::by_key(&site.db, &parameters.key_id).await?;
    if !signature::is_timely(&parameters, site.now()) {
        if let Some((provider, _)) = &known {
            selfcheck::saw(site, provider, (selfcheck::SIGNATURE, false, "signature_expired")).await?;
        }
        return Err(refused("signature_expired"));
    }
    let Some((provider, sealed)) = known else { return Err(refused("signature_invalid")) };
    let secret = site.keys.open_sealed(&format!("provider_keys:{}", parameters.key_id), &sealed)?;
    if !signature::holds(signed, headers, secret.as_bytes()) {
        let why = if headers.content_digest == signature::content_digest(signed.body) {
            "signature_invalid"
        } else {
            "digest_differs"
        };
        selfcheck::saw(site, &provider, (selfcheck::SIGNATURE, false, why)).await?;
        return Err(refused("signature_invalid"));
    }
    site.limits.take(Class::Program, &Asker::Named(parameters.key_id.clone()))?;
    if !store::use_nonce(&site.db, &parameters.key_id, &parameters.nonce, site.now()).await? {
        return Err(refused("signature_replayed"));
    }
    selfcheck::saw(site, &provider, (selfcheck::SIGNATURE, true, &parameters.key_id)).await?;
    quota::request(site, &provider).await?;
    Ok(provider)
}
