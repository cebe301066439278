//! 忘记密码: account and bound phone, a code, a new password. Known and unknown accounts go the same way and get the same
//! answers; while an account is locked this way is closed as every other (security 3.2.5, 3.2.7).
use base::{Error, FieldProblem, Id, Kind, Phone, Result, day};
use db::params;
use sea_orm::FromQueryResult;
use serde_json::json;
use site::Site;

use crate::{
    codes::{self, Asked, Purpose},
    door::{gate, hashing, identifiers, networks},
    notices, password, sessions, shares,
    store::{self, PasswordState},
};

/// A started reset; its id is the secret of the one who started it.
pub(crate) type ResetId = Id<base::id::of::Entry>;

const VALID_MS: i64 = 30 * 60_000;

/// What was typed to start.
pub(crate) struct Start<'a> {
    pub account: &'a str,
    pub phone: &'a str,
    pub captcha: Option<&'a str>,
}

/// Starts a reset: a code goes to the phone if it is the one bound to the account.
pub(crate) async fn start(site: &Site, typed: &Start<'_>) -> Result<ResetId> {
    let phone = crate::phone::parse(typed.phone)?;
    if typed.account.trim().is_empty() {
        return Err(Error::invalid("account", "required"));
    }
    let found = store::by_lookups(&site.db, &identifiers::lookups(site, typed.account)).await?;
    let account = match found.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let key = account.map_or_else(|| gate::unknown_key(site, typed.account), |a| a.id.to_string());
    gate::refuse_locked(site, &key).await?;
    networks::admit(site, 0, typed.captcha).await?;
    let owner = match account {
        Some(a) if !a.is_disabled && !shares::is_waiting(&site.db, a.id).await? => {
            is_bound(site, a, &phone)?.then_some(a.id)
        }
        Some(_) | None => None,
    };
    let id: ResetId = site.new_id();
    let challenge = id.to_string();
    let asked = Asked { account: owner, guard: &key, challenge: &challenge, purpose: Purpose::ResetPassword };
    let tx = site.db.begin().await?;
    let sql = "INSERT INTO password_resets (id, guard_key, account_id, phone_lookup, created_at) \
               VALUES ($1, $2, $3, $4, $5)";
    let lookup = identifiers::phone_lookup(site, &phone);
    db::execute(&tx, sql, params![id, key, owner, lookup, site.now()]).await?;
    codes::request(site, &tx, (&asked, &phone), typed.captcha).await?;
    tx.commit().await?;
    Ok(id)
}

fn is_bound(site: &Site, account: &store::Account, phone: &Phone) -> Result<bool> {
    Ok(crate::door::sign_in::account_phone(site, account)?.is_some_and(|bound| bound == *phone))
}

#[derive(FromQueryResult)]
struct Started {
    guard_key: String,
    account_id: Option<String>,
}

/// Ends a reset: the code, then the new password, which must meet the rule and be none of the last ones.
pub(crate) async fn finish(site: &Site, id: &str, code: &str, new_password: &str) -> Result<()> {
    let gone = || Error::refused(Kind::Gone, "code_expired");
    let since = day::millis(site.now()) - VALID_MS;
    let sql = "SELECT guard_key, account_id FROM password_resets \
               WHERE id = $1 AND ended_at IS NULL AND created_at > $2";
    let started: Started = db::maybe(&site.db, sql, params![id, since]).await?.ok_or_else(gone)?;
    // The rule that needs no account comes first: a typing error must not cost a code.
    let plain = rules::password::check(new_password, &rules::password::Context::default());
    if !plain.is_empty() {
        let field =
            |r: rules::password::Reason| FieldProblem { field: "new_password".into(), code: r.code() };
        let fields = plain.into_iter().map(field).collect();
        return Err(Error::refused(Kind::Invalid, "weak_password").with_fields(fields));
    }
    let account = started.account_id.as_deref().map(str::parse).transpose()?;
    let guard = started.guard_key.as_str();
    let asked = Asked { account, guard, challenge: id, purpose: Purpose::ResetPassword };
    let right = codes::compare_any(site, &asked, code).await?;
    // A stranger's code was never sent, so nobody gets here without an account.
    let Some(account) = account else { return Err(gone()) };
    let account = store::by_id(&site.db, account).await?;
    password::refuse_weak(site, &account, new_password).await?;
    let hash = hashing::hash(site, new_password).await?;
    let tx = site.db.begin().await?;
    codes::spend(site, &tx, &right).await?;
    db::execute(&tx, "UPDATE password_resets SET ended_at = $1 WHERE id = $2", params![site.now(), id])
        .await?;
    let held = store::hold(&tx, account.id).await?;
    store::set_password(&tx, &held, &hash, PasswordState::Set, (site.now(), None)).await?;
    gate::clear_long_run(&tx, &started.guard_key).await?;
    sessions::end_all(site, &tx, held.id, "password_reset").await?;
    notices::tell(site, &tx, &held, "notice_password").await?;
    let deed = audit::Deed {
        actor: Some(held.person),
        action: "password.recover",
        object: &held.id.to_string(),
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
