//! Signing keys of a provider: made and ended by its operators, at most two valid at a time, so that one can follow the
//! other without a gap. A secret is shown once.
use base::{Error, Result};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    provider::Provider,
    standing::{self, Standing},
    store,
    store_relations::{self, KeyRow},
};

/// So many keys are valid at a time.
pub(crate) const MOST: usize = 2;

/// A new key, shown once.
#[derive(Debug)]
pub(crate) struct NewKey {
    pub key_id: String,
    pub secret: String,
}

/// The operator's provider with its keys, the newest first.
pub(crate) async fn list(site: &Site, visitor: &Visitor) -> Result<(Provider, Vec<KeyRow>)> {
    let provider = standing::operated(&site.db, &visitor.actor).await?;
    let keys = store_relations::keys(&site.db, provider.id).await?;
    Ok((provider, keys))
}

/// Makes another key; the one before stays valid until it is ended.
pub(crate) async fn make(site: &Site, visitor: &Visitor) -> Result<NewKey> {
    let tx = site.db.begin().await?;
    let own = standing::operated(&tx, &visitor.actor).await?;
    let provider = with_keys(store_relations::locked(&tx, &own.name).await?)?;
    let living =
        store_relations::keys(&tx, provider.id).await?.iter().filter(|k| k.ended_at.is_none()).count();
    if living >= MOST {
        return Err(Error::conflict("provider_two_keys"));
    }
    let key = fresh(site, &tx, &provider).await?;
    record(site, &tx, visitor, (&provider, "provider.key_made", &key.key_id)).await?;
    tx.commit().await?;
    Ok(key)
}

/// Ends a key; requests under it are refused at once. A live provider keeps one.
pub(crate) async fn end(site: &Site, visitor: &Visitor, key_id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let own = standing::operated(&tx, &visitor.actor).await?;
    let provider = store_relations::locked(&tx, &own.name).await?;
    let keys = store_relations::keys(&tx, provider.id).await?;
    let living: Vec<&str> = keys.iter().filter(|k| k.ended_at.is_none()).map(|k| k.key_id.as_str()).collect();
    if !living.contains(&key_id) {
        return Err(Error::not_found());
    }
    if provider.standing == Standing::Live && living.len() == 1 {
        return Err(Error::conflict("provider_last_key"));
    }
    store_relations::end_key(&tx, key_id, site.now()).await?;
    record(site, &tx, visitor, (&provider, "provider.key_ended", key_id)).await?;
    tx.commit().await
}

/// Gives the operator another credential for the Learning Record Store; the one before the last ends.
pub(crate) async fn record_credential(site: &Site, visitor: &Visitor) -> Result<records::Credentials> {
    let tx = site.db.begin().await?;
    let own = standing::operated(&tx, &visitor.actor).await?;
    let provider = with_keys(store_relations::locked(&tx, &own.name).await?)?;
    let credentials = records::grant(site, &tx, &provider.id.to_string(), &provider.name).await?;
    records::end_older(site, &tx, &provider.id.to_string(), MOST).await?;
    record(site, &tx, visitor, (&provider, "provider.record_credential", &credentials.username)).await?;
    tx.commit().await?;
    Ok(credentials)
}

/// A key of a provider, written down.
pub(crate) async fn fresh(site: &Site, tx: &db::Tx, provider: &Provider) -> Result<NewKey> {
    let secret = secrets::fresh_token(&*site.random);
    let key_id = format!("{}-{}", provider.name, base::random::digits(&*site.random, 6));
    let sealed = site.keys.seal(&format!("provider_keys:{key_id}"), &secret, &*site.random)?;
    store::insert_key(tx, &key_id, provider.id, &sealed, site.now()).await?;
    Ok(NewKey { key_id, secret })
}

fn with_keys(provider: Provider) -> Result<Provider> {
    if provider.standing.has_keys() { Ok(provider) } else { Err(Error::conflict("provider_standing")) }
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (provider, action, key_id): (&Provider, &'static str, &str),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: &provider.name,
        unit_path: "",
        details: json!({"key_id": key_id}),
    };
    audit::record(site, tx, deed).await
}
