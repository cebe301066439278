//! People of a rehearsal: accounts made ready for a load test of one's own platform, and unmade after it. Only whoever
//! holds its database and its keys can call this; no route leads here.
use base::{AccountId, PersonId, Result};
use site::Site;

use crate::{
    door::hashing,
    reset,
    store::rehearsal::{self as store, Found, Ready},
};

/// Who takes part, and what all of them sign in with.
pub struct Rehearsal {
    /// The password of all; it exists for the rehearsal only.
    pub secret: String,
    /// The participants.
    pub visitors: Vec<Participant>,
}

/// A participant, signed in.
pub struct Participant {
    /// Who.
    pub person: PersonId,
    /// The account's name.
    pub account: String,
    /// A session's token.
    pub token: String,
}

/// Gives these people one password and a session each. Their phone is a number that nobody can have.
pub async fn rehearse(site: &Site, people: &[PersonId]) -> Result<Rehearsal> {
    let secret = reset::one_time(&*site.random);
    let hash = hashing::hash(site, &secret).await?;
    let (mut visitors, mut all) = (vec![], vec![]);
    for found in store::find(&site.db, people).await? {
        let token = secrets::fresh_token(&*site.random);
        all.push(prepared(site, &found, &token)?);
        visitors.push(Participant { person: found.person_id.parse()?, account: found.name, token });
    }
    let tx = site.db.begin().await?;
    store::ready(&tx, &all, &hash, site.now()).await?;
    tx.commit().await?;
    Ok(Rehearsal { secret, visitors })
}

fn prepared(site: &Site, found: &Found, token: &str) -> Result<Ready> {
    let account: AccountId = found.id.parse()?;
    let phone_sealed = site.keys.seal(&format!("accounts.phone:{account}"), "10000000000", &*site.random)?;
    let found = Found { id: found.id.clone(), person_id: found.person_id.clone(), name: found.name.clone() };
    let token_hash = secrets::sha256_hex(token.as_bytes());
    Ok(Ready { account, found, phone_sealed, session: site.new_id(), token_hash })
}

/// Takes password, phone and sessions from them again.
pub async fn end_rehearsal(site: &Site, people: &[PersonId]) -> Result<()> {
    let tx = site.db.begin().await?;
    store::end(&tx, people, site.now()).await?;
    tx.commit().await
}
