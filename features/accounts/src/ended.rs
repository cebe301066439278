//! The job that follows the end of sessions, for whoever has to end more than them: other platforms' sessions, by the
//! slice `openid`.
use base::{PersonId, Result, SessionId};
use db::Tx;
use serde::{Deserialize, Serialize};
use site::{Site, Visitor};

/// The kind of the job. Sessions that idled or were replaced by a newer one are not told.
pub const SESSIONS_ENDED: &str = "accounts.sessions_ended";

/// Which sessions ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionsEnded {
    /// One, by its owner.
    One(SessionId),
    /// All of a person but the acting one, those that idled before included: the account was secured.
    Of {
        /// Whose.
        person: PersonId,
    },
}

pub(crate) async fn tell(site: &Site, tx: &Tx, ended: &SessionsEnded) -> Result<()> {
    site.enqueue(tx, SESSIONS_ENDED, ended).await
}

/// Signs the visitor out.
pub async fn sign_out(site: &Site, visitor: &Visitor) -> Result<()> {
    end_session(site, visitor.actor.session).await
}

/// Ends a session as its owner's wish.
pub async fn end_session(site: &Site, session: SessionId) -> Result<()> {
    crate::sessions::end(site, session, "signed_out").await
}
