//! Statements on addresses for mail.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// An address as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Stored {
    pub person_id: String,
    pub address_sealed: String,
    pub code_mac: Option<String>,
    pub asked_at: i64,
    pub tries: i64,
    pub confirmed_at: Option<i64>,
}

const STORED: &str =
    "SELECT person_id, address_sealed, code_mac, asked_at, tries, confirmed_at FROM mail_addresses";

/// Someone's address.
pub(crate) async fn of(conn: &impl Conn, person: PersonId) -> Result<Option<Stored>> {
    db::maybe(conn, &format!("{STORED} WHERE person_id = $1"), params![person]).await
}

/// Someone's address, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, person: PersonId) -> Result<Option<Stored>> {
    let sql = format!("{STORED} WHERE person_id = $1{}", db::dialect::for_update(tx));
    db::maybe(tx, &sql, params![person]).await
}

/// The confirmed ones of these people.
pub(crate) async fn confirmed(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<Stored>> {
    if people.is_empty() {
        return Ok(vec![]);
    }
    let list = db::in_list(1, people.len());
    let sql = format!("{STORED} WHERE confirmed_at IS NOT NULL AND person_id IN ({list})");
    db::all(conn, &sql, people.iter().map(db::Param::param).collect()).await
}

/// Keeps a new address with the code that will confirm it. A person has one, under the id of the person.
pub(crate) async fn ask(
    tx: &Tx,
    person: PersonId,
    (sealed, code_mac): (&str, &str),
    at: Instant,
) -> Result<()> {
    let sql = "INSERT INTO mail_addresses (id, person_id, address_sealed, code_mac, asked_at, tries, confirmed_at) \
               VALUES ($1, $1, $2, $3, $4, 0, NULL) ON CONFLICT (person_id) DO UPDATE SET \
               address_sealed = excluded.address_sealed, code_mac = excluded.code_mac, asked_at = excluded.asked_at, \
               tries = 0, confirmed_at = NULL";
    db::execute(tx, sql, params![person, sealed, code_mac, at]).await?;
    Ok(())
}

/// Counts a try before it is looked at.
pub(crate) async fn count_try(tx: &Tx, person: PersonId) -> Result<()> {
    db::execute(tx, "UPDATE mail_addresses SET tries = tries + 1 WHERE person_id = $1", params![person])
        .await?;
    Ok(())
}

pub(crate) async fn confirm(tx: &Tx, person: PersonId, at: Instant) -> Result<()> {
    let sql = "UPDATE mail_addresses SET confirmed_at = $1, code_mac = NULL WHERE person_id = $2";
    db::execute(tx, sql, params![at, person]).await?;
    Ok(())
}

pub(crate) async fn remove(tx: &Tx, person: PersonId) -> Result<bool> {
    let sql = "DELETE FROM mail_addresses WHERE person_id = $1";
    Ok(db::execute(tx, sql, params![person]).await? == 1)
}
