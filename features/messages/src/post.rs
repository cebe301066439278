//! Putting messages into people's inboxes.
use base::{PersonId, Result};
use db::{Conn, Tx};
use site::Site;

use crate::store;

/// A message to one person.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To whom.
    pub to: PersonId,
    /// What it is about; the locale names it (`message-<kind>`).
    pub kind: &'static str,
    /// What the person reads.
    pub text: String,
    /// A path of this site where something can be done about it; empty for none.
    pub link: String,
    /// What is said once only, such as a step of a year to a person; `None` for what may be said again.
    pub once: Option<String>,
}

/// Posts messages in the caller's transaction; what was said once already is left out. Answers to whom something was said.
pub async fn post(site: &Site, tx: &Tx, letters: &[Letter]) -> Result<Vec<PersonId>> {
    store::insert(site, tx, letters).await
}

/// How many messages the person has not read.
pub async fn unread(conn: &impl Conn, person: PersonId) -> Result<i64> {
    store::unread(conn, person).await
}
