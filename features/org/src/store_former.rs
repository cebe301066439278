//! Numbers that a person had before: they still lead to the person. They are kept sealed beside their blind index, so that
//! the index can be made anew under another key (security item 51).
use base::{PersonId, Result};
use db::{Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::store;

/// Lets the number that the first person has now lead to the second; both are one where a number is corrected.
pub(crate) async fn keep(site: &Site, tx: &Tx, (of, to): (PersonId, PersonId)) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id_number_lookup: Option<String>,
        id_number_masked: Option<String>,
    }
    let sql = "SELECT id_number_lookup, id_number_masked FROM people WHERE id = $1";
    let row: Row = db::one(tx, sql, params![of]).await?;
    let number = store::id_number(site, tx, of).await?;
    let (Some(lookup), Some(number)) = (row.id_number_lookup, number) else { return Ok(()) };
    // The same number under an older key would be a second row, not the same one.
    db::replace_values(tx, ("former_papers", "lookup"), &site.keys.older_indexes("id_number", &number))
        .await?;
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let sealed = site.keys.seal(&place(&id.to_string()), &number, &*site.random)?;
    let sql = "INSERT INTO former_papers (id, lookup, person_id, masked, until, number_sealed) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (lookup, person_id) DO NOTHING";
    let masked = row.id_number_masked.unwrap_or_default();
    db::execute(tx, sql, params![id, lookup, to, masked, site.now(), sealed]).await?;
    Ok(())
}

/// Lets the former numbers of the first person lead to the second.
pub(crate) async fn inherit(tx: &Tx, (from, to): (PersonId, PersonId)) -> Result<()> {
    let sql = "INSERT INTO former_papers (id, lookup, person_id, masked, until, number_sealed) \
               SELECT id, lookup, $1, masked, until, number_sealed FROM former_papers WHERE person_id = $2 \
               ON CONFLICT (lookup, person_id) DO NOTHING";
    db::execute(tx, sql, params![to, from]).await?;
    db::execute(tx, "DELETE FROM former_papers WHERE person_id = $1", params![from]).await?;
    Ok(())
}

/// What a former number is sealed for.
fn place(id: &str) -> String {
    format!("former_papers.number:{id}")
}
