//! Signing in: count before verifying, one counter however the account is named, the same answer for all who fail.
use base::{Error, Kind, Phone, Result};
use db::Tx;
use serde_json::json;
use site::{Site, Via};

use super::{
    gate::{self, Attempt, Tally},
    hashing, identifiers, networks,
};
use crate::{
    codes::{self, Asked, Purpose},
    notices,
    passkeys::{self, Assertion, Proved},
    password,
    sessions::{self, Opened},
    store::{self, Account, PasswordState},
    totp,
};

/// After so many wrong passwords without a right one in 30 days a code is asked for as well (security 3.2.11).
const STEP_UP_AFTER: i64 = 20;
/// After so many the password must be reset.
const RESET_AFTER: i64 = 100;

/// What was typed at the door.
pub(crate) struct Typed<'a> {
    pub account: &'a str,
    pub password: &'a str,
    /// The answer to a `captcha_required`.
    pub captcha: Option<&'a str>,
    /// The answer to a `code_required`.
    pub code: Option<&'a str>,
    /// Another answer to it, from someone who has passkeys.
    pub passkey: Option<&'a Assertion>,
}

/// Checks account and password, and a code where one is asked for, and opens a session.
pub(crate) async fn sign_in(site: &Site, typed: &Typed<'_>, via: Via) -> Result<(Opened, Account)> {
    let found = store::by_lookups(&site.db, &identifiers::lookups(site, typed.account)).await?;
    let account = match found.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    let key = account.as_ref().map_or_else(|| gate::unknown_key(site, typed.account), |a| a.id.to_string());
    gate::refuse_locked(site, &key).await?;
    let tally = gate::tally(site, &key).await?;
    networks::admit(site, tally.living, typed.captcha).await?;
    let attempt = gate::count(site, &key, rules::lockout::Kind::Password).await?;
    let usable = account.as_ref().filter(|a| may_use_password(site, a));
    let hash = usable.and_then(|a| a.password_hash.as_deref());
    let is_right = hashing::verify(&site.keys, typed.password, hash).await?;
    networks::remember(site, &key, is_right).await?;
    let Some(account) = account.filter(|_| is_right) else {
        return Err(refusal(site, &attempt, ("sign_in.failed", "invalid_credentials")).await?);
    };
    step_up(site, &account, (&attempt, &tally), (typed.code, typed.passkey)).await?;
    open(site, account, typed.password, attempt, via).await
}

/// The password of someone signed in, asked again for a weighty change; the same gate.
pub(crate) async fn verify_again(site: &Site, account: &Account, secret: &str) -> Result<()> {
    let attempt = gate::count(site, &account.id.to_string(), rules::lockout::Kind::Password).await?;
    if !hashing::verify(&site.keys, secret, account.password_hash.as_deref()).await? {
        if attempt.locked_until.is_some() {
            notices::lock(site, Some(account.id)).await?;
        }
        gate::locked(site, &attempt)?;
        return Err(Error::invalid("current_password", "password_wrong"));
    }
    let tx = site.db.begin().await?;
    gate::accept(&tx, &attempt).await?;
    tx.commit().await
}

fn may_use_password(site: &Site, account: &Account) -> bool {
    let is_stale = account.password_state == PasswordState::OneTime
        && account.one_time_until.is_none_or(|until| until <= site.now());
    !account.is_disabled && !is_stale
}

/// Asks for a code where the account wants one always (TOTP) or failed too often; the right password is taken back,
/// and the run of wrong ones goes on until the code is right too.
async fn step_up(
    site: &Site,
    account: &Account,
    (attempt, tally): (&Attempt, &Tally),
    (code, passkey): (Option<&str>, Option<&Assertion>),
) -> Result<()> {
    let is_doubtful = tally.passwords >= STEP_UP_AFTER && account.password_state != PasswordState::OneTime;
    if account.totp_sealed.is_none() && !account.has_passkey && !is_doubtful {
        return Ok(());
    }
    // The password was right: only the code can be wrong from here on.
    let tx = site.db.begin().await?;
    gate::set_aside(&tx, attempt).await?;
    tx.commit().await?;
    let refused = |code| Err(Error::refused(Kind::Denied, code));
    if is_doubtful && tally.passwords >= RESET_AFTER {
        return refused("password_reset_required");
    }
    if account.totp_sealed.is_some() || account.has_passkey {
        return second_factor(site, account, (code, passkey)).await;
    }
    let Some(phone) = account_phone(site, account)? else { return Ok(()) };
    let (guard, challenge) = (account.id.to_string(), format!("sign_in:{}", account.id));
    let asked =
        Asked { account: Some(account.id), guard: &guard, challenge: &challenge, purpose: Purpose::SignIn };
    let Some(code) = code else {
        let tx = site.db.begin().await?;
        match codes::request(site, &tx, (&asked, &phone), None).await {
            Ok(()) => tx.commit().await?,
            // One is on its way already.
            Err(Error::Refused(p)) if p.code == "resend_too_soon" => {}
            Err(e) => return Err(e),
        }
        return refused("code_required");
    };
    let right = codes::compare(site, (&asked, &phone), code).await?;
    let tx = site.db.begin().await?;
    codes::spend(site, &tx, &right).await?;
    tx.commit().await
}

/// The second factor that the account has: a passkey, or the authenticator's code.
async fn second_factor(
    site: &Site,
    account: &Account,
    (code, passkey): (Option<&str>, Option<&Assertion>),
) -> Result<()> {
    if let Some(used) = passkey {
        let proved = passkeys::verify(site, used, Some(account.id)).await?;
        let tx = site.db.begin().await?;
        gate::accept(&tx, &proved.attempt).await?;
        passkeys::note(site, &tx, used).await?;
        return tx.commit().await;
    }
    if let (Some(code), true) = (code, account.totp_sealed.is_some()) {
        return totp::verify(site, account, code).await;
    }
    let refusal = Error::refused(Kind::Denied, "code_required");
    if !account.has_passkey {
        return Err(refusal);
    }
    Err(refusal.with("passkey", passkeys::ask(site, Some(account.id)).await?))
}

/// The phone bound to an account.
pub(crate) fn account_phone(site: &Site, account: &Account) -> Result<Option<Phone>> {
    let Some(sealed) = &account.phone_sealed else { return Ok(None) };
    Ok(Phone::parse(&site.keys.open_sealed(&password::phone_place(account), sealed)?))
}

/// What the one who failed is told: locked from now on, or wrong.
pub(crate) async fn refusal(
    site: &Site,
    attempt: &Attempt,
    (action, code): (&'static str, &'static str),
) -> Result<Error> {
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: None,
        action,
        object: &attempt.key,
        unit_path: "",
        details: json!({"locked": attempt.rule}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    if attempt.locked_until.is_some() {
        notices::lock(site, attempt.key.parse().ok()).await?;
    }
    gate::locked(site, attempt)?;
    Ok(Error::refused(Kind::Unauthenticated, code))
}

async fn open(
    site: &Site,
    account: Account,
    secret: &str,
    attempt: Attempt,
    via: Via,
) -> Result<(Opened, Account)> {
    let is_weak = !password::weaknesses(site, &account, secret, "password").await?.is_empty();
    let renewed = match &account.password_hash {
        Some(old) if hashing::is_outdated(&site.keys, old) => Some(hashing::hash(site, secret).await?),
        Some(_) | None => None,
    };
    let tx = site.db.begin().await?;
    let mut held = store::hold(&tx, account.id).await?;
    if held.password_hash != account.password_hash || held.is_disabled {
        return Err(Error::refused(Kind::Unauthenticated, "invalid_credentials"));
    }
    gate::accept(&tx, &attempt).await?;
    if let Some(hash) = &renewed {
        store::rehash(&tx, held.id, hash).await?;
    }
    if held.password_state == PasswordState::OneTime {
        store::spend_one_time(&tx, held.id).await?;
    } else if is_weak && held.password_state == PasswordState::Set {
        store::mark_weak(&tx, held.id).await?;
        held.password_state = PasswordState::Weak;
    }
    let opened = enter(site, &tx, &held, (via, "password")).await?;
    tx.commit().await?;
    Ok((opened, held))
}

/// Opens a session for someone whose passkey was right.
pub(crate) async fn open_by_passkey(
    site: &Site,
    proved: Proved,
    used: &Assertion,
    via: Via,
) -> Result<Opened> {
    let tx = site.db.begin().await?;
    let held = store::hold(&tx, proved.account.id).await?;
    gate::accept(&tx, &proved.attempt).await?;
    passkeys::note(site, &tx, used).await?;
    let opened = enter(site, &tx, &held, (via, "passkey")).await?;
    tx.commit().await?;
    Ok(opened)
}

async fn enter(site: &Site, tx: &Tx, held: &Account, (via, way): (Via, &str)) -> Result<Opened> {
    notices::new_device(site, tx, held).await?;
    let opened = sessions::open(site, tx, held, via).await?;
    let deed = audit::Deed {
        actor: Some(held.person),
        action: "sign_in",
        object: &opened.session.to_string(),
        unit_path: "",
        details: json!({"by": way}),
    };
    audit::record(site, tx, deed).await?;
    Ok(opened)
}
