//! A provider and its registration.
use base::{Error, Id, Result};
use site::Site;

use crate::{keys, quota::Quota, standing::Standing, store};

/// Mark for provider ids.
pub(crate) enum ProviderMark {}
/// Id of a provider.
pub(crate) type ProviderId = Id<ProviderMark>;

/// A provider as stored.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub id: ProviderId,
    pub name: String,
    pub title: String,
    pub former_title: String,
    pub site_url: String,
    pub notice_url: String,
    pub telephone: String,
    pub standing: Standing,
    /// Why it stands there, if anything was said.
    pub standing_reason: String,
    pub quota: Quota,
}

/// How the notice lists a provider; empty where it does not.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The full name.
    pub title: String,
    /// The name before.
    pub former_title: String,
    /// 网址 of the notice.
    pub notice_url: String,
    /// 服务电话 of the notice.
    pub telephone: String,
}

/// What a new provider is given, once.
#[derive(Debug)]
pub struct Registered {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its signing key.
    pub key_id: String,
    /// The secret of its signing key.
    pub secret: String,
    /// Its door to the Learning Record Store.
    pub xapi: records::Credentials,
}

/// A provider as pages show it.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its short name, as addresses carry it.
    pub name: String,
    /// Its full name.
    pub title: String,
    /// The name before, or empty.
    pub former_title: String,
    /// 网址 of the notice, or empty.
    pub notice_url: String,
    /// 服务电话 of the notice, or empty.
    pub telephone: String,
}

/// Every provider, as pages show them.
pub async fn cards(site: &Site) -> Result<Vec<Card>> {
    let card = |p: Provider| Card {
        name: p.name,
        title: p.title,
        former_title: p.former_title,
        notice_url: p.notice_url,
        telephone: p.telephone,
    };
    let live = store::all(&site.db).await?.into_iter().filter(|p| p.standing == Standing::Live);
    Ok(live.map(card).collect())
}

/// Whether a text may name a provider in addresses.
pub(crate) fn is_name(name: &str) -> bool {
    (2..=40).contains(&name.chars().count()) && name.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// The origin of an address where people come back to; none where it is no such address: with a fragment (RFC 6749 §3.1.2)
/// or a password in it nobody could.
pub(crate) fn origin(redirect_uri: &str) -> Option<String> {
    let url = url::Url::parse(redirect_uri).ok()?;
    let is_plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let origin = url.origin().ascii_serialization();
    (is_plain && origin.starts_with("http")).then_some(origin)
}

/// Registers a provider; its site is the origin of its first redirect address.
pub async fn register(
    site: &Site,
    name: &str,
    redirect_uris: &[String],
    listing: &Listing,
) -> Result<Registered> {
    if !is_name(name) {
        return Err(Error::invalid("name", "wrong_value"));
    }
    let first = redirect_uris.first().ok_or_else(|| Error::invalid("redirect_uri", "required"))?;
    let site_url = origin(first).ok_or_else(|| Error::invalid("redirect_uri", "wrong_value"))?;
    let title = if listing.title.is_empty() { name.to_owned() } else { listing.title.clone() };
    let provider = Provider {
        id: site.new_id(),
        name: name.to_owned(),
        title,
        former_title: listing.former_title.clone(),
        site_url,
        notice_url: listing.notice_url.clone(),
        telephone: listing.telephone.clone(),
        standing: Standing::Live,
        standing_reason: String::new(),
        quota: Quota::default(),
    };
    let tx = site.db.begin().await?;
    store::insert(&tx, &provider, &redirect_uris.join(" "), site.now()).await?;
    let key = keys::fresh(site, &tx, &provider).await?;
    let xapi = records::grant(site, &tx, &provider.id.to_string(), name).await?;
    let deed = audit::Deed {
        actor: None,
        action: "provider.register",
        object: name,
        unit_path: "",
        details: serde_json::json!({"key_id": key.key_id, "site": provider.site_url}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    let (key_id, secret) = (key.key_id, key.secret);
    Ok(Registered { id: provider.id.to_string(), name: name.to_owned(), key_id, secret, xapi })
}

/// Tells that a provider answers at another address now.
pub async fn moved(site: &Site, name: &str, site_url: &str) -> Result<()> {
    store::move_site(&site.db, name, site_url).await
}

/// Where every provider answers.
pub async fn site_urls(conn: &impl db::Conn) -> Result<Vec<String>> {
    Ok(store::all(conn).await?.into_iter().map(|p| p.site_url).collect())
}
