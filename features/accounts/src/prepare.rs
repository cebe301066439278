//! Accounts that are ready at once, for the demo and for tests: password and phone set without the steps.
use base::{PersonId, Phone, Result};
use db::Tx;
use site::Site;

use crate::{
    identifiers, password,
    store::{self, PasswordState},
};

/// Sets a password and binds a phone, as if the person had done the first steps.
pub async fn prepare(site: &Site, tx: &Tx, person: PersonId, (secret, phone): (&str, &Phone)) -> Result<()> {
    let account = store::by_person(tx, person).await?;
    let hash = password::hash(&*site.random, secret).await?;
    store::set_password(tx, &account, &hash, PasswordState::Set, (site.now(), None)).await?;
    let sealed = site.keys.seal(&password::phone_place(&account), phone.as_str(), &*site.random)?;
    let lookup = identifiers::phone_lookup(site, phone);
    store::bind_phone(tx, account.id, &sealed, &lookup, site.now()).await
}
