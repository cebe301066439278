//! Sessions: a token of 256 bits of which only the hash is stored, ended by the server after 30 idle minutes, after
//! 12 hours (8 for administrators), or by events of the account.
use base::{AccountId, Actor, Error, Instant, PersonId, Result, Role, SessionId, day};
use db::{Conn, Tx, params};
use futures::future::BoxFuture;
use sea_orm::FromQueryResult;
use site::{FoundSession, Lookup, RequiredAction, Sessions, Site, Via, Visitor};

use crate::{
    delegation,
    ended::{self, SessionsEnded},
    programs, roles,
    store::{self, Account, PasswordState},
};

/// The end of a session that nobody asked for.
const EXPIRED: &str = "expired";

/// Idle for exactly 30 minutes is out (security 3.2.1).
const IDLE_MS: i64 = 30 * 60_000;
const ABSOLUTE_MS: i64 = 12 * 3_600_000;
const ABSOLUTE_ADMINISTRATIVE_MS: i64 = 8 * 3_600_000;
/// At most so many living sessions an account; the oldest ends (security item 3).
const MOST_BROWSERS: i64 = 3;
const MOST_TOKENS: i64 = 10;
/// Operations closer together than this are not written again.
const TOUCH_MS: i64 = 1_000;

/// A new session's token, shown once.
pub(crate) struct Opened {
    pub token: String,
    pub session: SessionId,
}

/// Opens a session for an account that has just proved itself.
pub(crate) async fn open(site: &Site, tx: &Tx, account: &Account, via: Via) -> Result<Opened> {
    let (token, id, now) = (secrets::fresh_token(&*site.random), site.new_id(), site.now());
    let is_forced = !required_actions(account.password_state, account.phone_sealed.is_some()).is_empty();
    let (kind, most) = if via == Via::Cookie { ("cookie", MOST_BROWSERS) } else { ("bearer", MOST_TOKENS) };
    let sql = "UPDATE sessions SET ended_at = $1, end_reason = 'replaced' WHERE id IN (SELECT id FROM sessions \
               WHERE account_id = $2 AND via = $3 AND ended_at IS NULL ORDER BY created_at DESC, id DESC \
               LIMIT 1000 OFFSET $4)";
    db::execute(tx, sql, params![now, account.id, kind, most - 1]).await?;
    let sql = "INSERT INTO sessions (id, token_hash, account_id, via, created_at, last_operation_at, password_at, \
               forced_step, network, agent) VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8)";
    let (hash, caller) = (secrets::sha256_hex(token.as_bytes()), site::caller());
    let values = params![id, hash, account.id, kind, now, is_forced, caller.network(), caller.agent];
    db::execute(tx, sql, values).await?;
    Ok(Opened { token, session: id })
}

/// Ends one session; other platforms hear of it, unless it only idled.
pub(crate) async fn end(site: &Site, session: SessionId, reason: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let sql = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE id = $3 AND ended_at IS NULL";
    let ended = db::execute(&tx, sql, params![site.now(), reason, session]).await?;
    if ended == 1 && reason != EXPIRED {
        ended::tell(site, &tx, &SessionsEnded::One(session)).await?;
    }
    tx.commit().await
}

/// Ends every other session of the account.
pub(crate) async fn end_others(
    site: &Site,
    tx: &Tx,
    account: AccountId,
    keep: SessionId,
    reason: &str,
) -> Result<()> {
    let sql = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE account_id = $3 AND id <> $4 AND ended_at IS NULL";
    db::execute(tx, sql, params![site.now(), reason, account, keep]).await?;
    let person = store::by_id(tx, account).await?.person;
    ended::tell(site, tx, &SessionsEnded::Of { person }).await
}

/// Ends every session of the account.
pub(crate) async fn end_all(site: &Site, tx: &Tx, account: AccountId, reason: &str) -> Result<()> {
    let sql = "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE account_id = $3 AND ended_at IS NULL";
    db::execute(tx, sql, params![site.now(), reason, account]).await?;
    let person = store::by_id(tx, account).await?.person;
    ended::tell(site, tx, &SessionsEnded::Of { person }).await
}

/// A living session as other slices may know it.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Whose.
    pub person: PersonId,
    /// When its owner signed in.
    pub since: Instant,
}

/// A session that has not ended and whose account is in use; nothing for any other.
pub async fn standing(conn: &impl Conn, session: SessionId) -> Result<Option<Standing>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        created_at: i64,
    }
    let sql = "SELECT a.person_id, s.created_at FROM sessions s JOIN accounts a ON a.id = s.account_id \
               WHERE s.id = $1 AND s.ended_at IS NULL AND a.disabled_at IS NULL";
    let row: Option<Row> = db::maybe(conn, sql, params![session]).await?;
    row.map(|r| Ok(Standing { person: r.person_id.parse()?, since: day::from_millis(r.created_at) }))
        .transpose()
}

/// The visitor's own session.
pub(crate) struct Own {
    pub account: AccountId,
    pub is_forced_step: bool,
}

pub(crate) async fn own(site: &Site, visitor: &Visitor) -> Result<Own> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: String,
        forced_step: bool,
    }
    let sql = "SELECT account_id, forced_step FROM sessions WHERE id = $1";
    let row: Row = db::one(&site.db, sql, params![visitor.actor.session]).await?;
    Ok(Own { account: row.account_id.parse()?, is_forced_step: row.forced_step })
}

/// When the password was last entered in a session, in milliseconds since 1970.
pub(crate) async fn password_at(conn: &impl Conn, session: SessionId) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        password_at: Option<i64>,
    }
    let sql = "SELECT password_at FROM sessions WHERE id = $1";
    Ok(db::one::<Row>(conn, sql, params![session]).await?.password_at)
}

/// The password was entered again.
pub(crate) async fn password_entered(site: &Site, session: SessionId) -> Result<()> {
    let sql = "UPDATE sessions SET password_at = $1 WHERE id = $2";
    db::execute(&site.db, sql, params![site.now(), session]).await?;
    Ok(())
}

/// What the manual forces next, in the order of the contract.
pub(crate) fn required_actions(state: PasswordState, has_phone: bool) -> Vec<RequiredAction> {
    let password = (state != PasswordState::Set).then_some(RequiredAction::ChangePassword);
    let phone = (!has_phone).then_some(RequiredAction::BindPhone);
    password.into_iter().chain(phone).collect()
}

/// The session store of the management platform.
#[derive(Debug, Default)]
pub struct AccountSessions;

impl Sessions for AccountSessions {
    fn find<'a>(&'a self, site: &'a Site, token: &'a str, operation: bool) -> BoxFuture<'a, Result<Lookup>> {
        Box::pin(find(site, token, operation))
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    created_at: i64,
    last_operation_at: i64,
    ended_at: Option<i64>,
    person_id: String,
    password_state: String,
    phone_sealed: Option<String>,
    disabled_at: Option<i64>,
    person_name: String,
    unit_name: String,
    status: String,
    office: Option<String>,
    telephone: Option<String>,
    hours: Option<String>,
}

async fn find(site: &Site, token: &str, operation: bool) -> Result<Lookup> {
    if token.starts_with(programs::MARK) {
        return programs::find(site, token).await;
    }
    let sql = "SELECT s.id, s.created_at, s.last_operation_at, s.ended_at, a.person_id, a.password_state, \
               a.phone_sealed, a.disabled_at, p.name AS person_name, u.name AS unit_name, p.status, c.office, c.telephone, c.hours \
               FROM sessions s JOIN accounts a ON a.id = s.account_id JOIN people p ON p.id = a.person_id \
               JOIN units u ON u.id = p.unit_id LEFT JOIN contact_cards c ON c.unit_id = COALESCE( \
               (SELECT k.unit_id FROM contact_cards k WHERE k.unit_id = u.id), u.parent_id) WHERE s.token_hash = $1";
    let found = db::maybe::<Row>(&site.db, sql, params![secrets::sha256_hex(token.as_bytes())]).await?;
    let Some(row) = found else { return Ok(Lookup::Unknown) };
    if row.ended_at.is_some() || row.disabled_at.is_some() {
        return Ok(Lookup::Ended);
    }
    let person: PersonId = row.person_id.parse()?;
    let mut grants = roles::held(&site.db, person).await?;
    let is_former = matches!(row.status.as_str(), "retired" | "left");
    if is_former {
        grants.retain(|g| g.role == Role::Staff);
    } else {
        let today = day::day_of(site.now());
        grants.extend(delegation::taken(&site.db, person, today).await?);
    }
    let now = day::millis(site.now());
    let absolute = if grants.iter().any(|g| g.role.is_administrative()) {
        ABSOLUTE_ADMINISTRATIVE_MS
    } else {
        ABSOLUTE_MS
    };
    if now - row.last_operation_at >= IDLE_MS || now - row.created_at >= absolute {
        end(site, row.id.parse()?, EXPIRED).await?;
        return Ok(Lookup::Expired);
    }
    let touched = if operation { touch(site, &row, now).await? } else { row.last_operation_at };
    let contact = [row.office, row.telephone, row.hours].into_iter().flatten().filter(|t| !t.is_empty());
    let contact = contact.collect::<Vec<_>>().join(" ");
    let state = if row.password_state == "set" { PasswordState::Set } else { PasswordState::Weak };
    Ok(Lookup::Found(Box::new(FoundSession {
        actor: Actor { person, session: row.id.parse()?, grants },
        name: row.person_name,
        unit: row.unit_name,
        required_actions: required_actions(state, row.phone_sealed.is_some()),
        idle_expires_at: expiry(touched),
        is_former,
        contact,
    })))
}

fn expiry(last_operation_at: i64) -> Instant {
    day::from_millis(last_operation_at + IDLE_MS)
}

async fn touch(site: &Site, row: &Row, now: i64) -> Result<i64> {
    if now - row.last_operation_at < TOUCH_MS {
        return Ok(row.last_operation_at);
    }
    let sql = "UPDATE sessions SET last_operation_at = $1 WHERE id = $2 AND ended_at IS NULL";
    if db::execute(&site.db, sql, params![now, row.id]).await? == 0 {
        return Err(Error::refused(base::Kind::Unauthenticated, "session_ended"));
    }
    Ok(now)
}
