//! The phone of an account: bound once (manual, 情况1 and 情况2B), changed by a code to the old one and then a code to the
//! new one (情况3).
use base::{Error, Phone, Result};
use db::Tx;
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    codes::{self, Asked, Purpose},
    door::{identifiers, sign_in::account_phone},
    notices, password, sessions, shares,
    store::{self, Account},
};

/// Reads a phone as typed.
pub(crate) fn parse(typed: &str) -> Result<Phone> {
    Phone::parse(typed).ok_or_else(|| Error::invalid("phone", "phone_form"))
}

/// The visitor's account with what a code of theirs belongs to.
struct Owner {
    account: Account,
    guard: String,
    challenge: String,
}

impl Owner {
    async fn of(site: &Site, visitor: &Visitor) -> Result<Self> {
        let own = sessions::own(site, visitor).await?;
        let account = store::by_id(&site.db, own.account).await?;
        Ok(Self { guard: account.id.to_string(), challenge: visitor.actor.session.to_string(), account })
    }

    fn asked(&self, purpose: Purpose) -> Asked<'_> {
        Asked { account: Some(self.account.id), guard: &self.guard, challenge: &self.challenge, purpose }
    }
}

/// What a signed-in person asks a code for.
pub(crate) struct Wanted<'a> {
    pub purpose: Purpose,
    /// The phone typed: the new one, or the old one as a check that the person knows it.
    pub phone: Option<&'a str>,
    /// The password, where the last entry of it is too long ago for a change of phone (security item 23).
    pub current_password: Option<&'a str>,
    pub captcha: Option<&'a str>,
}

/// Sends the code that binding or changing the phone needs next.
pub(crate) async fn request_code(site: &Site, visitor: &Visitor, wanted: &Wanted<'_>) -> Result<()> {
    let owner = Owner::of(site, visitor).await?;
    let bound = account_phone(site, &owner.account)?;
    let typed = wanted.phone.filter(|p| !p.trim().is_empty()).map(parse).transpose()?;
    let phone = match (wanted.purpose, bound, typed) {
        (Purpose::BindPhone, Some(_), _) => return Err(Error::conflict("phone_already_bound")),
        (Purpose::ChangePhoneOld | Purpose::ChangePhoneNew, None, _) => {
            return Err(Error::conflict("phone_not_bound"));
        }
        (Purpose::ChangePhoneOld, Some(bound), Some(typed)) if typed != bound => {
            return Err(Error::invalid("phone", "phone_not_the_bound"));
        }
        (Purpose::ChangePhoneOld, Some(bound), _) => bound,
        (Purpose::ChangePhoneNew, Some(bound), Some(typed)) => {
            refuse_unless_old_verified(site, &owner).await?;
            if typed == bound {
                return Err(Error::invalid("phone", "phone_is_the_old"));
            }
            typed
        }
        (Purpose::BindPhone, None, Some(typed)) => typed,
        (Purpose::BindPhone | Purpose::ChangePhoneNew, _, None) => {
            return Err(Error::invalid("phone", "required"));
        }
        (Purpose::ResetPassword | Purpose::SignIn, ..) => return Err(Error::conflict("code_not_by_session")),
    };
    if wanted.purpose == Purpose::ChangePhoneOld {
        sessions::prove(site, visitor, wanted.current_password).await?;
    }
    let tx = site.db.begin().await?;
    codes::request(site, &tx, (&owner.asked(wanted.purpose), &phone), wanted.captcha).await?;
    tx.commit().await
}

/// Checks a code without using it, except the one to the old phone, the first half of 情况3: that is spent, and what
/// follows is open for ten minutes.
pub(crate) async fn verify(site: &Site, visitor: &Visitor, purpose: Purpose, code: &str) -> Result<()> {
    if matches!(purpose, Purpose::ResetPassword | Purpose::SignIn) {
        return Err(Error::conflict("code_not_by_session"));
    }
    let owner = Owner::of(site, visitor).await?;
    let right = codes::compare_any(site, &owner.asked(purpose), code).await?;
    if purpose == Purpose::ChangePhoneOld { codes::accept(site, &right).await } else { Ok(()) }
}

/// Whether the visitor has entered the old phone's code and may go on to the new one.
pub(crate) async fn is_old_verified(site: &Site, visitor: &Visitor) -> Result<bool> {
    codes::is_accepted(site, &visitor.actor.session.to_string(), Purpose::ChangePhoneOld).await
}

async fn refuse_unless_old_verified(site: &Site, owner: &Owner) -> Result<()> {
    if codes::is_accepted(site, &owner.challenge, Purpose::ChangePhoneOld).await? {
        Ok(())
    } else {
        Err(Error::conflict("old_phone_not_verified"))
    }
}

/// Binds the phone whose code the visitor read, or changes to it. The acting session stays, others end.
pub(crate) async fn bind(site: &Site, visitor: &Visitor, phone: &Phone, code: &str) -> Result<()> {
    let owner = Owner::of(site, visitor).await?;
    let purpose = if owner.account.phone_sealed.is_some() {
        refuse_unless_old_verified(site, &owner).await?;
        Purpose::ChangePhoneNew
    } else {
        Purpose::BindPhone
    };
    let right = codes::compare(site, (&owner.asked(purpose), phone), code).await?;
    let tx = site.db.begin().await?;
    codes::spend(site, &tx, &right).await?;
    codes::close(site, &tx, &owner.challenge).await?;
    write(site, &tx, visitor, phone).await?;
    tx.commit().await
}

/// Compares the code of a first binding, for the screen that does both forced steps at once.
pub(crate) async fn compare_first(
    site: &Site,
    visitor: &Visitor,
    (phone, code): (&Phone, &str),
) -> Result<codes::Right> {
    let owner = Owner::of(site, visitor).await?;
    codes::compare(site, (&owner.asked(Purpose::BindPhone), phone), code).await
}

/// Writes the binding of a phone whose code was accepted, and tells the phone that was bound before.
pub(crate) async fn write(site: &Site, tx: &Tx, visitor: &Visitor, phone: &Phone) -> Result<()> {
    let own = sessions::own(site, visitor).await?;
    let account = store::hold(tx, own.account).await?;
    let before = account_phone(site, &account)?;
    rebind(site, tx, &account, phone).await?;
    shares::began(site, tx, &account, None).await?;
    sessions::end_others(site, tx, account.id, visitor.actor.session, "phone_changed").await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: if before.is_some() { "phone.change" } else { "phone.bind" },
        object: &account.id.to_string(),
        unit_path: "",
        details: json!({"phone": phone.masked(), "before": before.as_ref().map(Phone::masked)}),
    };
    audit::record(site, tx, deed).await?;
    match before {
        Some(old) => notices::tell_phone(site, tx, (account.id, &old), "notice_phone").await,
        None => Ok(()),
    }
}

/// Seals and stores the phone of an account, and lets the account be found by it.
pub(crate) async fn rebind(site: &Site, tx: &Tx, account: &Account, phone: &Phone) -> Result<()> {
    let sealed = site.keys.seal(&password::phone_place(account), phone.as_str(), &*site.random)?;
    identifiers::bring_phone_along(site, tx, phone).await?;
    let lookup = identifiers::phone_lookup(site, phone);
    store::bind_phone(tx, account.id, &sealed, &lookup, site.now()).await
}
