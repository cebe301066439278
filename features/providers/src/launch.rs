//! Launch tickets: a person opens a provider without signing in again. Single use, 60 s, only the hash stored. The address
//! is the provider's `initiate_login_uri` of OpenID Connect (Core §4), the ticket its `login_hint`: whoever opens it comes
//! back to the management platform with the hint and is known there, session or not. A provider without OpenID Connect
//! exchanges the ticket itself, signed.
use base::{Error, Kind, PersonId, Result, SessionId, day};
use site::{Site, Visitor};

use crate::{
    catalogue,
    provider::Provider,
    selfcheck,
    standing::{self, Standing},
    store,
};

const VALID_MS: i64 = 60_000;

/// The address that signs the visitor in at the provider; `to` is a local path there.
pub(crate) async fn launch(site: &Site, visitor: &Visitor, name: &str, to: Option<&str>) -> Result<String> {
    let provider = store::by_name(&site.db, name).await?;
    may_open(site, visitor, &provider).await?;
    let ticket = secrets::fresh_token(&*site.random);
    let hash = secrets::sha256_hex(ticket.as_bytes());
    let expires_at = day::millis(site.now()) + VALID_MS;
    let tx = site.db.begin().await?;
    let holder = (visitor.actor.person, visitor.actor.session);
    store::insert_ticket(&tx, &hash, provider.id, holder, expires_at).await?;
    catalogue::refresh(site, &tx, &provider).await?;
    tx.commit().await?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("iss", &site.settings.public_url).append_pair("login_hint", &ticket);
    if let Some(to) = to.filter(|p| p.starts_with('/') && !p.starts_with("//")) {
        query.append_pair("target_link_uri", &format!("{}{to}", provider.site_url));
    }
    Ok(format!("{}/enter?{}", provider.site_url, query.finish()))
}

/// A live provider is open to everyone; one that is only trying, to its operators.
async fn may_open(site: &Site, visitor: &Visitor, provider: &Provider) -> Result<()> {
    match provider.standing {
        Standing::Live => Ok(()),
        Standing::Suspended => Err(Error::conflict("provider_suspended")),
        Standing::Sandbox | Standing::Asking => {
            let own = standing::operated(&site.db, &visitor.actor).await.map_err(|_| Error::not_found())?;
            if own.id == provider.id { Ok(()) } else { Err(Error::not_found()) }
        }
        Standing::Applied | Standing::Refused => Err(Error::not_found()),
    }
}

/// Whom a launch signs in.
#[derive(Clone, Copy, Debug)]
pub struct Launched {
    /// The person.
    pub person: PersonId,
    /// The session in which the launch was asked for.
    pub session: SessionId,
}

/// Spends a ticket of the provider. Another provider's, a used or an old one is nothing.
pub async fn spend_ticket(site: &Site, provider: &str, ticket: &str) -> Result<Option<Launched>> {
    let hash = secrets::sha256_hex(ticket.as_bytes());
    let spent = store::spend_ticket(&site.db, &hash, provider, site.now()).await?;
    Ok(spent.map(|(person, session)| Launched { person, session }))
}

/// The id under which the provider knows the person, made when there is none.
pub async fn subject(site: &Site, conn: &impl db::Conn, provider: &str, person: PersonId) -> Result<String> {
    store::ensure_subject(conn, provider, person, &secrets::fresh_token(&*site.random)).await
}

/// As [`subject`], by the provider's short name.
pub async fn subject_at(site: &Site, name: &str, person: PersonId) -> Result<String> {
    let provider = store::by_name(&site.db, name).await?;
    subject(site, &site.db, &provider.id.to_string(), person).await
}

/// Whom a ticket signs in, for a provider without OpenID Connect.
pub(crate) struct Admitted {
    pub subject_id: String,
    pub name: String,
}

/// Exchanges a ticket.
pub(crate) async fn admit(site: &Site, provider: &Provider, ticket: &str) -> Result<Admitted> {
    let id = provider.id.to_string();
    let launched = spend_ticket(site, &id, ticket).await?;
    let launched = launched.ok_or_else(|| Error::refused(Kind::Gone, "ticket_gone"))?;
    let subject_id = subject(site, &site.db, &id, launched.person).await?;
    selfcheck::saw(site, provider, (selfcheck::SIGN_IN, true, "ticket")).await?;
    let name = org::person(&site.db, launched.person).await?.name;
    Ok(Admitted { subject_id, name })
}
