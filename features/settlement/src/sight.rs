//! Who sees accounts: the authority and auditors at the top all of them, a platform's operators their own.
use base::{Actor, Error, Result};
use db::Conn;

use crate::{READERS, holds_at_top, store::Statement};

/// The side on which someone looks at accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The authority or an auditor at the top.
    Top,
    /// The platform of that id.
    Platform(String),
}

impl Side {
    /// The actor's side.
    pub(crate) async fn of(conn: &impl Conn, actor: &Actor) -> Result<Option<Self>> {
        if holds_at_top(actor, READERS) {
            return Ok(Some(Self::Top));
        }
        Ok(providers::operated_id(conn, actor).await?.map(Self::Platform))
    }

    /// The platform whose statements alone are seen; empty for all.
    pub(crate) fn only(&self) -> &str {
        match self {
            Self::Top => "",
            Self::Platform(id) => id,
        }
    }
}

/// The side from which the actor sees a statement; to others it does not exist.
pub(crate) async fn of_statement(conn: &impl Conn, actor: &Actor, statement: &Statement) -> Result<Side> {
    let side = Side::of(conn, actor).await?.ok_or_else(Error::not_found)?;
    let is_seen = side.only().is_empty() || side.only() == statement.provider_id;
    if is_seen { Ok(side) } else { Err(Error::not_found()) }
}
