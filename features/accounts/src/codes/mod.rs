//! SMS codes: six digits, five minutes, once, bound to purpose, phone, account and challenge; a new one voids the old
//! (security 3.3). A stranger's request writes the same rows and sends nothing.
mod limits;
mod send;

use base::{AccountId, Error, FieldProblem, Kind, Phone, Result, day, random};
use db::{Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

pub(crate) use send::{Letter, SEND, deliver, deliver_at, send};

use crate::door::{gate, identifiers};

const VALID_MS: i64 = 5 * 60_000;
/// How long an accepted code of the old phone allows what follows (manual, 情况3).
const ACCEPTED_MS: i64 = 10 * 60_000;

/// What a code is for; the contract's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    BindPhone,
    ChangePhoneOld,
    ChangePhoneNew,
    ResetPassword,
    SignIn,
}

impl Purpose {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BindPhone => "bind_phone",
            Self::ChangePhoneOld => "change_phone_old",
            Self::ChangePhoneNew => "change_phone_new",
            Self::ResetPassword => "reset_password",
            Self::SignIn => "sign_in",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::BindPhone, Self::ChangePhoneOld, Self::ChangePhoneNew, Self::ResetPassword, Self::SignIn]
            .into_iter()
            .find(|p| p.code() == code)
    }
}

/// A code asked for or entered: by whom, in which challenge, for what.
pub(crate) struct Asked<'a> {
    /// None for a name that is no account's.
    pub account: Option<AccountId>,
    /// The counter of wrong entries.
    pub guard: &'a str,
    /// The session, the reset or the sign-in that it belongs to.
    pub challenge: &'a str,
    pub purpose: Purpose,
}

/// Sends a code within the limits, by a job; the transaction is the caller's.
pub(crate) async fn request(
    site: &Site,
    tx: &Tx,
    (asked, phone): (&Asked<'_>, &Phone),
    captcha: Option<&str>,
) -> Result<()> {
    let code = random::digits(&*site.random, 6);
    let (now, network) = (day::millis(site.now()), site::caller().network());
    let lookups = identifiers::phone_lookups(site, phone);
    let sender = limits::Sender { asked, lookups: &lookups, network: &network };
    limits::refuse(site, tx, &sender, captcha).await?;
    let sql = "UPDATE sms_codes SET ended_at = $1, accepted_at = NULL \
               WHERE challenge = $2 AND purpose = $3 AND (ended_at IS NULL OR accepted_at IS NOT NULL)";
    db::execute(tx, sql, params![now, asked.challenge, asked.purpose.code()]).await?;
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let mac = site.keys.mac("sms-code", &[id.to_string().as_bytes(), code.as_bytes()]);
    let sql = "INSERT INTO sms_codes (id, purpose, account_id, challenge, phone_lookup, network, code_mac, created_at, \
               expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let purpose = asked.purpose.code();
    let until = now + VALID_MS;
    let lookup = identifiers::phone_lookup(site, phone);
    let values = params![id, purpose, asked.account, asked.challenge, lookup, network, mac, now, until];
    db::execute(tx, sql, values).await?;
    if asked.account.is_none() {
        return Ok(());
    }
    deliver(site, tx, Letter::code(phone, purpose, code)).await
}

#[derive(FromQueryResult)]
struct Living {
    id: String,
    code_mac: String,
}

/// A code that was right and is not yet spent.
pub(crate) struct Right(String);

/// Compares a code through the gate. Expired or unknown codes are not compared and not counted.
pub(crate) async fn compare(site: &Site, (asked, phone): (&Asked<'_>, &Phone), code: &str) -> Result<Right> {
    compare_for(site, asked, &identifiers::phone_lookups(site, phone), code).await
}

/// As [`compare`], whichever phone the code was sent to.
pub(crate) async fn compare_any(site: &Site, asked: &Asked<'_>, code: &str) -> Result<Right> {
    compare_for(site, asked, &[], code).await
}

async fn compare_for(site: &Site, asked: &Asked<'_>, lookups: &[String], code: &str) -> Result<Right> {
    let mut values = params![asked.challenge, asked.purpose.code(), site.now()];
    let to = match lookups.len() {
        0 => String::new(),
        n => format!("AND phone_lookup IN ({})", db::in_list(values.len() + 1, n)),
    };
    values.extend(lookups.iter().map(db::Param::param));
    let sql = format!(
        "SELECT id, code_mac FROM sms_codes WHERE challenge = $1 AND purpose = $2 {to} AND ended_at IS NULL \
         AND expires_at > $3 ORDER BY created_at DESC LIMIT 1"
    );
    gate::refuse_locked(site, asked.guard).await?;
    let Some(living) = db::maybe::<Living>(&site.db, &sql, values).await? else {
        return Err(Error::refused(Kind::Gone, "code_expired"));
    };
    let attempt = gate::count(site, asked.guard, rules::lockout::Kind::Code).await?;
    let typed = code.trim().as_bytes();
    if !site.keys.mac_holds("sms-code", &[living.id.as_bytes(), typed], &living.code_mac) {
        if attempt.locked_until.is_some() {
            void_all(site, asked).await?;
            crate::notices::lock(site, asked.account).await?;
        }
        gate::locked(site, &attempt)?;
        let field = FieldProblem { field: "code".into(), code: "code_wrong" };
        return Err(Error::refused(Kind::Invalid, "code_wrong").with_fields(vec![field]));
    }
    let tx = site.db.begin().await?;
    gate::accept(&tx, &attempt).await?;
    tx.commit().await?;
    Ok(Right(living.id))
}

/// Spends a right code in the transaction of what it allows: it is good once.
pub(crate) async fn spend(site: &Site, tx: &Tx, right: &Right) -> Result<()> {
    let sql = "UPDATE sms_codes SET ended_at = $1, used_at = $1 WHERE id = $2 AND ended_at IS NULL";
    if db::execute(tx, sql, params![site.now(), right.0]).await? == 0 {
        return Err(Error::refused(Kind::Gone, "code_expired"));
    }
    Ok(())
}

/// Spends a right code and keeps that it was accepted: the first half of 情况3.
pub(crate) async fn accept(site: &Site, right: &Right) -> Result<()> {
    let sql = "UPDATE sms_codes SET ended_at = $1, accepted_at = $1, used_at = $1 WHERE id = $2 AND ended_at IS NULL";
    if db::execute(&site.db, sql, params![site.now(), right.0]).await? == 0 {
        return Err(Error::refused(Kind::Gone, "code_expired"));
    }
    Ok(())
}

/// Whether a code of the purpose was accepted in this challenge within the last ten minutes.
pub(crate) async fn is_accepted(site: &Site, challenge: &str, purpose: Purpose) -> Result<bool> {
    let since = day::millis(site.now()) - ACCEPTED_MS;
    let sql = "SELECT COUNT(*) FROM sms_codes WHERE challenge = $1 AND purpose = $2 AND accepted_at > $3";
    Ok(db::count(&site.db, sql, params![challenge, purpose.code(), since]).await? > 0)
}

/// Ends what is left of a challenge: codes and acceptances.
pub(crate) async fn close(site: &Site, tx: &Tx, challenge: &str) -> Result<()> {
    let sql =
        "UPDATE sms_codes SET ended_at = COALESCE(ended_at, $1), accepted_at = NULL WHERE challenge = $2";
    db::execute(tx, sql, params![site.now(), challenge]).await?;
    Ok(())
}

async fn void_all(site: &Site, asked: &Asked<'_>) -> Result<()> {
    let sql =
        "UPDATE sms_codes SET ended_at = $1 WHERE (challenge = $2 OR account_id = $3) AND ended_at IS NULL";
    db::execute(&site.db, sql, params![site.now(), asked.challenge, asked.account]).await?;
    Ok(())
}
