//! Statements on records that gave way to others of their person.
use base::{EntryId, Hours, PersonId, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A record that counts less than it says, or nothing, because another one holds the time.
#[derive(FromQueryResult)]
pub(crate) struct Cut {
    pub provider_id: String,
    pub completion_id: String,
    pub body: String,
    pub entry_id: Option<String>,
}

/// A person's records that gave way, in the order in which they came.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Cut>> {
    let sql = "SELECT provider_id, completion_id, body, entry_id FROM completions WHERE person_id = $1 \
               AND reason = 'overlap' ORDER BY received_at, completion_id LIMIT 200";
    db::all(conn, sql, params![person]).await
}

/// A record counts by another entry now.
pub(crate) async fn counted(
    tx: &Tx,
    cut: &Cut,
    (entry, hours, reason): (EntryId, Hours, Option<&str>),
) -> Result<()> {
    let sql = "UPDATE completions SET status = 'counted', reason = $1, entry_id = $2, hours = $3 \
               WHERE provider_id = $4 AND completion_id = $5";
    let values = params![reason, entry.to_string(), hours.hundredths(), cut.provider_id, cut.completion_id];
    db::execute(tx, sql, values).await?;
    Ok(())
}
