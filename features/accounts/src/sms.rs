//! SMS codes: six digits, five minutes, once, bound to purpose, phone, account and session; a new one voids the old.
use base::{AccountId, Error, Kind, Phone, Result, SessionId, day, random};
use db::{Tx, params};
use outside::sms::Message;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{gate, identifiers};

/// The job that hands a message to the gateway.
pub(crate) const SEND: &str = "accounts.sms";
const VALID_MS: i64 = 5 * 60_000;
const RESEND_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const PER_PHONE_HOUR: i64 = 5;
const PER_DAY: i64 = 10;
/// The purpose this slice serves so far.
pub(crate) const BIND_PHONE: &str = "bind_phone";

/// Who asks for a code, and for which phone.
pub(crate) struct Asked<'a> {
    pub account: AccountId,
    pub session: SessionId,
    pub purpose: &'a str,
    pub phone: &'a Phone,
}

/// Sends a code, within the limits; the message goes out by a job.
pub(crate) async fn request(site: &Site, asked: &Asked<'_>) -> Result<()> {
    let code = random::digits(&*site.random, 6);
    let tx = site.db.begin().await?;
    crate::store::hold(&tx, asked.account).await?;
    let now = day::millis(site.now());
    let lookup = identifiers::phone_lookup(site, asked.phone);
    refuse_too_often(&tx, asked.account, &lookup, now).await?;
    let sql =
        "UPDATE sms_codes SET ended_at = $1 WHERE account_id = $2 AND purpose = $3 AND ended_at IS NULL";
    db::execute(&tx, sql, params![now, asked.account, asked.purpose]).await?;
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let mac = site.keys.mac("sms-code", &[id.to_string().as_bytes(), code.as_bytes()]);
    let sql = "INSERT INTO sms_codes (id, purpose, account_id, session_id, phone_lookup, code_mac, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = params![id, asked.purpose, asked.account, asked.session, lookup, mac, now, now + VALID_MS];
    db::execute(&tx, sql, values).await?;
    let letter = Letter { to: asked.phone.as_str().to_owned(), purpose: asked.purpose.to_owned(), code };
    let plain = serde_json::to_string(&letter).map_err(Error::internal)?;
    site.enqueue(&tx, SEND, &site.keys.seal("jobs.sms", &plain, &*site.random)?).await?;
    tx.commit().await
}

#[derive(FromQueryResult)]
struct Sent {
    last_at: Option<i64>,
    hour: i64,
    day: i64,
}

async fn refuse_too_often(tx: &Tx, account: AccountId, phone_lookup: &str, now: i64) -> Result<()> {
    let sql = "SELECT MAX(created_at) AS last_at, \
               CAST(COALESCE(SUM(CASE WHEN created_at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS hour, \
               CAST(COUNT(*) AS BIGINT) AS day FROM sms_codes WHERE phone_lookup = $1 AND created_at > $3";
    let sent: Sent = db::one(tx, sql, params![phone_lookup, now - HOUR_MS, now - DAY_MS]).await?;
    let too_soon = |code, wait_ms: i64| {
        let seconds = u64::try_from(wait_ms.max(1)).unwrap_or(1).div_ceil(1000);
        Err(Error::refused(Kind::TooMany, code).retry_after(seconds))
    };
    if let Some(wait) = sent.last_at.map(|at| at + RESEND_MS - now).filter(|wait| *wait > 0) {
        return too_soon("resend_too_soon", wait);
    }
    let sql = "SELECT COUNT(*) FROM sms_codes WHERE account_id = $1 AND created_at > $2";
    let by_account = db::count(tx, sql, params![account, now - DAY_MS]).await?;
    if sent.hour >= PER_PHONE_HOUR {
        return too_soon("too_many_codes", HOUR_MS);
    }
    if sent.day >= PER_DAY || by_account >= PER_DAY {
        return too_soon("too_many_codes", DAY_MS);
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Living {
    id: String,
    code_mac: String,
}

/// Checks a code through the gate and spends it. Expired or unknown codes are not compared and not counted.
pub(crate) async fn verify(site: &Site, asked: &Asked<'_>, code: &str) -> Result<()> {
    let sql = "SELECT id, code_mac FROM sms_codes WHERE account_id = $1 AND session_id = $2 AND purpose = $3 \
               AND phone_lookup = $4 AND ended_at IS NULL AND expires_at > $5 ORDER BY created_at DESC LIMIT 1";
    let lookup = identifiers::phone_lookup(site, asked.phone);
    let values = params![asked.account, asked.session, asked.purpose, lookup, site.now()];
    gate::refuse_locked(site, &asked.account.to_string()).await?;
    let Some(living) = db::maybe::<Living>(&site.db, sql, values).await? else {
        return Err(Error::refused(Kind::Gone, "code_expired"));
    };
    let attempt = gate::count(site, &asked.account.to_string(), rules::lockout::Kind::Code).await?;
    if !site.keys.mac_holds("sms-code", &[living.id.as_bytes(), code.trim().as_bytes()], &living.code_mac) {
        if attempt.locked_until.is_some() {
            void_all(site, asked.account).await?;
        }
        gate::locked(site, &attempt)?;
        return Err(Error::refused(Kind::Invalid, "code_wrong")
            .with_fields(vec![base::FieldProblem { field: "code".into(), code: "code_wrong" }]));
    }
    let tx = site.db.begin().await?;
    gate::accept(site, &tx, &attempt).await?;
    let sql = "UPDATE sms_codes SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    if db::execute(&tx, sql, params![site.now(), living.id]).await? == 0 {
        return Err(Error::refused(Kind::Gone, "code_expired"));
    }
    tx.commit().await
}

async fn void_all(site: &Site, account: AccountId) -> Result<()> {
    let sql = "UPDATE sms_codes SET ended_at = $1 WHERE account_id = $2 AND ended_at IS NULL";
    db::execute(&site.db, sql, params![site.now(), account]).await?;
    Ok(())
}

/// What a message needs; sealed in the job, so that no code stands in the job table.
#[derive(Serialize, Deserialize)]
struct Letter {
    to: String,
    purpose: String,
    code: String,
}

/// Hands a message to the gateway.
pub(crate) async fn send(site: Site, sealed: String) -> Result<()> {
    let plain = site.keys.open_sealed("jobs.sms", &sealed)?;
    let letter: Letter = serde_json::from_str(&plain).map_err(Error::internal)?;
    let to = Phone::parse(&letter.to).ok_or_else(|| Error::internal("a message to no phone"))?;
    let text = site.texts.with(&format!("sms-{}", letter.purpose), &[("code", &letter.code)]);
    let message = Message { to, purpose: letter.purpose, text, code: Some(letter.code) };
    let (sms, now) = (std::sync::Arc::clone(&site.sms), site.now());
    tokio::task::spawn_blocking(move || sms.send(now, &message)).await.map_err(Error::internal)?
}
