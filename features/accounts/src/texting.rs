//! Short messages that other slices send to people's bound phones, such as reminders. The phone stays in this slice.
use std::collections::HashSet;

use base::{Error, Instant, PersonId, Phone, Result};
use db::{Conn, Tx};
use site::Site;

use crate::{
    codes::{self, Letter},
    password, store,
};

/// A message to several people.
pub struct Texting {
    /// The text's key in the locale is `sms-<purpose>`.
    pub purpose: &'static str,
    /// When it goes out.
    pub at: Instant,
    /// To whom, each with the words of the text: name and value.
    pub to: Vec<(PersonId, Vec<(String, String)>)>,
}

/// Who of these people has a bound phone and an open account.
pub async fn reachable(conn: &impl Conn, people: &[PersonId]) -> Result<HashSet<PersonId>> {
    Ok(store::phones(conn, people).await?.into_keys().collect())
}

/// Puts the messages into the queue, in the caller's transaction; who has no bound phone gets none.
pub async fn text(site: &Site, tx: &Tx, texting: Texting) -> Result<()> {
    let people: Vec<PersonId> = texting.to.iter().map(|(person, _)| *person).collect();
    let phones = store::phones(tx, &people).await?;
    let mut letters = vec![];
    for (person, words) in texting.to {
        let Some((account, sealed)) = phones.get(&person) else { continue };
        let phone = site.keys.open_sealed(&password::phone_place_of(*account), sealed)?;
        let phone = Phone::parse(&phone).ok_or_else(|| Error::internal("a bound phone that is none"))?;
        letters.push(Letter::notice(&phone, texting.purpose, words));
    }
    codes::deliver_at(site, tx, &letters, texting.at).await
}
