//! Letters by mail. They are queued sealed in the transaction of what they belong to, and go to confirmed addresses only.
use base::{Error, PersonId, Result};
use db::Tx;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{address, store_address as store};

/// The job that hands one letter over.
pub(crate) const SEND: &str = "messages.mail";
/// What queued letters are bound to when sealed.
const PLACE: &str = "jobs.mail";

/// A letter to a person.
#[derive(Clone, Debug)]
pub struct Mail {
    /// To whom.
    pub to: PersonId,
    /// Why, such as `notice`.
    pub purpose: &'static str,
    /// The subject.
    pub subject: String,
    /// What the person reads, plain text.
    pub text: String,
}

/// A letter to an address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    pub to: String,
    pub purpose: String,
    pub subject: String,
    pub text: String,
}

/// Queues letters to those who confirmed an address; answers how many that are.
pub async fn mail(site: &Site, tx: &Tx, letters: Vec<Mail>) -> Result<usize> {
    let people: Vec<PersonId> = letters.iter().map(|l| l.to).collect();
    let mut addresses = std::collections::HashMap::new();
    for stored in store::confirmed(tx, &people).await? {
        let person: PersonId = stored.person_id.parse()?;
        addresses.insert(person, address::open(site, &stored)?);
    }
    let mut sealed = vec![];
    for l in letters {
        let Some(to) = addresses.get(&l.to).cloned() else { continue };
        let purpose = l.purpose.to_owned();
        sealed.push(seal(site, &Outgoing { to, purpose, subject: l.subject, text: l.text })?);
    }
    site.enqueue_many(tx, SEND, &sealed).await?;
    Ok(sealed.len())
}

/// Queues one letter to an address.
pub(crate) async fn enqueue(site: &Site, tx: &Tx, letter: Outgoing) -> Result<()> {
    site.enqueue(tx, SEND, &seal(site, &letter)?).await
}

fn seal(site: &Site, letter: &Outgoing) -> Result<String> {
    let plain = serde_json::to_string(letter).map_err(Error::internal)?;
    site.keys.seal(PLACE, &plain, &*site.random)
}

/// Hands a queued letter over.
pub(crate) async fn send(site: Site, sealed: String) -> Result<()> {
    let plain = site.keys.open_sealed(PLACE, &sealed)?;
    let Outgoing { to, purpose, subject, text } = serde_json::from_str(&plain).map_err(Error::internal)?;
    site.mail.send(site.now(), outside::mail::Letter { to, purpose, subject, text }).await
}
