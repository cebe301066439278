//! What others do for an account: lift a lock, bind another phone on the spot. Who may is for the caller (`org` knows
//! the subtrees and ranks).
use base::{PersonId, Phone, Result};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    codes::{self, Asked, Purpose},
    door::{gate, sign_in::account_phone},
    notices, phone, sessions, shares, store,
};

/// Why and where something is done for another.
pub struct Grounds<'a> {
    /// What the helper wrote.
    pub reason: &'a str,
    /// The person's unit.
    pub unit_path: &'a str,
}

/// Ends the lock and clears both counts; the password stays.
pub async fn unlock(site: &Site, visitor: &Visitor, person: PersonId, grounds: &Grounds<'_>) -> Result<()> {
    let account = store::by_person(&site.db, person).await?;
    let tx = site.db.begin().await?;
    gate::clear(&tx, &account.id.to_string()).await?;
    record(site, &tx, visitor, ("account.unlock", person), grounds).await?;
    tx.commit().await
}

/// Sends a code to the new phone of someone who stands before the helper (manual, 情况3 方法1).
pub async fn send_phone_code(site: &Site, visitor: &Visitor, person: PersonId, typed: &str) -> Result<()> {
    let phone = phone::parse(typed)?;
    let account = store::by_person(&site.db, person).await?;
    let (guard, challenge) = (account.id.to_string(), challenge(visitor, person));
    let asked = asked(&account, &guard, &challenge);
    let tx = site.db.begin().await?;
    codes::request(site, &tx, (&asked, &phone), None).await?;
    tx.commit().await
}

/// Binds the new phone with the code read on it; every session ends, and the old phone is told.
pub async fn change_phone(
    site: &Site,
    visitor: &Visitor,
    person: PersonId,
    (typed, code): (&str, &str),
    grounds: &Grounds<'_>,
) -> Result<()> {
    let new = phone::parse(typed)?;
    let account = store::by_person(&site.db, person).await?;
    let (guard, challenge) = (account.id.to_string(), challenge(visitor, person));
    let right = codes::compare(site, (&asked(&account, &guard, &challenge), &new), code).await?;
    let tx = site.db.begin().await?;
    codes::spend(site, &tx, &right).await?;
    let held = store::hold(&tx, account.id).await?;
    let old = account_phone(site, &held)?;
    phone::rebind(site, &tx, &held, &new).await?;
    shares::began(site, &tx, &held, Some(visitor.actor.person)).await?;
    sessions::end_all(site, &tx, held.id, "phone_changed").await?;
    record(site, &tx, visitor, ("phone.change_for", person), grounds).await?;
    if let Some(old) = old {
        notices::tell_phone(site, &tx, (held.id, &old), "notice_phone").await?;
    }
    tx.commit().await
}

fn challenge(visitor: &Visitor, person: PersonId) -> String {
    format!("for:{person}:{}", visitor.actor.session)
}

fn asked<'a>(account: &store::Account, guard: &'a str, challenge: &'a str) -> Asked<'a> {
    Asked { account: Some(account.id), guard, challenge, purpose: Purpose::ChangePhoneNew }
}

/// Someone without a mobile phone was seen in person: a second factor may stand in for the phone from now on.
pub async fn waive_phone(
    site: &Site,
    visitor: &Visitor,
    person: PersonId,
    grounds: &Grounds<'_>,
) -> Result<()> {
    let tx = site.db.begin().await?;
    let account = store::by_person(&tx, person).await?;
    store::waive_phone(&tx, account.id, visitor.actor.person, site.now()).await?;
    record(site, &tx, visitor, ("phone.waive", person), grounds).await?;
    tx.commit().await
}

/// What the administrator decides about a phone that this person shares with another's account.
pub async fn decide_share(
    site: &Site,
    visitor: &Visitor,
    person: PersonId,
    (is_approved, grounds): (bool, &Grounds<'_>),
) -> Result<()> {
    let tx = site.db.begin().await?;
    let account = store::by_person(&tx, person).await?;
    shares::decide(site, &tx, (account.id, visitor.actor.person), is_approved).await?;
    let action = if is_approved { "phone.share_approve" } else { "phone.share_refuse" };
    record(site, &tx, visitor, (action, person), grounds).await?;
    tx.commit().await
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, person): (&'static str, PersonId),
    grounds: &Grounds<'_>,
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: &person.to_string(),
        unit_path: grounds.unit_path,
        details: json!({"reason": grounds.reason}),
    };
    audit::record(site, tx, deed).await
}

/// What the desk sees of an account, without anything that signs in.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Until when it is locked.
    pub locked_until: Option<base::Instant>,
    /// The bound phone, masked.
    pub phone_masked: Option<String>,
    /// Wrong entries of the last half hour.
    pub failures: i64,
    /// Whether a second factor is on.
    pub has_totp: bool,
    /// Whether a second factor may stand in for the phone.
    pub is_phone_waived: bool,
    /// Whether the phone is another account's too and waits for the administrator.
    pub has_share_to_decide: bool,
    /// Whether it was ever used.
    pub has_signed_in: bool,
    /// The last wrong entries: `password` or `code`, and when.
    pub last_failures: Vec<(String, base::Instant)>,
    /// The last messages.
    pub messages: Vec<Message>,
}

/// A message to a phone: what for, when, and what became of it.
#[derive(Clone, Debug)]
pub struct Message {
    /// A code's purpose or a notice's kind.
    pub kind: String,
    /// When it was sent.
    pub at: base::Instant,
    /// `used`, `open` or `over` of a code; `sent` of a notice.
    pub result: &'static str,
}

/// The state of a person's account.
pub async fn state(site: &Site, person: PersonId) -> Result<State> {
    let account = store::by_person(&site.db, person).await?;
    let key = account.id.to_string();
    Ok(State {
        locked_until: gate::locked_until(site, &key).await?,
        phone_masked: account_phone(site, &account)?.as_ref().map(Phone::masked),
        failures: gate::tally(site, &key).await?.living,
        has_totp: account.totp_sealed.is_some() || account.has_passkey,
        is_phone_waived: account.is_phone_waived,
        has_share_to_decide: shares::waits_for_approval(&site.db, account.id).await?,
        has_signed_in: store::has_signed_in(&site.db, account.id).await?,
        last_failures: gate::last_failures(site, &key).await?,
        messages: store::messages(&site.db, account.id, site.now()).await?,
    })
}
