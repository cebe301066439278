//! Limits by network, with a whole unit behind one address in mind (security 3.4): over 10 failures in ten minutes
//! a captcha, over 60, or over 20 different accounts without a success, a pause. What is refused here is not counted
//! against the account.
use base::{Error, Kind, Result, day};
use db::params;
use sea_orm::FromQueryResult;
use site::Site;

use super::captcha;

const WINDOW_MS: i64 = 10 * 60_000;
const DAY_MS: i64 = 24 * 3_600_000;
const FREE: i64 = 10;
const MOST: i64 = 60;
const MOST_NAMES: i64 = 20;
/// From the third living failure of an account on, its next try needs a captcha.
const ACCOUNT_FREE: i64 = 3;

#[derive(FromQueryResult)]
struct Seen {
    failures: i64,
    names: i64,
    successes: i64,
}

/// Refuses a caller who tries too much; asks for a captcha before that. `living` are the account's living failures.
pub(crate) async fn admit(site: &Site, living: i64, answer: Option<&str>) -> Result<()> {
    if !site.settings.captcha {
        return Ok(());
    }
    let network = site::caller().network();
    let since = day::millis(site.now()) - WINDOW_MS;
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN is_right THEN 0 ELSE 1 END), 0) AS BIGINT) AS failures, \
               CAST(COUNT(DISTINCT CASE WHEN is_right THEN NULL ELSE guard_key END) AS BIGINT) AS names, \
               CAST(COALESCE(SUM(CASE WHEN is_right THEN 1 ELSE 0 END), 0) AS BIGINT) AS successes \
               FROM network_attempts WHERE network = $1 AND at > $2";
    let seen: Seen = db::one(&site.db, sql, params![network, since]).await?;
    if seen.failures > MOST || (seen.names > MOST_NAMES && seen.successes == 0) {
        return Err(Error::refused(Kind::TooMany, "too_many_attempts").retry_after(600));
    }
    if seen.failures > FREE || living >= ACCOUNT_FREE { captcha::demand(site, answer).await } else { Ok(()) }
}

/// Remembers how a try from this network ended.
pub(crate) async fn remember(site: &Site, guard: &str, is_right: bool) -> Result<()> {
    if !site.settings.captcha {
        return Ok(());
    }
    let now = day::millis(site.now());
    db::execute(&site.db, "DELETE FROM network_attempts WHERE at < $1", params![now - DAY_MS]).await?;
    let sql = "INSERT INTO network_attempts (network, guard_key, is_right, at) VALUES ($1, $2, $3, $4)";
    db::execute(&site.db, sql, params![site::caller().network(), guard, is_right, now]).await?;
    Ok(())
}
