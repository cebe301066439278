//! Statements for the people of a rehearsal, many at a time.
use base::{AccountId, Instant, PersonId, Result, SessionId};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// An account as a rehearsal needs it.
#[derive(FromQueryResult)]
pub(crate) struct Found {
    pub id: String,
    pub person_id: String,
    pub name: String,
}

/// An account that is to be ready, with the session it gets.
pub(crate) struct Ready {
    pub account: AccountId,
    pub found: Found,
    pub phone_sealed: String,
    pub session: SessionId,
    pub token_hash: String,
}

/// So many people in one statement.
const AT_ONCE: usize = 5_000;

pub(crate) async fn find(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<Found>> {
    let mut found = vec![];
    for chunk in people.chunks(AT_ONCE) {
        let list = db::in_list(1, chunk.len());
        let sql = format!("SELECT id, person_id, name FROM accounts WHERE person_id IN ({list}) ORDER BY id");
        found.extend(db::all::<Found>(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?);
    }
    Ok(found)
}

pub(crate) async fn ready(tx: &Tx, all: &[Ready], hash: &str, now: Instant) -> Result<()> {
    let account = |r: &Ready| {
        params![r.account, r.found.person_id, r.found.name, "set", now, hash, now, r.phone_sealed, now]
    };
    let columns = [
        "id",
        "person_id",
        "name",
        "password_state",
        "created_at",
        "password_hash",
        "password_set_at",
        "phone_sealed",
        "phone_bound_at",
    ];
    let suffix = "ON CONFLICT (id) DO UPDATE SET password_state = excluded.password_state, \
                  password_hash = excluded.password_hash, password_set_at = excluded.password_set_at, \
                  phone_sealed = excluded.phone_sealed, phone_bound_at = excluded.phone_bound_at";
    db::insert_rows(tx, "accounts", &columns, all.iter().map(account).collect(), suffix).await?;
    let session = |r: &Ready| {
        params![r.session, r.token_hash, r.account, "bearer", now, now, now, false, "", "rehearsal"]
    };
    let columns = [
        "id",
        "token_hash",
        "account_id",
        "via",
        "created_at",
        "last_operation_at",
        "password_at",
        "forced_step",
        "network",
        "agent",
    ];
    db::insert_rows(tx, "sessions", &columns, all.iter().map(session).collect(), "").await?;
    Ok(())
}

/// Takes back what [`ready`] gave: no password, no phone, no session.
pub(crate) async fn end(tx: &Tx, people: &[PersonId], now: Instant) -> Result<()> {
    for chunk in people.chunks(AT_ONCE) {
        let list = db::in_list(2, chunk.len());
        let mut values = params![now];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "UPDATE sessions SET ended_at = $1, end_reason = 'rehearsal_over' WHERE ended_at IS NULL AND \
             account_id IN (SELECT id FROM accounts WHERE person_id IN ({list}))"
        );
        db::execute(tx, &sql, values).await?;
        let list = db::in_list(1, chunk.len());
        let sql = format!(
            "UPDATE accounts SET password_state = 'none', password_hash = NULL, password_set_at = NULL, \
             phone_sealed = NULL, phone_bound_at = NULL WHERE person_id IN ({list})"
        );
        db::execute(tx, &sql, chunk.iter().map(db::Param::param).collect()).await?;
    }
    Ok(())
}
