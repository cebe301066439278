//! The site's state: what every handler and job is given.
use std::{ops::Deref, path::PathBuf, sync::Arc};

use base::{Clock, Id, Instant, Random, Result, Year};
use db::{Conn, Db};
use outside::{http::Client, scanner::Scanner, sms::SmsGateway};
use secrets::Keyring;
use serde::Serialize;

use crate::{Assets, Brand, Limits, Menu, Sessions, Texts};

/// Settings that pages and gates read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address people use, without a slash at the end.
    pub public_url: String,
    /// The origin at which contents that nobody here wrote are shown, without a slash at the end: learning packages. None
    /// where there is no such origin.
    pub content_url: Option<String>,
    /// The session cookie's name; tells the service, so that several on one host do not mix.
    pub cookie: String,
    /// Whether cookies are `Secure` and HSTS is sent: an https public address.
    pub secure: bool,
    /// Whether limits by address and the captcha are on.
    pub captcha: bool,
    /// After so many days a password must be changed; 0 never (security section 2).
    pub password_max_age_days: i64,
    /// As above, for everyone with an administrative role.
    pub administrators_password_max_age_days: i64,
    /// Whether administrators act only with a second factor.
    pub administrators_need_second_factor: bool,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<std::net::IpAddr>,
    /// Where uploaded files lie, outside of what the web serves.
    pub files: PathBuf,
    /// A line under the bar of every page, such as the demo's marking.
    pub notice: Option<String>,
}

/// The parts of a [`Site`].
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// The one source of randomness.
    pub random: Arc<dyn Random>,
    /// The keys.
    pub keys: Keyring,
    /// Where short messages go.
    pub sms: Arc<dyn SmsGateway>,
    /// For calls to other platforms.
    pub http: Client,
    /// The settings.
    pub settings: Settings,
    /// How pages name and colour the site.
    pub brand: Brand,
    /// What the navigation shows to whom.
    pub menu: Menu,
    /// The texts.
    pub texts: Arc<Texts>,
    /// The embedded scripts and styles.
    pub assets: Assets,
    /// Who a session token belongs to.
    pub sessions: Arc<dyn Sessions>,
    /// What looks at uploaded files, where the operator has one.
    pub scanner: Option<Arc<dyn Scanner>>,
    /// How much callers have asked of this node.
    pub limits: Limits,
}

/// The site's state. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

impl Deref for Site {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Site {
    /// A site of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The year that it is in Shanghai.
    pub fn this_year(&self) -> Year {
        Year::at(self.now())
    }

    /// A new id.
    pub fn new_id<Of>(&self) -> Id<Of> {
        Id::new(&*self.clock, &*self.random)
    }

    /// Adds a background job in the caller's transaction.
    pub async fn enqueue(&self, conn: &impl Conn, kind: &str, payload: &impl Serialize) -> Result<()> {
        jobs::enqueue(conn, (&*self.clock, &*self.random), kind, payload).await
    }

    /// As [`Self::enqueue`], one job for each payload.
    pub async fn enqueue_many<P: Serialize>(
        &self,
        conn: &impl Conn,
        kind: &str,
        payloads: &[P],
    ) -> Result<()> {
        jobs::enqueue_many(conn, (&*self.clock, &*self.random), kind, payloads, self.now()).await
    }

    /// As [`Self::enqueue_many`], due at a later time.
    pub async fn enqueue_many_at<P: Serialize>(
        &self,
        conn: &impl Conn,
        kind: &str,
        payloads: &[P],
        at: Instant,
    ) -> Result<()> {
        jobs::enqueue_many(conn, (&*self.clock, &*self.random), kind, payloads, at).await
    }

    /// As [`Self::enqueue`], at most one waiting job of the key.
    pub async fn enqueue_once(
        &self,
        conn: &impl Conn,
        kind: &str,
        payload: &impl Serialize,
        key: &str,
    ) -> Result<()> {
        jobs::enqueue_once(conn, (&*self.clock, &*self.random), kind, payload, key).await
    }

    /// As [`Self::enqueue_once`], due at a later time.
    pub async fn enqueue_at(
        &self,
        conn: &impl Conn,
        (kind, key): (&str, &str),
        payload: &impl Serialize,
        at: Instant,
    ) -> Result<()> {
        jobs::enqueue_at(conn, (&*self.clock, &*self.random), (kind, key), payload, at).await
    }
}
