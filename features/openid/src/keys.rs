//! Tokens under the installation's keys. Making a key takes a moment of computing, so all of it runs beside the requests.
use base::{Error, Result};
use secrets::{KeyringError, PublicKey};
use serde_json::Value;
use site::Site;

async fn beside<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce(&Site) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T> {
    let site = site.clone();
    let done = tokio::task::spawn_blocking(move || work(&site)).await.map_err(Error::internal)?;
    done.map_err(Error::internal)
}

/// Signs claims; `kind` is the token's type.
pub(crate) async fn sign(site: &Site, kind: &'static str, claims: Value) -> Result<String> {
    beside(site, move |s| s.keys.tokens().sign((kind, &claims), s.now(), &*s.random)).await
}

/// The claims of a token of ours, old ones too; nothing for any other.
pub(crate) async fn open(site: &Site, token: &str) -> Result<Option<Value>> {
    let token = token.to_owned();
    beside(site, move |s| s.keys.tokens().open(&token, s.now(), &*s.random)).await
}

/// The keys that verify our tokens.
pub(crate) async fn published(site: &Site) -> Result<Vec<PublicKey>> {
    beside(site, |s| s.keys.tokens().published(s.now(), &*s.random)).await
}

/// Makes the first signing key where there is none.
pub(crate) async fn ensure(site: &Site) -> Result<()> {
    beside(site, |s| s.keys.tokens().ensure(s.now(), &*s.random)).await
}

/// Makes a new key, which signs in ten minutes; the old one stays published for a day after. Answers the new key's id.
pub async fn rotate(site: &Site) -> Result<String> {
    let id = beside(site, |s| s.keys.tokens().rotate(s.now(), &*s.random)).await?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: None,
        action: "openid.rotate_keys",
        object: &id,
        unit_path: "",
        details: serde_json::json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(id)
}
