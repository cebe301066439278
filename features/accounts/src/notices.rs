//! Short messages that tell the person what happened to the account (security item 17): no link, no code.
use base::{AccountId, Instant, Phone, Result, day};
use db::{Conn, Tx, params};
use site::Site;

use crate::{
    codes::{self, Letter},
    door::sign_in::account_phone,
    store::{self, Account},
};

const DAY_MS: i64 = 24 * 3_600_000;

/// Tells once a day at most that the account was locked, with time and place: it may have been a stranger.
pub(crate) async fn lock(site: &Site, account: Option<AccountId>) -> Result<()> {
    let Some(id) = account else { return Ok(()) };
    let tx = site.db.begin().await?;
    let account = store::hold(&tx, id).await?;
    if !was_told(&tx, id, "notice_lock", site.now()).await? {
        tell(site, &tx, &account, "notice_lock").await?;
    }
    tx.commit().await
}

/// Tells of a sign-in from a device that the account has not been used from before.
pub(crate) async fn new_device(site: &Site, tx: &Tx, account: &Account) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM sessions WHERE account_id = $1 AND agent <> ''";
    let before = db::count(tx, sql, params![account.id]).await?;
    let agent = site::caller().agent;
    let sql = "SELECT COUNT(*) FROM sessions WHERE account_id = $1 AND agent = $2";
    let same = db::count(tx, sql, params![account.id, agent]).await?;
    let is_new = before > 0 && same == 0 && !agent.is_empty();
    if is_new && !was_told(tx, account.id, "notice_new_device", site.now()).await? {
        tell(site, tx, account, "notice_new_device").await?;
    }
    Ok(())
}

/// Tells the bound phone, if there is one, of something that happened.
pub(crate) async fn tell(site: &Site, tx: &Tx, account: &Account, kind: &str) -> Result<()> {
    match account_phone(site, account)? {
        Some(phone) => tell_phone(site, tx, (account.id, &phone), kind).await,
        None => Ok(()),
    }
}

/// Tells a phone, such as the one that was bound until now.
pub(crate) async fn tell_phone(
    site: &Site,
    tx: &Tx,
    (account, phone): (AccountId, &Phone),
    kind: &str,
) -> Result<()> {
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let sql = "INSERT INTO notices_sent (id, account_id, kind, at) VALUES ($1, $2, $3, $4)";
    db::execute(tx, sql, params![id, account, kind, site.now()]).await?;
    let place = site::caller().network();
    let place = if place.is_empty() { site.texts.get("place-unknown") } else { place };
    let words = vec![("time".to_owned(), day::minute_in_words(site.now())), ("place".to_owned(), place)];
    codes::deliver(site, tx, Letter::notice(phone, kind, words)).await
}

async fn was_told(conn: &impl Conn, account: AccountId, kind: &str, now: Instant) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM notices_sent WHERE account_id = $1 AND kind = $2 AND at > $3";
    Ok(db::count(conn, sql, params![account, kind, day::millis(now) - DAY_MS]).await? > 0)
}
