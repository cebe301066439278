//! Secrets of clients in rotation: a provider's operators make another while the one before is still valid, change over, and
//! end the old one. At most two are valid; the last cannot be ended. Of a secret only a keyed digest is kept.
use base::{Actor, Error, Result};
use db::Tx;
use providers::Own;
use serde_json::json;
use site::Site;

use crate::{
    client::{self, Addresses, Registered},
    store_secrets::{self as store, Secret},
};

const PURPOSE: &str = "openid_client_secret";
/// So many are valid at a time.
const MOST: usize = 2;

/// The keyed digest of a secret.
fn mac(site: &Site, client: &str, secret: &str) -> String {
    site.keys.mac(PURPOSE, &[client.as_bytes(), secret.as_bytes()])
}

/// Whether it is one of the client's valid secrets; each is compared in constant time.
pub(crate) async fn holds(site: &Site, client: &str, secret: &str) -> Result<bool> {
    let living = store::living_macs(&site.db, client).await?;
    let same = |mac: &String| site.keys.mac_holds(PURPOSE, &[client.as_bytes(), secret.as_bytes()], mac);
    Ok(living.iter().filter(|m| same(m)).count() > 0)
}

/// A new secret of a client, written down.
pub(crate) async fn fresh(site: &Site, tx: &Tx, client: &str) -> Result<String> {
    let secret = secrets::fresh_token(&*site.random);
    let id: base::EntryId = site.new_id();
    store::insert(tx, (&id.to_string(), client, &mac(site, client, &secret)), site.now()).await?;
    Ok(secret)
}

/// The secrets of the client that the actor's provider has, the newest first.
pub(crate) async fn list(site: &Site, actor: &Actor) -> Result<(Own, Vec<Secret>)> {
    let own = providers::own(&site.db, actor).await?;
    let listed = match crate::store::client_of(&site.db, &own.id).await? {
        Some(client) => store::all(&site.db, &client).await?,
        None => vec![],
    };
    Ok((own, listed))
}

/// Another secret for the client of the actor's provider, which is made where there is none; shown once.
pub(crate) async fn make(site: &Site, actor: &Actor) -> Result<Registered> {
    let own = providers::own(&site.db, actor).await?;
    let Some(client_id) = crate::store::client_of(&site.db, &own.id).await? else {
        let addresses = Addresses { redirect: own.redirect_uris, ..Addresses::default() };
        return client::register(site, (&own.id, &own.name), &addresses).await;
    };
    let tx = site.db.begin().await?;
    store::hold_client(&tx, &client_id).await?;
    if store::living_macs(&tx, &client_id).await?.len() >= MOST {
        return Err(Error::conflict("client_two_secrets"));
    }
    let client_secret = fresh(site, &tx, &client_id).await?;
    record(site, &tx, actor, ("openid.secret_made", &client_id, &own)).await?;
    tx.commit().await?;
    Ok(Registered { issuer: site.settings.public_url.clone(), client_id, client_secret })
}

/// Ends a secret; requests under it are refused at once. The last stays.
pub(crate) async fn end(site: &Site, actor: &Actor, id: &str) -> Result<()> {
    let own = providers::own(&site.db, actor).await?;
    let client = crate::store::client_of(&site.db, &own.id).await?.ok_or_else(Error::not_found)?;
    let tx = site.db.begin().await?;
    store::hold_client(&tx, &client).await?;
    let living: Vec<String> =
        store::all(&tx, &client).await?.into_iter().filter(|s| s.ended_at.is_none()).map(|s| s.id).collect();
    if !living.iter().any(|l| l == id) {
        return Err(Error::not_found());
    }
    if living.len() == 1 {
        return Err(Error::conflict("client_last_secret"));
    }
    store::end(&tx, id, site.now()).await?;
    record(site, &tx, actor, ("openid.secret_ended", &client, &own)).await?;
    tx.commit().await
}

async fn record(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, client, own): (&'static str, &str, &Own),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(actor.person),
        action,
        object: client,
        unit_path: "",
        details: json!({"provider": own.name}),
    };
    audit::record(site, tx, deed).await
}
