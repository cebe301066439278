//! Ids: one type per entity, UUIDv7 (time-sortable, 74 random bits), made in Rust so that both databases hold the same.
use std::{fmt, marker::PhantomData, str::FromStr};

use crate::{Clock, Random, day, random};

/// The id of an entity `Of`.
pub struct Id<Of>(uuid::Uuid, PhantomData<fn() -> Of>);

impl<Of> Id<Of> {
    /// A new id, sortable by the clock's time.
    pub fn new(clock: &dyn Clock, source: &dyn Random) -> Self {
        let millis = u64::try_from(day::millis(clock.now())).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random::bytes(source)).into_uuid();
        Self(id, PhantomData)
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<Of> fmt::Debug for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<Of> FromStr for Id<Of> {
    type Err = crate::Error;
    /// An id that cannot be read names nothing: `NotFound`.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        uuid::Uuid::try_parse(s).map(|id| Self(id, PhantomData)).map_err(|_| crate::Error::not_found())
    }
}

impl<Of> Clone for Id<Of> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Of> Copy for Id<Of> {}
impl<Of> PartialEq for Id<Of> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Of> Eq for Id<Of> {}
impl<Of> PartialOrd for Id<Of> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<Of> Ord for Id<Of> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<Of> std::hash::Hash for Id<Of> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<Of> serde::Serialize for Id<Of> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<Of> utoipa::PartialSchema for Id<Of> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        <String as utoipa::PartialSchema>::schema()
    }
}

impl<Of> utoipa::ToSchema for Id<Of> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

impl<'de, Of> serde::Deserialize<'de> for Id<Of> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(|_| serde::de::Error::custom("not an id"))
    }
}

/// Marks for the kinds of id.
pub mod of {
    /// Someone with a record in the roster or an account.
    pub enum Person {}
    /// A sign-in account.
    pub enum Account {}
    /// A place in the unit tree.
    pub enum Unit {}
    /// A signed-in browser or API client.
    pub enum Session {}
    /// An entry of the hour ledger.
    pub enum Entry {}
    /// A background job.
    pub enum Job {}
}

/// Id of a person.
pub type PersonId = Id<of::Person>;
/// Id of an account.
pub type AccountId = Id<of::Account>;
/// Id of a unit.
pub type UnitId = Id<of::Unit>;
/// Id of a session.
pub type SessionId = Id<of::Session>;
/// Id of a ledger entry.
pub type EntryId = Id<of::Entry>;
/// Id of a job.
pub type JobId = Id<of::Job>;
