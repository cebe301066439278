//! Who is at the door: a session's owner, as the program's own session store knows them.
use std::{ops::Deref, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use base::{Actor, Error, Instant, Kind, Result, Role, SessionId};
use futures::future::BoxFuture;
use serde::Serialize;

use crate::{Failure, Site, csrf};

/// How the token came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A browser's cookie: changes need a CSRF defence.
    Cookie,
    /// An `Authorization: Bearer` header.
    Bearer,
}

/// A step that the manual forces before anything else (情况1 and 情况2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredAction {
    /// 修改密码
    ChangePassword,
    /// 绑定手机号
    BindPhone,
}

/// A role that the visitor holds and may act in.
#[derive(Clone, Debug)]
pub struct HeldRole {
    /// What names it when it is chosen.
    pub id: String,
    /// The role.
    pub role: Role,
    /// The name of the unit where it is held.
    pub unit: String,
    /// Whether the session acts in this role alone.
    pub is_chosen: bool,
}

/// A signed-in visitor: what the session store found, and how the token came. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Visitor {
    found: Arc<FoundSession>,
    /// How the token came.
    pub via: Via,
}

impl Deref for Visitor {
    type Target = FoundSession;
    fn deref(&self) -> &FoundSession {
        &self.found
    }
}

impl Visitor {
    pub(crate) const fn new(found: Arc<FoundSession>, via: Via) -> Self {
        Self { found, via }
    }

    /// The token that forms of this session carry. Made when a page or a form asks for it: most calls carry none.
    pub fn csrf(&self, site: &Site) -> String {
        csrf::token(site, self.actor.session)
    }
}

/// What a person still has to do, without the rest of the site being closed to all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duties {
    /// The privacy notice was renewed and not yet read.
    pub has_notice_to_read: bool,
    /// The installation wants a second factor of administrators and this one has none.
    pub lacks_second_factor: bool,
}

/// A session as its store found it.
#[derive(Clone, Debug)]
pub struct FoundSession {
    /// The person and the roles.
    pub actor: Actor,
    /// The name to greet.
    pub name: String,
    /// The unit's name.
    pub unit: String,
    /// Every role held, the one chosen for this session among them.
    pub roles: Vec<HeldRole>,
    /// Open forced steps, in the order of the contract.
    pub required_actions: Vec<RequiredAction>,
    /// What else waits for the person.
    pub duties: Duties,
    /// When the session ends if nothing is done.
    pub idle_expires_at: Instant,
    /// Whether the person has retired or left: then only reading is open, and what keeps the account safe.
    pub is_former: bool,
    /// Whom to ask, from the unit's contact card; empty where there is none.
    pub contact: String,
}

/// What a token turned out to be.
pub enum Lookup {
    /// No such session.
    Unknown,
    /// It idled for 30 minutes.
    Expired,
    /// It was ended: signed out, replaced, revoked.
    Ended,
    /// It lives.
    Found(Arc<FoundSession>),
    /// It is a program's: good only for routes that are open to programs.
    Program(Arc<FoundSession>),
}

/// The program's session store.
pub trait Sessions: Send + Sync {
    /// Finds the session of a token; an `operation` also puts off its end.
    fn find<'a>(&'a self, site: &'a Site, token: &'a str, operation: bool) -> BoxFuture<'a, Result<Lookup>>;
}

/// A store that also tells which sessions ended, whichever program ended them.
pub trait Endings: Sessions {
    /// The sessions that ended at an instant or later.
    fn ended_since<'a>(&'a self, site: &'a Site, since: Instant) -> BoxFuture<'a, Result<Vec<SessionId>>>;
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    /// The visitor that the guard let in; a route that takes one must not be public.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Failure(Error::refused(Kind::Unauthenticated, "unauthenticated")))
    }
}

impl<S: Send + Sync> axum::extract::OptionalFromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
