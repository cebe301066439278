//! Launch tickets: a person opens a provider without signing in again. Single use, 60 s, only the hash stored. The OpenID
//! Connect provider will take their place.
use base::{Error, Kind, PersonId, Result, day};
use site::{Site, Visitor};

use crate::{catalogue, provider::Provider, store};

const VALID_MS: i64 = 60_000;

/// The address that signs the visitor in at the provider; `to` is a local path there.
pub(crate) async fn launch(site: &Site, visitor: &Visitor, name: &str, to: Option<&str>) -> Result<String> {
    let provider = store::by_name(&site.db, name).await?;
    let ticket = secrets::fresh_token(&*site.random);
    let hash = secrets::sha256_hex(ticket.as_bytes());
    let expires_at = day::millis(site.now()) + VALID_MS;
    let tx = site.db.begin().await?;
    store::insert_ticket(&tx, &hash, provider.id, visitor.actor.person, expires_at).await?;
    site.enqueue_once(&tx, catalogue::SYNC, &provider.name, &provider.name).await?;
    tx.commit().await?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("ticket", &ticket);
    if let Some(to) = to.filter(|p| p.starts_with('/') && !p.starts_with("//")) {
        query.append_pair("to", to);
    }
    Ok(format!("{}/enter?{}", provider.site_url, query.finish()))
}

/// Whom a ticket signs in.
pub(crate) struct Admitted {
    pub subject_id: String,
    pub name: String,
}

/// Spends a ticket for the provider that presents it. Another provider's, a used or an old one is gone.
pub(crate) async fn admit(site: &Site, provider: &Provider, ticket: &str) -> Result<Admitted> {
    let hash = secrets::sha256_hex(ticket.as_bytes());
    let person: Option<PersonId> = store::spend_ticket(&site.db, &hash, provider.id, site.now()).await?;
    let person = person.ok_or_else(|| Error::refused(Kind::Gone, "ticket_gone"))?;
    let fresh = secrets::fresh_token(&*site.random);
    let subject_id = store::ensure_subject(&site.db, provider.id, person, &fresh).await?;
    let name = org::person(&site.db, person).await?.name;
    Ok(Admitted { subject_id, name })
}
