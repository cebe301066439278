//! Signing in: count before verifying, one counter however the account is named, the same answer for all who fail.
use base::{Error, Kind, Result};
use serde_json::json;
use site::{Site, Via};

use crate::{
    gate::{self, Attempt},
    identifiers, password,
    sessions::{self, Opened},
    store::{self, Account, PasswordState},
};

/// Checks account and password and opens a session.
pub(crate) async fn sign_in(site: &Site, typed: &str, secret: &str, via: Via) -> Result<(Opened, Account)> {
    let found = store::by_lookups(&site.db, &identifiers::lookups(site, typed)).await?;
    let account = match found.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    let key = account.as_ref().map_or_else(|| gate::unknown_key(site, typed), |a| a.id.to_string());
    let attempt = gate::count(site, &key, rules::lockout::Kind::Password).await?;
    let usable = account.as_ref().filter(|a| may_use_password(site, a));
    let is_right = password::verify(secret, usable.and_then(|a| a.password_hash.as_deref())).await?;
    let Some(account) = account.filter(|_| is_right) else { return Err(refusal(site, &attempt).await?) };
    open(site, account, secret, attempt, via).await
}

/// The password of someone signed in, asked again for a weighty change; the same gate.
pub(crate) async fn verify_again(site: &Site, account: &Account, secret: &str) -> Result<()> {
    let attempt = gate::count(site, &account.id.to_string(), rules::lockout::Kind::Password).await?;
    if !password::verify(secret, account.password_hash.as_deref()).await? {
        gate::locked(site, &attempt)?;
        return Err(Error::invalid("current_password", "password_wrong"));
    }
    let tx = site.db.begin().await?;
    gate::accept(site, &tx, &attempt).await?;
    tx.commit().await
}

fn may_use_password(site: &Site, account: &Account) -> bool {
    let is_stale = account.password_state == PasswordState::OneTime
        && account.one_time_until.is_none_or(|until| until <= site.now());
    !account.is_disabled && !is_stale
}

/// What the one who failed is told: locked from now on, or wrong.
async fn refusal(site: &Site, attempt: &Attempt) -> Result<Error> {
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: None,
        action: "sign_in.failed",
        object: &attempt.key,
        unit_path: "",
        details: json!({"locked": attempt.locked_until.is_some()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    gate::locked(site, attempt)?;
    Ok(Error::refused(Kind::Unauthenticated, "invalid_credentials"))
}

async fn open(
    site: &Site,
    account: Account,
    secret: &str,
    attempt: Attempt,
    via: Via,
) -> Result<(Opened, Account)> {
    let is_weak = !password::weaknesses(site, &account, secret, "password")?.is_empty();
    let tx = site.db.begin().await?;
    let mut held = store::hold(&tx, account.id).await?;
    if held.password_hash != account.password_hash || held.is_disabled {
        return Err(Error::refused(Kind::Unauthenticated, "invalid_credentials"));
    }
    gate::accept(site, &tx, &attempt).await?;
    if held.password_state == PasswordState::OneTime {
        store::spend_one_time(&tx, held.id).await?;
    } else if is_weak && held.password_state == PasswordState::Set {
        store::mark_weak(&tx, held.id).await?;
        held.password_state = PasswordState::Weak;
    }
    let opened = sessions::open(site, &tx, &held, via).await?;
    let deed = audit::Deed {
        actor: Some(held.person),
        action: "sign_in",
        object: &opened.session.to_string(),
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok((opened, held))
}
