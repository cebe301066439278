//! A new provider with everything it is given: its keys, its xAPI door, its OpenID client.
use base::Result;
use openid::Addresses;
use providers::Listing;
use serde_json::{Value, json};
use site::Site;

use crate::config::HubLink;

/// What a provider is given, once.
#[derive(Debug)]
pub struct Enrolled {
    /// Keys and records.
    pub provider: providers::Registered,
    /// Signing people in.
    pub client: openid::Registered,
}

/// Registers a provider; its site is the origin of its first redirect address.
pub async fn enrol(site: &Site, name: &str, addresses: &Addresses, listing: &Listing) -> Result<Enrolled> {
    openid::check(addresses)?;
    let provider = providers::register(site, name, &addresses.redirect, listing).await?;
    let client = openid::register(site, (&provider.id, name), addresses).await?;
    Ok(Enrolled { provider, client })
}

/// The addresses of our own course platform at that address.
pub fn own_addresses(url: &str) -> Addresses {
    Addresses {
        redirect: vec![format!("{url}/enter/callback")],
        post_logout: vec![format!("{url}/")],
        backchannel: Some(format!("{url}/backchannel-logout")),
    }
}

impl Enrolled {
    /// What the command line prints.
    pub fn json(&self) -> Value {
        let (p, c) = (&self.provider, &self.client);
        json!({
            "provider": p.name,
            "oidc": {"issuer": c.issuer, "client_id": c.client_id, "client_secret": c.client_secret},
            "xapi": {"endpoint": p.xapi.endpoint, "username": p.xapi.username, "password": p.xapi.password},
            "signing": {"key_id": p.key_id, "secret": p.secret},
        })
    }

    /// The link of our own course platform.
    pub fn link(&self, hub_url: &str) -> HubLink {
        HubLink {
            url: hub_url.to_owned(),
            key_id: self.provider.key_id.clone(),
            secret: self.provider.secret.clone(),
            client_id: self.client.client_id.clone(),
            client_secret: self.client.client_secret.clone(),
        }
    }
}
