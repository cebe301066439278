//! Weighty things want the password fresh: entered within ten minutes, or once more now, through the same gate.
use base::{Error, Kind, PersonId, Result, day};
use site::{Site, Visitor};

use crate::{
    door::sign_in::{self, account_phone},
    sessions, store,
};

const FRESH_MS: i64 = 10 * 60_000;

/// Passes if the visitor's password was entered a short while ago or is right now.
pub async fn fresh(site: &Site, visitor: &Visitor, password: Option<&str>) -> Result<()> {
    let since = day::millis(site.now()) - FRESH_MS;
    if sessions::password_at(&site.db, visitor.actor.session).await?.is_some_and(|at| at > since) {
        return Ok(());
    }
    let Some(password) = password.filter(|p| !p.is_empty()) else {
        return Err(Error::refused(Kind::Denied, "password_needed"));
    };
    let own = sessions::own(site, visitor).await?;
    let account = store::by_id(&site.db, own.account).await?;
    sign_in::verify_again(site, &account, password).await?;
    sessions::password_entered(site, visitor.actor.session).await
}

/// The bound phone of a person in clear; who shows it says so in the audit trail.
pub async fn bound_phone(site: &Site, person: PersonId) -> Result<Option<String>> {
    let account = store::by_person(&site.db, person).await?;
    Ok(account_phone(site, &account)?.map(|p| p.as_str().to_owned()))
}
