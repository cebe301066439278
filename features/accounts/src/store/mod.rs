//! Statements on accounts, identifiers and passwords.
pub(crate) mod contact;
pub(crate) mod locked;
pub(crate) mod rehearsal;
pub(crate) mod rehome;

use std::collections::HashMap;

use base::{AccountId, Grant, Instant, PersonId, Result, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::assist::Message;
use crate::door::finding::Safety;

/// What a password is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordState {
    /// None yet: an imported person before a reset or an activation.
    None,
    /// A one-time password, good for one sign-in.
    OneTime,
    /// Chosen, but against today's rule: the upgrade is forced.
    Weak,
    /// Chosen by the person under the rule.
    Set,
}

impl PasswordState {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OneTime => "one_time",
            Self::Weak => "weak",
            Self::Set => "set",
        }
    }

    pub(crate) fn from_code(code: &str) -> Self {
        match code {
            "one_time" => Self::OneTime,
            "weak" => Self::Weak,
            "set" => Self::Set,
            _ => Self::None,
        }
    }
}

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub id: AccountId,
    pub person: PersonId,
    pub name: String,
    pub password_hash: Option<String>,
    pub password_state: PasswordState,
    pub one_time_until: Option<Instant>,
    pub phone_sealed: Option<String>,
    pub is_disabled: bool,
    pub totp_sealed: Option<String>,
    pub has_passkey: bool,
    pub is_phone_waived: bool,
    pub password_set_at: Option<i64>,
}

impl Account {
    /// What the forced steps depend on, for the holder of these roles.
    pub(crate) fn safety(&self, grants: &[Grant]) -> Safety {
        Safety {
            password: self.password_state,
            password_set_at: self.password_set_at,
            has_phone: self.phone_sealed.is_some(),
            is_phone_waived: self.is_phone_waived,
            has_factor: self.totp_sealed.is_some() || self.has_passkey,
            is_administrative: grants.iter().any(|g| g.role.is_administrative()),
        }
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    name: String,
    password_hash: Option<String>,
    password_state: String,
    one_time_until: Option<i64>,
    phone_sealed: Option<String>,
    disabled_at: Option<i64>,
    totp_sealed: Option<String>,
    passkeys: i64,
    phone_waived_at: Option<i64>,
    password_set_at: Option<i64>,
}

impl TryFrom<Row> for Account {
    type Error = base::Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            person: row.person_id.parse()?,
            name: row.name,
            password_hash: row.password_hash,
            password_state: PasswordState::from_code(&row.password_state),
            one_time_until: row.one_time_until.map(day::from_millis),
            phone_sealed: row.phone_sealed,
            is_disabled: row.disabled_at.is_some(),
            totp_sealed: row.totp_sealed,
            has_passkey: row.passkeys > 0,
            is_phone_waived: row.phone_waived_at.is_some(),
            password_set_at: row.password_set_at,
        })
    }
}

const COLUMNS: &str = "a.id, a.person_id, a.name, a.password_hash, a.password_state, a.one_time_until, a.phone_sealed, \
                       a.disabled_at, a.totp_sealed, a.phone_waived_at, a.password_set_at, \
                       (SELECT COUNT(*) FROM passkeys k WHERE k.account_id = a.id) AS passkeys";

/// The accounts that any of the indexes names; two where a phone is shared.
pub(crate) async fn by_lookups(conn: &impl Conn, lookups: &[String]) -> Result<Vec<Account>> {
    let list = db::in_list(1, lookups.len());
    let sql = format!(
        "SELECT DISTINCT {COLUMNS} FROM accounts a JOIN identifiers i ON i.account_id = a.id \
         WHERE i.lookup IN ({list}) ORDER BY a.id LIMIT 3"
    );
    let values = lookups.iter().map(db::Param::param).collect();
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Account::try_from).collect()
}

pub(crate) async fn by_id(conn: &impl Conn, id: AccountId) -> Result<Account> {
    let sql = format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = $1");
    db::one::<Row>(conn, &sql, params![id]).await?.try_into()
}

/// The account under a row lock, for changes.
pub(crate) async fn hold(tx: &Tx, id: AccountId) -> Result<Account> {
    let sql = format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = $1{}", db::dialect::for_update(tx));
    db::one::<Row>(tx, &sql, params![id]).await?.try_into()
}

pub(crate) async fn by_person(conn: &impl Conn, person: PersonId) -> Result<Account> {
    let sql = format!("SELECT {COLUMNS} FROM accounts a WHERE a.person_id = $1");
    db::one::<Row>(conn, &sql, params![person]).await?.try_into()
}

/// Sets a password and remembers the one before.
pub(crate) async fn set_password(
    tx: &Tx,
    account: &Account,
    hash: &str,
    state: PasswordState,
    (now, one_time_until): (Instant, Option<Instant>),
) -> Result<()> {
    if let Some(old) =
        account.password_hash.as_ref().filter(|_| account.password_state != PasswordState::OneTime)
    {
        let sql =
            "INSERT INTO old_passwords (account_id, hash, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        db::execute(tx, sql, params![account.id, old, now]).await?;
    }
    let sql = "UPDATE accounts SET password_hash = $1, password_state = $2, password_set_at = $3, one_time_until = $4 \
               WHERE id = $5";
    db::execute(tx, sql, params![hash, state.code(), now, one_time_until, account.id]).await?;
    Ok(())
}

/// The last `n` passwords before the current one.
pub(crate) async fn old_passwords(conn: &impl Conn, id: AccountId, n: i64) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Old {
        hash: String,
    }
    let sql = "SELECT hash FROM old_passwords WHERE account_id = $1 ORDER BY at DESC LIMIT $2";
    Ok(db::all::<Old>(conn, sql, params![id, n]).await?.into_iter().map(|o| o.hash).collect())
}

/// A one-time password signs in once: its hash is gone, the forced step stays open.
pub(crate) async fn spend_one_time(tx: &Tx, id: AccountId) -> Result<()> {
    db::execute(tx, "UPDATE accounts SET password_hash = NULL WHERE id = $1", params![id]).await?;
    Ok(())
}

/// The same password under today's parameters.
pub(crate) async fn rehash(tx: &Tx, id: AccountId, hash: &str) -> Result<()> {
    db::execute(tx, "UPDATE accounts SET password_hash = $1 WHERE id = $2", params![hash, id]).await?;
    Ok(())
}

pub(crate) async fn mark_weak(tx: &Tx, id: AccountId) -> Result<()> {
    let sql = "UPDATE accounts SET password_state = 'weak' WHERE id = $1";
    db::execute(tx, sql, params![id]).await?;
    Ok(())
}

pub(crate) async fn bind_phone(
    tx: &Tx,
    id: AccountId,
    sealed: &str,
    lookup: &str,
    now: Instant,
) -> Result<()> {
    let sql =
        "UPDATE accounts SET phone_sealed = $1, phone_bound_at = $2, phone_confirmed_at = $2 WHERE id = $3";
    db::execute(tx, sql, params![sealed, now, id]).await?;
    db::execute(tx, "DELETE FROM identifiers WHERE account_id = $1 AND kind = 'phone'", params![id]).await?;
    let sql = "INSERT INTO identifiers (kind, lookup, account_id) VALUES ('phone', $1, $2)";
    db::execute(tx, sql, params![lookup, id]).await?;
    Ok(())
}

pub(crate) async fn unbind_phone(tx: &Tx, id: AccountId) -> Result<()> {
    let sql = "UPDATE accounts SET phone_sealed = NULL, phone_bound_at = NULL, phone_confirmed_at = NULL WHERE id = $1";
    db::execute(tx, sql, params![id]).await?;
    db::execute(tx, "DELETE FROM identifiers WHERE account_id = $1 AND kind = 'phone'", params![id]).await?;
    Ok(())
}

/// The accounts with the sealed phones of these people; who has no phone or a disabled account is left out.
pub(crate) async fn phones(
    conn: &impl Conn,
    people: &[PersonId],
) -> Result<HashMap<PersonId, (AccountId, String)>> {
    #[derive(FromQueryResult)]
    struct Reach {
        person_id: String,
        id: String,
        phone_sealed: String,
    }
    let mut found = HashMap::new();
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT person_id, id, phone_sealed FROM accounts WHERE phone_sealed IS NOT NULL AND disabled_at IS NULL \
             AND person_id IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Reach> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.insert(row.person_id.parse()?, (row.id.parse()?, row.phone_sealed));
        }
    }
    Ok(found)
}

/// Removes wrong entries of before an instant.
pub(crate) async fn forget_failures(tx: &Tx, before: Instant) -> Result<()> {
    db::execute(tx, "DELETE FROM failures WHERE at < $1", params![before.as_microsecond()]).await?;
    Ok(())
}

/// Facts about an account's person that a password must not repeat.
pub(crate) struct Owner {
    pub name: String,
    pub id_number: Option<String>,
}

pub(crate) async fn owner(site: &Site, conn: &impl Conn, person: PersonId) -> Result<Owner> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        id_number_sealed: Option<String>,
    }
    let row: Row =
        db::one(conn, "SELECT name, id_number_sealed FROM people WHERE id = $1", params![person]).await?;
    let open = |sealed: String| site.keys.open_sealed(&format!("people.id_number:{person}"), &sealed);
    Ok(Owner { name: row.name, id_number: row.id_number_sealed.map(open).transpose()? })
}

pub(crate) async fn has_signed_in(conn: &impl Conn, id: AccountId) -> Result<bool> {
    Ok(db::count(conn, "SELECT COUNT(*) FROM sessions WHERE account_id = $1", params![id]).await? > 0)
}

/// The last ten messages to an account: codes by purpose with what became of them, notices by kind.
pub(crate) async fn messages(conn: &impl Conn, id: AccountId, now: Instant) -> Result<Vec<Message>> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        at: i64,
        is_code: i64,
        used: i64,
        over: i64,
    }
    let sql = "SELECT purpose AS kind, created_at AS at, CAST(1 AS BIGINT) AS is_code, \
               CAST(CASE WHEN used_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS used, \
               CAST(CASE WHEN ended_at IS NULL AND expires_at > $2 THEN 0 ELSE 1 END AS BIGINT) AS over \
               FROM sms_codes WHERE account_id = $1 \
               UNION ALL SELECT kind, at, CAST(0 AS BIGINT), CAST(0 AS BIGINT), CAST(0 AS BIGINT) FROM notices_sent \
               WHERE account_id = $1 ORDER BY at DESC LIMIT 10";
    let rows: Vec<Row> = db::all(conn, sql, params![id, now]).await?;
    let read = |r: Row| {
        let result = match (r.is_code, r.used, r.over) {
            (0, ..) => "sent",
            (_, 1, _) => "used",
            (_, _, 1) => "over",
            _ => "open",
        };
        Message { kind: r.kind, at: day::from_millis(r.at), result }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// When the phone of an account was last confirmed to be the person's.
pub(crate) async fn phone_confirmed_at(conn: &impl Conn, id: AccountId) -> Result<Option<Instant>> {
    #[derive(FromQueryResult)]
    struct Row {
        phone_confirmed_at: Option<i64>,
    }
    let row: Row =
        db::one(conn, "SELECT phone_confirmed_at FROM accounts WHERE id = $1", params![id]).await?;
    Ok(row.phone_confirmed_at.map(day::from_millis))
}

pub(crate) async fn confirm_phone(tx: &Tx, id: AccountId, now: Instant) -> Result<()> {
    db::execute(tx, "UPDATE accounts SET phone_confirmed_at = $1 WHERE id = $2", params![now, id]).await?;
    Ok(())
}

/// Which version of the privacy notice was read, and when in milliseconds.
#[derive(FromQueryResult)]
pub(crate) struct NoticeRead {
    pub privacy_version: Option<String>,
    pub privacy_read_at: Option<i64>,
}

pub(crate) async fn notice_read(conn: &impl Conn, id: AccountId) -> Result<NoticeRead> {
    db::one(conn, "SELECT privacy_version, privacy_read_at FROM accounts WHERE id = $1", params![id]).await
}

pub(crate) async fn read_notice(tx: &Tx, id: AccountId, version: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE accounts SET privacy_version = $1, privacy_read_at = $2 WHERE id = $3";
    db::execute(tx, sql, params![version, now, id]).await?;
    Ok(())
}

pub(crate) async fn waive_phone(tx: &Tx, id: AccountId, by: PersonId, now: Instant) -> Result<()> {
    let sql = "UPDATE accounts SET phone_waived_at = $1, phone_waived_by = $2 WHERE id = $3";
    db::execute(tx, sql, params![now, by, id]).await?;
    Ok(())
}

pub(crate) async fn set_totp(tx: &Tx, id: AccountId, sealed: Option<&str>) -> Result<()> {
    let sql = "UPDATE accounts SET totp_sealed = $1, totp_last_step = NULL WHERE id = $2";
    db::execute(tx, sql, params![sealed.map(str::to_owned), id]).await?;
    Ok(())
}

/// Spends a time step of the second factor; whether it was still good.
pub(crate) async fn spend_totp_step(tx: &Tx, id: AccountId, step: i64) -> Result<bool> {
    let sql = "UPDATE accounts SET totp_last_step = $1 WHERE id = $2 AND COALESCE(totp_last_step, 0) < $1";
    Ok(db::execute(tx, sql, params![step, id]).await? == 1)
}
