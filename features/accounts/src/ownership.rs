//! Whose phone it is: numbers are recycled, so it is confirmed once a year, and whoever holds a stranger's account says
//! so in one tap.
use base::{Phone, Result, day};
use serde_json::json;
use site::{Site, Visitor};

use crate::{door::sign_in::account_phone, sessions, store};

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

/// The visitor's account as 账户信息 shows it.
pub(crate) struct Own {
    pub account: String,
    /// Empty when none is bound.
    pub phone_masked: String,
    /// Whether the phone was not confirmed for a year.
    pub is_phone_stale: bool,
}

/// Reads the visitor's account.
pub(crate) async fn own(site: &Site, visitor: &Visitor) -> Result<Own> {
    let session = sessions::own(site, visitor).await?;
    let account = store::by_id(&site.db, session.account).await?;
    let phone = account_phone(site, &account)?;
    let confirmed_at = store::phone_confirmed_at(&site.db, account.id).await?;
    let limit = day::millis(site.now()) - YEAR_MS;
    let is_phone_stale = phone.is_some() && confirmed_at.is_none_or(|at| day::millis(at) < limit);
    let phone_masked = phone.as_ref().map(Phone::masked).unwrap_or_default();
    Ok(Own { account: account.name, phone_masked, is_phone_stale })
}

/// The phone is still the person's.
pub(crate) async fn confirm(site: &Site, visitor: &Visitor) -> Result<()> {
    let session = sessions::own(site, visitor).await?;
    let tx = site.db.begin().await?;
    store::confirm_phone(&tx, session.account, site.now()).await?;
    record(site, &tx, visitor, "phone.confirm").await?;
    tx.commit().await
}

/// 这不是我的账号: the phone is taken off the account and every session ends; the unit administrator finds it in the trail
/// and gives the true owner a new password.
pub(crate) async fn disown(site: &Site, visitor: &Visitor) -> Result<()> {
    let session = sessions::own(site, visitor).await?;
    let tx = site.db.begin().await?;
    let account = store::hold(&tx, session.account).await?;
    store::unbind_phone(&tx, account.id).await?;
    sessions::end_all(site, &tx, account.id, "disowned").await?;
    record(site, &tx, visitor, "account.disowned").await?;
    tx.commit().await
}

async fn record(site: &Site, tx: &db::Tx, visitor: &Visitor, action: &'static str) -> Result<()> {
    let object = visitor.actor.person.to_string();
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: &object,
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, tx, deed).await
}
