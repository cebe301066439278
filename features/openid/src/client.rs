//! Clients: the providers that sign people in here, and their addresses.
use base::{Error, Result};
use serde_json::json;
use site::Site;

use crate::{client_secret, keys, store};

/// A client as stored.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub id: String,
    pub provider: String,
    /// The provider's full name.
    pub title: String,
    redirect_uris: Vec<String>,
    post_logout_uris: Vec<String>,
    pub backchannel_uri: Option<String>,
}

/// Where a client may be reached.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Where people come back to with a code.
    pub redirect: Vec<String>,
    /// Where people may come back to after signing out.
    pub post_logout: Vec<String>,
    /// Where it hears that a session ended.
    pub backchannel: Option<String>,
}

/// What a new client is given, once.
#[derive(Debug)]
pub struct Registered {
    /// The issuer, where discovery begins.
    pub issuer: String,
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl Client {
    pub(crate) fn of(row: store::ClientRow) -> Self {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        Self {
            redirect_uris: lines(&row.redirect_uris),
            post_logout_uris: lines(&row.post_logout_uris),
            id: row.client_id,
            provider: row.provider_id,
            title: row.title,
            backchannel_uri: row.backchannel_uri,
        }
    }

    /// Compared character by character (RFC 9700 §2.1).
    pub(crate) fn may_return_to(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|u| u == uri)
    }

    pub(crate) fn addresses(&self) -> Addresses {
        Addresses {
            redirect: self.redirect_uris.clone(),
            post_logout: self.post_logout_uris.clone(),
            backchannel: self.backchannel_uri.clone(),
        }
    }

    pub(crate) fn may_end_at(&self, uri: &str) -> bool {
        self.post_logout_uris.iter().any(|u| u == uri)
    }
}

/// Makes a client of a registered provider.
pub async fn register(site: &Site, provider: (&str, &str), addresses: &Addresses) -> Result<Registered> {
    let (provider_id, name) = provider;
    check(addresses)?;
    keys::ensure(site).await?;
    // A client's id is plain ASCII (RFC 6749 appendix A.1); a provider's name need not be.
    let stem = if name.is_ascii() { name } else { "provider" };
    let client_id = format!("{stem}-{}", base::random::digits(&*site.random, 8));
    let tx = site.db.begin().await?;
    store::insert_client(&tx, (&client_id, provider_id), addresses, site.now()).await?;
    let client_secret = client_secret::fresh(site, &tx, &client_id).await?;
    let deed = audit::Deed {
        actor: None,
        action: "openid.register",
        object: &client_id,
        unit_path: "",
        details: json!({"provider": name, "redirect": addresses.redirect}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(Registered { issuer: site.settings.public_url.clone(), client_id, client_secret })
}

/// Tells that a client answers at other addresses now.
pub async fn moved(site: &Site, client_id: &str, addresses: &Addresses) -> Result<()> {
    check(addresses)?;
    store::move_client(&site.db, client_id, addresses).await
}

/// Refuses addresses that no client may have: they are absolute, without fragment, `https` or, for closed networks, `http`.
pub fn check(addresses: &Addresses) -> Result<()> {
    let named = |name: &'static str, list: &[String]| {
        list.iter().find(|u| !is_address(u)).map(|_| Error::invalid(name, "wrong_value"))
    };
    if addresses.redirect.is_empty() {
        return Err(Error::invalid("redirect_uri", "required"));
    }
    let backchannel: Vec<String> = addresses.backchannel.iter().cloned().collect();
    let wrong = named("redirect_uri", &addresses.redirect)
        .or_else(|| named("post_logout_redirect_uri", &addresses.post_logout))
        .or_else(|| named("backchannel_logout_uri", &backchannel));
    wrong.map_or(Ok(()), Err)
}

fn is_address(text: &str) -> bool {
    let is_plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    url::Url::parse(text).is_ok_and(|u| {
        is_plain && matches!(u.scheme(), "https" | "http") && u.host().is_some() && u.fragment().is_none()
    })
}
