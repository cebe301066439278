//! Statements on bank accounts. The number is read only for a payment file.
use base::{PersonId, Result};
use db::{Conn, Param, Tx, params};
use sea_orm::FromQueryResult;

/// An account as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Row {
    pub person_id: String,
    pub bank: String,
    pub number_sealed: String,
    pub last_four: String,
    pub changed_at: i64,
    pub usable_from: i64,
}

const ROW: &str =
    "SELECT person_id, bank, number_sealed, last_four, changed_at, usable_from FROM bank_accounts";

/// The accounts of these people.
pub(crate) async fn of_people(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<Row>> {
    let mut found = vec![];
    for chunk in people.chunks(1000) {
        let sql = format!("{ROW} WHERE person_id IN ({})", db::in_list(1, chunk.len()));
        found.extend(db::all::<Row>(conn, &sql, chunk.iter().map(Param::param).collect()).await?);
    }
    Ok(found)
}

/// The account, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, person: PersonId) -> Result<Option<Row>> {
    let sql = format!("{ROW} WHERE person_id = $1{}", db::dialect::for_update(tx));
    db::maybe(tx, &sql, params![person]).await
}

pub(crate) async fn save(tx: &Tx, r: &Row) -> Result<()> {
    let sql = "INSERT INTO bank_accounts (person_id, bank, number_sealed, last_four, changed_at, usable_from) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id) DO UPDATE SET bank = $2, number_sealed = $3, \
               last_four = $4, changed_at = $5, usable_from = $6";
    db::execute(
        tx,
        sql,
        params![r.person_id, r.bank, r.number_sealed, r.last_four, r.changed_at, r.usable_from],
    )
    .await?;
    Ok(())
}
