//! The manual's forced steps on one screen (情况1 and 情况2): password, phone, code, in one transaction.
use base::{Error, Result};
use site::{RequiredAction, Site, Visitor};

use crate::{codes, door::hashing, password, phone, sessions, store};

/// What was typed on the screen; parts that are not asked for stay empty.
pub(crate) struct Entered {
    pub new_password: String,
    pub repeated: String,
    pub phone: String,
    pub code: String,
}

/// Does every open step or none: a wrong code leaves the password as it was.
pub(crate) async fn complete(site: &Site, visitor: &Visitor, entered: &Entered) -> Result<()> {
    let wants = |action| visitor.required_actions.contains(&action);
    let own = sessions::own(site, visitor).await?;
    let account = store::by_id(&site.db, own.account).await?;
    let mut hash = None;
    if wants(RequiredAction::ChangePassword) {
        password::refuse_weak(site, &account, &entered.new_password).await?;
        if entered.new_password != entered.repeated {
            return Err(Error::invalid("repeated", "mismatch"));
        }
        hash = Some(hashing::hash(site, &entered.new_password).await?);
    }
    let mut phone = None;
    if wants(RequiredAction::BindPhone) && !(account.is_phone_waived && entered.phone.trim().is_empty()) {
        let typed = phone::parse(&entered.phone)?;
        let right = phone::compare_first(site, visitor, (&typed, &entered.code)).await?;
        phone = Some((typed, right));
    }
    let tx = site.db.begin().await?;
    if let Some(hash) = &hash {
        password::set(site, &tx, visitor, (&account, hash)).await?;
    }
    if let Some((phone, right)) = &phone {
        codes::spend(site, &tx, right).await?;
        phone::write(site, &tx, visitor, phone).await?;
    }
    tx.commit().await
}
