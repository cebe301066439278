//! Who sends: Basic credentials of a provider. Of the secret, 256 random bits, only a keyed MAC is stored.
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
};

use base::{Result, day};
use base64::{Engine, engine::general_purpose::STANDARD};
use db::Tx;
use site::Site;

use crate::{json::Json, store_doors as store, version::Version};

const PURPOSE: &str = "record_credentials";
/// How long a credential is remembered before it is read again, so that ending one works soon.
const REMEMBERED_MS: i64 = 5000;

/// What a provider is given, once.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The address of the store.
    pub endpoint: String,
    /// The name for Basic authentication.
    pub username: String,
    /// The secret for it.
    pub password: String,
}

/// Gives a provider credentials of its own, in the transaction that registers it.
pub async fn grant(site: &Site, tx: &Tx, provider_id: &str, name: &str) -> Result<Credentials> {
    let username = format!("{name}-xapi-{}", base::random::digits(&*site.random, 6));
    let password = secrets::fresh_token(&*site.random);
    let tenant = store::ensure_tenant(tx, provider_id, name, site.now()).await?;
    let mac = site.keys.mac(PURPOSE, &[username.as_bytes(), password.as_bytes()]);
    store::insert_credential(tx, &username, tenant, &mac, site.now()).await?;
    Ok(Credentials { endpoint: format!("{}/xapi/", site.settings.public_url), username, password })
}

/// Ends all living credentials of a provider but the newest ones.
pub async fn end_older(site: &Site, tx: &Tx, provider_id: &str, kept: usize) -> Result<()> {
    let living = store::living_credentials(tx, provider_id).await?;
    let older: Vec<String> = living.into_iter().skip(kept).collect();
    store::end_credentials(tx, &older, site.now()).await
}

/// Sets how many requests a minute a provider may make here; none is unlimited. Each node counts its own.
pub async fn set_quota(tx: &Tx, provider_id: &str, most: Option<i64>) -> Result<()> {
    store::set_quota(tx, provider_id, most).await
}

/// Requests of a provider in the minute that is running.
#[derive(Debug, Default)]
struct Minute {
    number: AtomicI64,
    used: AtomicI64,
}

/// A provider that signed in.
#[derive(Debug)]
pub struct Door {
    /// The provider's number.
    pub tenant: i64,
    /// Its authority as JSON.
    pub authority: String,
    secret_mac: String,
    read_at: i64,
    /// The version that it spoke last; 0 before it spoke.
    spoke: AtomicU8,
    /// How many requests a minute it may make.
    most: Option<i64>,
    minute: Arc<Minute>,
}

impl Door {
    /// Counts a request; the seconds to wait where the minute is used up. Two requests at the turn of a minute may both
    /// begin it, which is of no account.
    pub fn use_up(&self, now_ms: i64) -> Option<i64> {
        const MINUTE_MS: i64 = 60_000;
        let most = self.most?;
        let number = now_ms / MINUTE_MS;
        if self.minute.number.swap(number, Ordering::Relaxed) != number {
            self.minute.used.store(0, Ordering::Relaxed);
        }
        let used = self.minute.used.fetch_add(1, Ordering::Relaxed) + 1;
        (used > most).then(|| (MINUTE_MS - now_ms % MINUTE_MS) / 1000 + 1)
    }

    /// Keeps the version that it speaks.
    pub fn spoke(&self, version: Version) {
        let number = match version {
            Version::V1 => 1,
            Version::V2 => 2,
        };
        self.spoke.store(number, Ordering::Relaxed);
    }

    /// Nobody: who asks what anyone may know.
    pub fn nobody() -> Self {
        Self {
            tenant: 0,
            authority: String::new(),
            secret_mac: String::new(),
            read_at: 0,
            spoke: AtomicU8::new(0),
            most: None,
            minute: Arc::default(),
        }
    }

    /// The version that it spoke last, for answers to requests that name none.
    pub fn last_spoken(&self) -> Version {
        if self.spoke.load(Ordering::Relaxed) == 1 { Version::V1 } else { Version::V2 }
    }
}

/// The credentials that were read lately. Cheap to clone.
#[derive(Clone, Default)]
pub struct Doors(Arc<RwLock<HashMap<String, Arc<Door>>>>);

impl Doors {
    /// The provider of an `Authorization` header; none where it is wrong.
    pub async fn open(&self, site: &Site, header: Option<&str>) -> Result<Option<Arc<Door>>> {
        let Some((username, password)) = header.and_then(basic) else { return Ok(None) };
        let Some(door) = self.find(site, &username).await? else { return Ok(None) };
        let parts = [username.as_bytes(), password.as_bytes()];
        Ok(site.keys.mac_holds(PURPOSE, &parts, &door.secret_mac).then_some(door))
    }

    async fn find(&self, site: &Site, username: &str) -> Result<Option<Arc<Door>>> {
        let now = day::millis(site.now());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(username).cloned();
        if let Some(door) = known.as_ref().filter(|door| now - door.read_at < REMEMBERED_MS) {
            return Ok(Some(Arc::clone(door)));
        }
        let Some(found) = store::credential(&site.db, username).await? else {
            self.0.write().unwrap_or_else(PoisonError::into_inner).remove(username);
            return Ok(None);
        };
        let spoke = known.as_ref().map_or(0, |door| door.spoke.load(Ordering::Relaxed));
        let door = Arc::new(Door {
            tenant: found.tenant,
            authority: authority(site, &found.name),
            secret_mac: found.secret_mac,
            read_at: now,
            spoke: AtomicU8::new(spoke),
            most: found.requests_a_minute,
            minute: known.map(|door| Arc::clone(&door.minute)).unwrap_or_default(),
        });
        let mut doors = self.0.write().unwrap_or_else(PoisonError::into_inner);
        doors.insert(username.to_owned(), Arc::clone(&door));
        Ok(Some(door))
    }
}

/// The provider as the Agent that asserts its statements (Data 2.4.9.s3.b2).
fn authority(site: &Site, name: &str) -> String {
    let home = Json::from_text(site.settings.public_url.as_str());
    let account = Json::object([("homePage", home), ("name", Json::from_text(name))]);
    Json::object([("objectType", Json::from_text("Agent")), ("account", account)]).to_string()
}

/// Name and secret of a Basic header (RFC 7617).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("Basic"))?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(name, secret)| (name.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn a_basic_header_is_read() {
        let pair = Some(("foo".to_owned(), "b:r".to_owned()));
        assert_eq!(basic("Basic Zm9vOmI6cg=="), pair);
        assert_eq!(basic("basic Zm9vOmI6cg=="), pair);
        for bad in ["", "Basic", "Basic:Zm9vOmI6cg==", "Bearer Zm9vOmI6cg==", "Basic !!", "Basic Zm9v"] {
            assert_eq!(basic(bad), None, "{bad}");
        }
    }
}
