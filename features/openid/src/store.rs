//! Statements on clients, consents, logins, codes and tokens.
use std::collections::HashMap;

use base::{Id, Instant, PersonId, Result, SessionId, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::client::{Addresses, Client};

/// Mark for the ids of logins.
pub(crate) enum LoginMark {}
/// Id of a login: the `sid` of tokens.
pub(crate) type LoginId = Id<LoginMark>;

#[derive(FromQueryResult)]
pub(crate) struct ClientRow {
    pub client_id: String,
    pub provider_id: String,
    pub title: String,
    pub redirect_uris: String,
    pub post_logout_uris: String,
    pub backchannel_uri: Option<String>,
}

pub(crate) async fn client(conn: &impl Conn, id: &str) -> Result<Option<Client>> {
    let sql = "SELECT c.client_id, c.provider_id, p.title, c.redirect_uris, c.post_logout_uris, \
               c.backchannel_uri FROM openid_clients c JOIN providers p ON p.id = c.provider_id WHERE c.client_id = $1";
    Ok(db::maybe::<ClientRow>(conn, sql, params![id]).await?.map(Client::of))
}

pub(crate) async fn insert_client(
    tx: &Tx,
    (id, provider): (&str, &str),
    to: &Addresses,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO openid_clients (client_id, provider_id, redirect_uris, post_logout_uris, \
               backchannel_uri, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let (redirect, post_logout) = (to.redirect.join("\n"), to.post_logout.join("\n"));
    let values = params![id, provider, redirect, post_logout, to.backchannel, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn move_client(conn: &impl Conn, id: &str, to: &Addresses) -> Result<()> {
    let sql = "UPDATE openid_clients SET redirect_uris = $1, post_logout_uris = $2, backchannel_uri = $3 \
               WHERE client_id = $4";
    let (redirect, post_logout) = (to.redirect.join("\n"), to.post_logout.join("\n"));
    db::execute(conn, sql, params![redirect, post_logout, to.backchannel, id]).await?;
    Ok(())
}

pub(crate) async fn has_agreed(conn: &impl Conn, person: PersonId, client: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM openid_consents WHERE person_id = $1 AND client_id = $2";
    Ok(db::count(conn, sql, params![person, client]).await? > 0)
}

/// Keeps a consent; false when it was there.
pub(crate) async fn agree(tx: &Tx, person: PersonId, client: &str, now: Instant) -> Result<bool> {
    let sql =
        "INSERT INTO openid_consents (person_id, client_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(db::execute(tx, sql, params![person, client, now]).await? == 1)
}

/// A session of ours at a client.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub id: LoginId,
    pub session: SessionId,
    pub client: String,
    pub person: PersonId,
    pub subject: String,
}

#[derive(FromQueryResult)]
struct LoginRow {
    id: String,
    session_id: String,
    client_id: String,
    person_id: String,
    subject: String,
}

impl TryFrom<LoginRow> for Login {
    type Error = base::Error;
    fn try_from(r: LoginRow) -> Result<Self> {
        Ok(Self {
            id: r.id.parse()?,
            session: r.session_id.parse()?,
            client: r.client_id,
            person: r.person_id.parse()?,
            subject: r.subject,
        })
    }
}

const LOGIN: &str = "SELECT l.id, l.session_id, l.client_id, l.person_id, l.subject FROM openid_logins l";

/// The login of the session at the client, made under the new id where there is none.
pub(crate) async fn ensure_login(tx: &Tx, new: &Login, now: Instant) -> Result<LoginId> {
    #[derive(FromQueryResult)]
    struct Found {
        id: String,
    }
    let sql = "INSERT INTO openid_logins (id, session_id, client_id, person_id, subject, at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session_id, client_id) DO UPDATE SET at = excluded.at, \
               ended_at = NULL RETURNING id";
    let values = params![new.id, new.session, new.client, new.person, new.subject, now];
    db::one::<Found>(tx, sql, values).await?.id.parse()
}

pub(crate) async fn login(conn: &impl Conn, id: &str) -> Result<Option<Login>> {
    let sql = format!("{LOGIN} WHERE l.id = $1");
    db::maybe::<LoginRow>(conn, &sql, params![id]).await?.map(Login::try_from).transpose()
}

/// The living logins of a session.
pub(crate) async fn logins_of_session(conn: &impl Conn, session: SessionId) -> Result<Vec<Login>> {
    let sql = format!("{LOGIN} WHERE l.session_id = $1 AND l.ended_at IS NULL ORDER BY l.at LIMIT 200");
    db::all::<LoginRow>(conn, &sql, params![session]).await?.into_iter().map(Login::try_from).collect()
}

/// The living logins of a person since a time whose sessions have ended. Those of a session that began after the event,
/// while its job waited, go on.
pub(crate) async fn logins_left_of_person(
    conn: &impl Conn,
    person: PersonId,
    since: i64,
) -> Result<Vec<Login>> {
    let sql = format!(
        "{LOGIN} JOIN sessions s ON s.id = l.session_id WHERE l.person_id = $1 AND l.at > $2 \
         AND l.ended_at IS NULL AND s.ended_at IS NOT NULL ORDER BY l.at LIMIT 500"
    );
    let rows = db::all::<LoginRow>(conn, &sql, params![person, since]).await?;
    rows.into_iter().map(Login::try_from).collect()
}

/// The providers of the logins' clients, by the client.
pub(crate) async fn providers_of(conn: &impl Conn, logins: &[Login]) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        client_id: String,
        provider_id: String,
    }
    if logins.is_empty() {
        return Ok(HashMap::new());
    }
    let list = db::in_list(1, logins.len());
    let sql = format!("SELECT client_id, provider_id FROM openid_clients WHERE client_id IN ({list})");
    let values = logins.iter().map(|l| db::Param::param(&l.client.as_str())).collect();
    let rows = db::all::<Row>(conn, &sql, values).await?;
    Ok(rows.into_iter().map(|r| (r.client_id, r.provider_id)).collect())
}

/// Ends logins with their tokens.
pub(crate) async fn end_logins(tx: &Tx, logins: &[Login], now: Instant) -> Result<()> {
    if logins.is_empty() {
        return Ok(());
    }
    let list = db::in_list(2, logins.len());
    let values = || {
        let ids = logins.iter().map(|l| db::Param::param(&l.id));
        std::iter::once(db::Param::param(&now)).chain(ids).collect::<Vec<_>>()
    };
    db::execute(tx, &format!("UPDATE openid_logins SET ended_at = $1 WHERE id IN ({list})"), values())
        .await?;
    let sql =
        format!("UPDATE openid_tokens SET revoked_at = $1 WHERE login_id IN ({list}) AND revoked_at IS NULL");
    db::execute(tx, &sql, values()).await?;
    Ok(())
}

/// A code to be kept.
pub(crate) struct NewCode<'a> {
    pub hash: &'a str,
    pub login: LoginId,
    pub redirect_uri: &'a str,
    pub challenge: &'a str,
    pub nonce: Option<&'a str>,
    pub scope: &'a str,
    pub auth_time: Instant,
    pub expires_at: i64,
}

/// Keeps a code; forgets codes and tokens that ended a day ago.
pub(crate) async fn insert_code(tx: &Tx, c: &NewCode<'_>, now: Instant) -> Result<()> {
    let old = day::millis(now) - 24 * 3_600_000;
    db::execute(tx, "DELETE FROM openid_codes WHERE expires_at < $1", params![old]).await?;
    db::execute(tx, "DELETE FROM openid_tokens WHERE expires_at < $1", params![old]).await?;
    let sql = "INSERT INTO openid_codes (code_hash, login_id, redirect_uri, challenge, nonce, scope, auth_time, \
               expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values =
        params![c.hash, c.login, c.redirect_uri, c.challenge, c.nonce, c.scope, c.auth_time, c.expires_at];
    db::execute(tx, sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
pub(crate) struct CodeRow {
    pub login_id: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub nonce: Option<String>,
    pub scope: String,
    pub auth_time: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

/// A code under a row lock.
pub(crate) async fn hold_code(tx: &Tx, hash: &str) -> Result<Option<CodeRow>> {
    let lock = if tx.is_sqlite() { "" } else { " FOR UPDATE OF c" };
    let sql = format!(
        "SELECT c.login_id, l.client_id, c.redirect_uri, c.challenge, c.nonce, c.scope, c.auth_time, c.expires_at, \
         c.used_at FROM openid_codes c JOIN openid_logins l ON l.id = c.login_id WHERE c.code_hash = $1{lock}"
    );
    db::maybe(tx, &sql, params![hash]).await
}

pub(crate) async fn use_code(tx: &Tx, hash: &str, now: Instant) -> Result<()> {
    db::execute(tx, "UPDATE openid_codes SET used_at = $1 WHERE code_hash = $2", params![now, hash]).await?;
    Ok(())
}

/// Ends every token that came of a code.
pub(crate) async fn revoke_of_code(tx: &Tx, code_hash: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE openid_tokens SET revoked_at = $1 WHERE code_hash = $2 AND revoked_at IS NULL";
    db::execute(tx, sql, params![now, code_hash]).await?;
    Ok(())
}

pub(crate) async fn insert_token(
    tx: &Tx,
    (hash, code_hash): (&str, &str),
    login: &str,
    scope: &str,
    expires_at: i64,
) -> Result<()> {
    let sql = "INSERT INTO openid_tokens (token_hash, code_hash, login_id, scope, expires_at) VALUES ($1, $2, $3, $4, $5)";
    db::execute(tx, sql, params![hash, code_hash, login, scope, expires_at]).await?;
    Ok(())
}

/// Whom a living access token is about, and what it opens.
#[derive(FromQueryResult)]
pub(crate) struct TokenRow {
    pub person_id: String,
    pub subject: String,
    pub scope: String,
    pub provider_id: String,
}

pub(crate) async fn token(conn: &impl Conn, hash: &str, now: Instant) -> Result<Option<TokenRow>> {
    let sql = "SELECT l.person_id, l.subject, t.scope, c.provider_id FROM openid_tokens t \
               JOIN openid_logins l ON l.id = t.login_id JOIN openid_clients c ON c.client_id = l.client_id JOIN sessions s ON s.id = l.session_id WHERE t.token_hash = $1 AND t.expires_at > $2 \
               AND t.revoked_at IS NULL AND l.ended_at IS NULL AND s.ended_at IS NULL";
    db::maybe(conn, sql, params![hash, now]).await
}

/// The id of a provider's client, if it has one.
pub(crate) async fn client_of(conn: &impl Conn, provider_id: &str) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Found {
        client_id: String,
    }
    let sql = "SELECT client_id FROM openid_clients WHERE provider_id = $1";
    Ok(db::maybe::<Found>(conn, sql, params![provider_id]).await?.map(|f| f.client_id))
}
