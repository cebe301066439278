//! Accounts that are ready at once, for the demo and for tests: password and phone set without the steps.
use base::{PersonId, Phone, Result};
use db::Tx;
use site::Site;

use crate::{
    door::hashing,
    phone, privacy,
    store::{self, PasswordState},
};

/// Sets a password and binds a phone, as if the person had done the first steps.
pub async fn prepare(site: &Site, tx: &Tx, person: PersonId, (secret, bound): (&str, &Phone)) -> Result<()> {
    let account = store::by_person(tx, person).await?;
    let hash = hashing::hash(site, secret).await?;
    store::set_password(tx, &account, &hash, PasswordState::Set, (site.now(), None)).await?;
    store::read_notice(tx, account.id, privacy::VERSION, site.now()).await?;
    phone::rebind(site, tx, &account, bound).await
}
