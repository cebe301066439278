//! Passwords: the rule, changing one's own.
use ::pinyin::ToPinyin;
use base::{AccountId, Error, FieldProblem, Kind, Phone, Result};
use db::Tx;
use serde_json::json;
use site::{RequiredAction, Site, Visitor};

use crate::{
    door::{
        hashing,
        sign_in::{self, account_phone},
    },
    notices, sessions,
    store::{self, Account, PasswordState},
};

/// The new password must differ from the current one and the last five (security item 20).
const REMEMBERED: i64 = 5;

/// Everything that is wrong with a password for this account, as problems of `field`.
pub(crate) async fn weaknesses(
    site: &Site,
    account: &Account,
    password: &str,
    field: &str,
) -> Result<Vec<FieldProblem>> {
    let phone = account_phone(site, account)?;
    let owner = store::owner(site, &site.db, account.person).await?;
    let name = pinyin(&owner.name);
    let context = rules::password::Context {
        account: Some(account.name.as_str()),
        phone: phone.as_ref().map(Phone::as_str),
        id_number: owner.id_number.as_deref(),
        name_pinyin: Some(&name),
    };
    let reasons = rules::password::check(password, &context);
    Ok(reasons.into_iter().map(|r| FieldProblem { field: field.to_owned(), code: r.code() }).collect())
}

/// A Chinese name in pinyin, written together; empty for another.
fn pinyin(name: &str) -> String {
    name.to_pinyin().flatten().map(::pinyin::Pinyin::plain).collect()
}

pub(crate) fn phone_place(account: &Account) -> String {
    phone_place_of(account.id)
}

/// As [`phone_place`], where only the id is known.
pub(crate) fn phone_place_of(account: AccountId) -> String {
    format!("accounts.phone:{account}")
}

/// Refuses a password that breaks the rule or was used before.
pub(crate) async fn refuse_weak(site: &Site, account: &Account, password: &str) -> Result<()> {
    let mut problems = weaknesses(site, account, password, "new_password").await?;
    if problems.is_empty() && is_used(site, account, password).await? {
        problems.push(FieldProblem { field: "new_password".into(), code: "same_as_old" });
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::refused(Kind::Invalid, "weak_password").with_fields(problems))
}

async fn is_used(site: &Site, account: &Account, password: &str) -> Result<bool> {
    let mut hashes = store::old_passwords(&site.db, account.id, REMEMBERED).await?;
    hashes.extend(account.password_hash.clone());
    for hash in hashes {
        if hashing::verify(&site.keys, password, Some(&hash)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Changes the visitor's own password. The current one may be left out only in the forced step after sign-in.
pub(crate) async fn change(site: &Site, visitor: &Visitor, current: Option<&str>, new: &str) -> Result<()> {
    let session = sessions::own(site, visitor).await?;
    let account = store::by_id(&site.db, session.account).await?;
    let is_open_step = visitor.required_actions.contains(&RequiredAction::ChangePassword);
    let is_forced = session.is_forced_step && is_open_step;
    if !is_forced {
        let Some(current) = current else { return Err(Error::invalid("current_password", "required")) };
        sign_in::verify_again(site, &account, current).await?;
    }
    refuse_weak(site, &account, new).await?;
    let hash = hashing::hash(site, new).await?;
    let tx = site.db.begin().await?;
    set(site, &tx, visitor, (&account, &hash)).await?;
    tx.commit().await
}

/// Writes the visitor's new password, unless the account changed since it was read.
pub(crate) async fn set(
    site: &Site,
    tx: &Tx,
    visitor: &Visitor,
    (account, hash): (&Account, &str),
) -> Result<()> {
    let held = store::hold(tx, account.id).await?;
    if held.password_hash != account.password_hash || held.password_state != account.password_state {
        return Err(Error::conflict("changed_meanwhile"));
    }
    store::set_password(tx, &held, hash, PasswordState::Set, (site.now(), None)).await?;
    sessions::end_others(site, tx, account.id, visitor.actor.session, "password_changed").await?;
    notices::tell(site, tx, &held, "notice_password").await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "password.change",
        object: &account.id.to_string(),
        unit_path: "",
        details: json!({"forced": account.password_state != PasswordState::Set}),
    };
    audit::record(site, tx, deed).await
}
