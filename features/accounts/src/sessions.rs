//! Sessions: a token of 256 bits of which only the hash is stored, ended by the server after 30 idle minutes, after
//! 12 hours (8 for administrators), or by events of the account.
use base::{AccountId, Error, Instant, Kind, PersonId, Result, SessionId, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::{Site, Via, Visitor};

use crate::{
    door::{finding, sign_in::verify_again},
    ended::{self, SessionsEnded},
    roles,
    store::{self, Account},
};

/// The end of a session that nobody asked for.
pub(crate) const EXPIRED: &str = "expired";

/// So long an entered password is fresh: a browser may be left alone (security item 23).
const FRESH_MS: i64 = 10 * 60_000;
/// A program keeps its token to itself; it signed in with the password (contract).
const FRESH_PROGRAM_MS: i64 = 2 * 3_600_000;
/// At most so many living sessions an account; the oldest ends (security item 3).
const MOST_BROWSERS: i64 = 3;
const MOST_TOKENS: i64 = 10;

/// A new session's token, shown once.
pub(crate) struct Opened {
    pub token: String,
    pub session: SessionId,
}

/// Opens a session for an account that has just proved itself.
pub(crate) async fn open(site: &Site, tx: &Tx, account: &Account, via: Via) -> Result<Opened> {
    let (token, id, now) = (secrets::fresh_token(&*site.random), site.new_id(), site.now());
    let grants = roles::held(tx, account.person).await?;
    let is_forced = !finding::open_steps(site, &account.safety(&grants)).is_empty();
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
    /// When the password was last entered in it.
    password_at: i64,
    is_browser: bool,
}

pub(crate) async fn own(site: &Site, visitor: &Visitor) -> Result<Own> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: String,
        forced_step: bool,
        password_at: Option<i64>,
        created_at: i64,
        via: String,
    }
    let sql = "SELECT account_id, forced_step, password_at, created_at, via FROM sessions WHERE id = $1";
    let row: Row = db::one(&site.db, sql, params![visitor.actor.session]).await?;
    Ok(Own {
        account: row.account_id.parse()?,
        is_forced_step: row.forced_step,
        password_at: row.password_at.unwrap_or(row.created_at),
        is_browser: row.via == "cookie",
    })
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

impl Own {
    fn is_fresh(&self, now: Instant) -> bool {
        let limit = if self.is_browser { FRESH_MS } else { FRESH_PROGRAM_MS };
        day::millis(now) - self.password_at <= limit
    }
}

/// Asks for the password again before a weighty change, unless it was entered a moment ago.
pub(crate) async fn prove(site: &Site, visitor: &Visitor, password: Option<&str>) -> Result<()> {
    let own = own(site, visitor).await?;
    let Some(password) = password.filter(|p| !p.is_empty()) else {
        if own.is_fresh(site.now()) {
            return Ok(());
        }
        let field = base::FieldProblem { field: "current_password".into(), code: "required" };
        return Err(Error::refused(Kind::Denied, "password_required").with_fields(vec![field]));
    };
    let account = store::by_id(&site.db, own.account).await?;
    verify_again(site, &account, password).await?;
    password_entered(site, visitor.actor.session).await
}

/// A new token for a browser's session that has just proved more than before: the old one is dead (security item 1). A
/// program's token stays as it is (contract).
pub(crate) async fn renew(site: &Site, visitor: &Visitor) -> Result<Option<String>> {
    if visitor.via != Via::Cookie {
        return Ok(None);
    }
    let token = secrets::fresh_token(&*site.random);
    let sql = "UPDATE sessions SET token_hash = $1 WHERE id = $2 AND ended_at IS NULL";
    let hash = secrets::sha256_hex(token.as_bytes());
    let renewed = db::execute(&site.db, sql, params![hash, visitor.actor.session]).await? == 1;
    Ok(renewed.then_some(token))
}

/// Lets the session act in one of the roles held, or in all of them again.
pub(crate) async fn act_as(site: &Site, visitor: &Visitor, grant: Option<&str>) -> Result<()> {
    if grant.is_some_and(|id| visitor.roles.iter().all(|r| r.id != id)) {
        return Err(Error::not_found());
    }
    let tx = site.db.begin().await?;
    let sql = "UPDATE sessions SET acting_grant = $1 WHERE id = $2 AND ended_at IS NULL";
    db::execute(&tx, sql, params![grant.map(str::to_owned), visitor.actor.session]).await?;
    let chosen = visitor.roles.iter().find(|r| Some(r.id.as_str()) == grant);
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "session.role",
        object: &visitor.actor.session.to_string(),
        unit_path: "",
        details: serde_json::json!({"role": chosen.map(|r| base::person::Code::code(&r.role))}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
