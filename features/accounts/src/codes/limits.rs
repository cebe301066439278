//! How often codes are sent: 60 s between two, 5 an hour and 10 a day for a phone, 10 a day for an account; from one
//! network 20 an hour, then with a captcha, and 200 an hour at most (security 3.3).
use base::{Error, Kind, Result, day};
use db::{Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use super::Asked;
use crate::{door::captcha, store};

const RESEND_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const PER_PHONE_HOUR: i64 = 5;
const PER_DAY: i64 = 10;
const PER_NETWORK_FREELY: i64 = 20;
const PER_NETWORK_HOUR: i64 = 200;

/// Who wants a code sent, and from where.
pub(super) struct Sender<'a> {
    pub asked: &'a Asked<'a>,
    /// What the phone may stand under.
    pub lookups: &'a [String],
    pub network: &'a str,
}

#[derive(FromQueryResult)]
struct Sent {
    last_at: Option<i64>,
    hour: i64,
    day: i64,
}

/// Refuses what is too often. The account's row, or the phone's newest code, is held, so that of parallel requests
/// one sends.
pub(super) async fn refuse(site: &Site, tx: &Tx, who: &Sender<'_>, captcha: Option<&str>) -> Result<()> {
    if let Some(account) = who.asked.account {
        store::hold(tx, account).await?;
    }
    let now = day::millis(site.now());
    let sql = format!(
        "SELECT MAX(created_at) AS last_at, \
         CAST(COALESCE(SUM(CASE WHEN created_at > $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS hour, \
         CAST(COUNT(*) AS BIGINT) AS day FROM sms_codes WHERE created_at > $2 AND phone_lookup IN ({})",
        db::in_list(3, who.lookups.len())
    );
    let mut values = params![now - HOUR_MS, now - DAY_MS];
    values.extend(who.lookups.iter().map(db::Param::param));
    let sent: Sent = db::one(tx, &sql, values).await?;
    if let Some(wait) = sent.last_at.map(|at| at + RESEND_MS - now).filter(|wait| *wait > 0) {
        return too_often("resend_too_soon", wait);
    }
    if sent.hour >= PER_PHONE_HOUR {
        return too_often("too_many_codes", HOUR_MS);
    }
    let sql = "SELECT COUNT(*) FROM sms_codes WHERE account_id = $1 AND created_at > $2";
    let by_account = db::count(tx, sql, params![who.asked.account, now - DAY_MS]).await?;
    if sent.day >= PER_DAY || by_account >= PER_DAY {
        return too_often("too_many_codes", DAY_MS);
    }
    if site.settings.captcha { refuse_network(site, tx, (who, now), captcha).await } else { Ok(()) }
}

async fn refuse_network(
    site: &Site,
    tx: &Tx,
    (who, now): (&Sender<'_>, i64),
    captcha: Option<&str>,
) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM sms_codes WHERE network = $1 AND created_at > $2";
    let sent = db::count(tx, sql, params![who.network, now - HOUR_MS]).await?;
    if sent >= PER_NETWORK_HOUR {
        return too_often("too_many_codes", HOUR_MS);
    }
    if sent >= PER_NETWORK_FREELY { captcha::demand(site, captcha).await } else { Ok(()) }
}

fn too_often(code: &'static str, wait_ms: i64) -> Result<()> {
    let seconds = u64::try_from(wait_ms.max(1)).unwrap_or(1).div_ceil(1000);
    Err(Error::refused(Kind::TooMany, code).retry_after(seconds))
}
