//! Binding a phone (manual, 情况1 and 情况2B).
use base::{Error, Phone, Result};
use db::Tx;
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    password, sessions,
    sms::{self, Asked},
    store,
};

/// Reads a phone as typed.
pub(crate) fn parse(typed: &str) -> Result<Phone> {
    Phone::parse(typed).ok_or_else(|| Error::invalid("phone", "phone_form"))
}

/// Sends a code to the phone that the visitor wants to bind.
pub(crate) async fn request_code(site: &Site, visitor: &Visitor, phone: &Phone) -> Result<()> {
    let own = sessions::own(site, visitor).await?;
    refuse_rebinding(site, own.account).await?;
    let session = visitor.actor.session;
    sms::request(site, &Asked { account: own.account, session, purpose: sms::BIND_PHONE, phone }).await
}

/// A bound phone is changed by old code and new code (情况3), never by binding another.
async fn refuse_rebinding(site: &Site, account: base::AccountId) -> Result<()> {
    match store::by_id(&site.db, account).await?.phone_sealed {
        Some(_) => Err(Error::conflict("phone_already_bound")),
        None => Ok(()),
    }
}

/// Binds the phone whose code the visitor read. The acting session stays, others end.
pub(crate) async fn bind(site: &Site, visitor: &Visitor, phone: &Phone, code: &str) -> Result<()> {
    let own = sessions::own(site, visitor).await?;
    refuse_rebinding(site, own.account).await?;
    let session = visitor.actor.session;
    let asked = Asked { account: own.account, session, purpose: sms::BIND_PHONE, phone };
    sms::verify(site, &asked, code).await?;
    let tx = site.db.begin().await?;
    write(site, &tx, visitor, phone).await?;
    tx.commit().await
}

/// Writes the binding of a phone whose code was accepted.
pub(crate) async fn write(site: &Site, tx: &Tx, visitor: &Visitor, phone: &Phone) -> Result<()> {
    let own = sessions::own(site, visitor).await?;
    let account = store::hold(tx, own.account).await?;
    let sealed = site.keys.seal(&password::phone_place(&account), phone.as_str(), &*site.random)?;
    let lookup = crate::identifiers::phone_lookup(site, phone);
    store::bind_phone(tx, account.id, &sealed, &lookup, site.now()).await?;
    sessions::end_others(site, tx, account.id, visitor.actor.session, "phone_changed").await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "phone.bind",
        object: &account.id.to_string(),
        unit_path: "",
        details: json!({"phone": phone.masked()}),
    };
    audit::record(site, tx, deed).await
}
