//! The address for mail: given by the person, confirmed by a code sent to it, taken away at any time.
use base::{Error, Instant, Kind, PersonId, Result, day, random};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    mail,
    store_address::{self as store, Stored},
};

/// A code holds so long.
const CODE_MS: i64 = 30 * 60_000;
/// Another code is sent after so long.
const RESEND_MS: i64 = 60_000;
/// So many wrong codes, then a new one is needed.
const MOST_TRIES: i64 = 5;

/// An address as its person sees it.
pub(crate) struct Address {
    pub address: String,
    pub is_confirmed: bool,
}

/// What an address is bound to when sealed.
pub(crate) fn place(person: &str) -> String {
    format!("mail_addresses.address:{person}")
}

pub(crate) fn open(site: &Site, stored: &Stored) -> Result<String> {
    site.keys.open_sealed(&place(&stored.person_id), &stored.address_sealed)
}

/// Someone's own address.
pub(crate) async fn own(site: &Site, person: PersonId) -> Result<Option<Address>> {
    let Some(stored) = store::of(&site.db, person).await? else { return Ok(None) };
    Ok(Some(Address { address: open(site, &stored)?, is_confirmed: stored.confirmed_at.is_some() }))
}

fn mac(site: &Site, person: PersonId, code: &str) -> String {
    site.keys.mac("mail-code", &[person.to_string().as_bytes(), code.as_bytes()])
}

fn is_within(since: i64, ms: i64, now: Instant) -> bool {
    day::millis(now) < since + ms
}

/// Takes a new address and sends the code to it. The old one counts no longer.
pub(crate) async fn ask(site: &Site, visitor: &Visitor, address: &str) -> Result<()> {
    let (person, address) = (visitor.actor.person, address.trim());
    if !outside::mail::is_address(address) {
        return Err(Error::invalid("address", "wrong_value"));
    }
    let code = random::digits(&*site.random, 6);
    let tx = site.db.begin().await?;
    if let Some(before) = store::hold(&tx, person).await?
        && is_within(before.asked_at, RESEND_MS, site.now())
    {
        return Err(Error::refused(Kind::TooMany, "resend_too_soon").retry_after(60));
    }
    let sealed = site.keys.seal(&place(&person.to_string()), address, &*site.random)?;
    store::ask(&tx, person, (&sealed, &mac(site, person, &code)), site.now()).await?;
    let subject = site.texts.get("mail-confirm-subject");
    let text = site.texts.with("mail-confirm-text", &[("code", &code)]);
    mail::enqueue(
        site,
        &tx,
        mail::Outgoing { to: address.to_owned(), purpose: "confirm_mail".into(), subject, text },
    )
    .await?;
    record(site, &tx, visitor, "mail_address.ask").await?;
    tx.commit().await
}

/// Confirms the address by its code.
pub(crate) async fn confirm(site: &Site, visitor: &Visitor, code: &str) -> Result<()> {
    let person = visitor.actor.person;
    let tx = site.db.begin().await?;
    let stored = store::hold(&tx, person).await?.ok_or_else(Error::not_found)?;
    let Some(expected) = &stored.code_mac else { return Err(Error::conflict("mail_confirmed_already")) };
    if stored.tries >= MOST_TRIES || !is_within(stored.asked_at, CODE_MS, site.now()) {
        return Err(Error::refused(Kind::Gone, "code_expired"));
    }
    store::count_try(&tx, person).await?;
    let is_right =
        site.keys.mac_holds("mail-code", &[person.to_string().as_bytes(), code.trim().as_bytes()], expected);
    if is_right {
        store::confirm(&tx, person, site.now()).await?;
        record(site, &tx, visitor, "mail_address.confirm").await?;
    }
    tx.commit().await?;
    if is_right { Ok(()) } else { Err(Error::invalid("code", "code_wrong")) }
}

/// Takes the address away.
pub(crate) async fn remove(site: &Site, visitor: &Visitor) -> Result<()> {
    let tx = site.db.begin().await?;
    if store::remove(&tx, visitor.actor.person).await? {
        record(site, &tx, visitor, "mail_address.remove").await?;
    }
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
