//! One phone, two accounts: only with both persons' consent and the administrator's approval (issue: no mobile phone). The
//! second person consents by entering the code; until the others have too, the phone gives the second account nothing,
//! and after a week it is taken off again. Signing in by a shared phone is refused for both (contract).
use base::{AccountId, Error, PersonId, Result, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::{Site, Visitor};

use crate::{
    sessions,
    store::{self, Account},
};

/// So long a share may wait before it lapses.
const LAPSES_MS: i64 = 7 * 24 * 3_600_000;
/// So many lapsed ones are ended in one night's run.
const AT_ONCE: usize = 500;

/// A phone of the visitor's that another account is bound to as well.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Share {
    pub id: String,
    /// The other person's name.
    pub name: String,
    /// The other person's unit.
    pub unit: String,
    pub asked_at: i64,
    pub agreed_at: Option<i64>,
    pub approved_at: Option<i64>,
    /// Whether the phone was the visitor's first, who decides.
    pub is_first: bool,
}

/// Notes that the phone just bound to an account is another's too; an earlier share of the account is over.
/// `approved_by` is the administrator who bound it on the spot.
pub(crate) async fn began(
    site: &Site,
    tx: &Tx,
    account: &Account,
    approved_by: Option<PersonId>,
) -> Result<()> {
    let now = site.now();
    let sql = "UPDATE phone_shares SET ended_at = $1, end_reason = 'moved' \
               WHERE (second_account = $2 OR first_account = $2) AND ended_at IS NULL";
    db::execute(tx, sql, params![now, account.id]).await?;
    let sql = "SELECT o.account_id AS id, o.lookup FROM identifiers i JOIN identifiers o \
               ON o.lookup = i.lookup AND o.kind = 'phone' AND o.account_id <> i.account_id \
               WHERE i.account_id = $1 AND i.kind = 'phone' ORDER BY o.account_id LIMIT 1";
    let Some(other) = db::maybe::<Other>(tx, sql, params![account.id]).await? else { return Ok(()) };
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let approved_at = approved_by.map(|_| now);
    let sql = "INSERT INTO phone_shares (id, phone_lookup, first_account, second_account, asked_at, approved_at, \
               approved_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = params![id, other.lookup, other.id, account.id, now, approved_at, approved_by];
    db::execute(tx, sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Other {
    id: String,
    lookup: String,
}

/// The shares of the visitor's phone.
pub(crate) async fn own(site: &Site, visitor: &Visitor) -> Result<Vec<Share>> {
    let account = sessions::own(site, visitor).await?.account;
    let sql = "SELECT s.id, p.name, u.name AS unit, s.asked_at, s.agreed_at, s.approved_at, \
               (s.first_account = $1) AS is_first FROM phone_shares s JOIN accounts o \
               ON o.id = CASE WHEN s.first_account = $1 THEN s.second_account ELSE s.first_account END \
               JOIN people p ON p.id = o.person_id JOIN units u ON u.id = p.unit_id \
               WHERE (s.first_account = $1 OR s.second_account = $1) AND s.ended_at IS NULL ORDER BY s.id LIMIT 20";
    db::all(&site.db, sql, params![account]).await
}

/// The first owner of the phone agrees, or takes it off the other account.
pub(crate) async fn answer(site: &Site, visitor: &Visitor, id: &str, is_agreed: bool) -> Result<()> {
    let account = sessions::own(site, visitor).await?.account;
    let tx = site.db.begin().await?;
    let sql = "SELECT second_account AS id, phone_lookup AS lookup FROM phone_shares \
               WHERE id = $1 AND first_account = $2 AND ended_at IS NULL";
    let found = db::maybe::<Other>(&tx, sql, params![id, account]).await?.ok_or_else(Error::not_found)?;
    if is_agreed {
        let sql = "UPDATE phone_shares SET agreed_at = $1 WHERE id = $2 AND agreed_at IS NULL";
        db::execute(&tx, sql, params![site.now(), id]).await?;
    } else {
        take_off(site, &tx, (found.id.parse()?, &found.lookup), (id, "refused")).await?;
    }
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: if is_agreed { "phone.share_agree" } else { "phone.share_refuse" },
        object: &found.id,
        unit_path: "",
        details: serde_json::json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// The administrator's decision about the phone of a second account.
pub(crate) async fn decide(
    site: &Site,
    tx: &Tx,
    (second, by): (AccountId, PersonId),
    is_approved: bool,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        phone_lookup: String,
    }
    let sql = "SELECT id, phone_lookup FROM phone_shares WHERE second_account = $1 AND ended_at IS NULL";
    let found: Row = db::maybe(tx, sql, params![second]).await?.ok_or_else(Error::not_found)?;
    if !is_approved {
        return take_off(site, tx, (second, &found.phone_lookup), (&found.id, "refused")).await;
    }
    let sql = "UPDATE phone_shares SET approved_at = $1, approved_by = $2 WHERE id = $3";
    db::execute(tx, sql, params![site.now(), by, found.id]).await?;
    Ok(())
}

/// Whether the account is the second of a share that its administrator has not decided.
pub(crate) async fn waits_for_approval(conn: &impl Conn, account: AccountId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM phone_shares WHERE second_account = $1 AND ended_at IS NULL AND approved_at IS NULL";
    Ok(db::count(conn, sql, params![account]).await? > 0)
}

/// Whether the phone is not yet the account's own to recover a password with.
pub(crate) async fn is_waiting(conn: &impl Conn, account: AccountId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM phone_shares WHERE second_account = $1 AND ended_at IS NULL \
               AND (approved_at IS NULL OR agreed_at IS NULL)";
    Ok(db::count(conn, sql, params![account]).await? > 0)
}

/// Takes phones off the accounts whose shares nobody completed in time.
pub(crate) async fn lapse(site: &Site, tx: &Tx) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        second_account: String,
        phone_lookup: String,
    }
    let before = day::millis(site.now()) - LAPSES_MS;
    let sql = format!(
        "SELECT id, second_account, phone_lookup FROM phone_shares WHERE ended_at IS NULL AND asked_at < $1 \
         AND (approved_at IS NULL OR agreed_at IS NULL) ORDER BY asked_at LIMIT {AT_ONCE}"
    );
    for row in db::all::<Row>(tx, &sql, params![before]).await? {
        take_off(site, tx, (row.second_account.parse()?, &row.phone_lookup), (&row.id, "lapsed")).await?;
    }
    Ok(())
}

/// The second account loses the phone and must bind one of its own.
async fn take_off(
    site: &Site,
    tx: &Tx,
    (account, lookup): (AccountId, &str),
    (share, reason): (&str, &str),
) -> Result<()> {
    let sql = "UPDATE phone_shares SET ended_at = $1, end_reason = $2 WHERE id = $3";
    db::execute(tx, sql, params![site.now(), reason, share]).await?;
    store::hold(tx, account).await?;
    let sql = "SELECT COUNT(*) FROM identifiers WHERE account_id = $1 AND kind = 'phone' AND lookup = $2";
    if db::count(tx, sql, params![account, lookup]).await? > 0 {
        store::unbind_phone(tx, account).await?;
        sessions::end_all(site, tx, account, "phone_changed").await?;
    }
    Ok(())
}
