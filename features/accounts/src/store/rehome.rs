//! What becomes of roles and accounts when people change units, units go into one another, or one record goes into
//! another of the same human; in the caller's transaction.
use base::{Error, PersonId, Result, Role, Scope, UnitId, person::Code};
use db::{Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::{roles, sessions, store};

/// Ends what a person holds at or below a place and makes the person staff of another unit; sessions end, because what
/// they were opened with is gone.
pub async fn rehome(
    site: &Site,
    tx: &Tx,
    person: PersonId,
    (old_path, unit): (&str, UnitId),
    by: PersonId,
) -> Result<()> {
    let mut values = params![site.now(), person];
    let within = db::in_scope("path", &Scope { paths: vec![old_path.to_owned()] }, &mut values);
    let sql = format!(
        "UPDATE role_grants SET ended_at = $1 WHERE person_id = $2 AND ended_at IS NULL \
         AND unit_id IN (SELECT id FROM units WHERE {within})"
    );
    db::execute(tx, &sql, values).await?;
    roles::grant(site, tx, person, (Role::Staff, unit), Some(by)).await?;
    let account = store::by_person(tx, person).await?;
    sessions::end_all(site, tx, account.id, "role_changed").await
}

/// Ends every role held at a unit that goes into another, and makes its staff staff of the other one. Answers how many
/// roles other than 职工 ended.
pub async fn move_staff(site: &Site, tx: &Tx, (from, to): (UnitId, UnitId), by: PersonId) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Holder {
        person_id: String,
        role: String,
        account_id: String,
    }
    let sql = "SELECT g.person_id, g.role, a.id AS account_id FROM role_grants g JOIN accounts a ON a.person_id = g.person_id \
               WHERE g.unit_id = $1 AND g.ended_at IS NULL ORDER BY g.id LIMIT 200000";
    let holders: Vec<Holder> = db::all(tx, sql, params![from]).await?;
    let sql = "UPDATE role_grants SET ended_at = $1 WHERE unit_id = $2 AND ended_at IS NULL";
    db::execute(tx, sql, params![site.now(), from]).await?;
    let is_staff = |h: &&Holder| h.role == Role::Staff.code();
    let staff = holders.iter().filter(is_staff).map(|h| h.person_id.parse()).collect::<Result<Vec<_>>>()?;
    roles::grant_many(site, tx, &staff, (Role::Staff, to), Some(by)).await?;
    let others: Vec<&Holder> = holders.iter().filter(|h| !is_staff(h)).collect();
    for holder in &others {
        sessions::end_all(site, tx, holder.account_id.parse()?, "role_changed").await?;
    }
    Ok(others.len() as u64)
}

/// Closes an account for good: nobody signs in with it, nothing finds it, its roles end.
pub async fn close(site: &Site, tx: &Tx, person: PersonId, by: PersonId) -> Result<()> {
    if person == by {
        return Err(Error::denied());
    }
    let account = store::by_person(tx, person).await?;
    sessions::end_all(site, tx, account.id, "closed").await?;
    let sql = "UPDATE role_grants SET ended_at = $1 WHERE person_id = $2 AND ended_at IS NULL";
    db::execute(tx, sql, params![site.now(), person]).await?;
    let sql = "UPDATE accounts SET disabled_at = $1 WHERE id = $2";
    db::execute(tx, sql, params![site.now(), account.id]).await?;
    let sql = "DELETE FROM identifiers WHERE account_id = $1 AND kind <> 'account'";
    db::execute(tx, sql, params![account.id]).await?;
    Ok(())
}
