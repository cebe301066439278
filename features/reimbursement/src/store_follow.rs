//! Statements that follow changes of a year: whose claims, and what of a payment has to come back.
use base::{Fen, PersonId, Result, Scope, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// The claims of a person's year that wait or were paid, each with the person whose it is today: one that was asked for
/// under a record that went into another is the other's.
pub(crate) async fn of_year(
    conn: &impl Conn,
    person: PersonId,
    year: Year,
) -> Result<Vec<(String, PersonId)>> {
    #[derive(FromQueryResult)]
    struct One {
        id: String,
        whose: String,
    }
    let sql = "SELECT r.id, COALESCE(p.merged_into, p.id) AS whose FROM reimbursements r JOIN people p ON p.id = r.person_id \
               WHERE r.year = $2 AND r.state <> 'rejected' AND r.state <> 'returned' \
               AND r.person_id IN (SELECT o.id FROM people o WHERE o.id = $1 OR o.merged_into = $1) ORDER BY r.id LIMIT 50";
    let rows: Vec<One> = db::all(conn, sql, params![person, year]).await?;
    let read = |r: One| -> Result<(String, PersonId)> { Ok((r.id, r.whose.parse()?)) };
    rows.into_iter().map(read).collect()
}

/// Whose claims of a year at and below a place wait or were paid.
pub(crate) async fn around(conn: &impl Conn, path: &str, year: Year) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let mut values = params![year];
    let within = db::in_scope("unit_path", &Scope { paths: vec![path.to_owned()] }, &mut values);
    let sql = format!(
        "SELECT DISTINCT person_id FROM reimbursements WHERE year = $1 AND {within} AND state <> 'rejected' \
         AND state <> 'returned' ORDER BY person_id LIMIT 20000"
    );
    let rows: Vec<One> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| r.person_id.parse()).collect()
}

/// Notes that a part of what was paid has to come back.
pub(crate) async fn mark(tx: &Tx, id: &str, (reason, amount): (&str, Fen)) -> Result<()> {
    let sql = "UPDATE reimbursements SET recover_reason = $1, recover_amount = $2 WHERE id = $3";
    db::execute(tx, sql, params![reason, amount, id]).await?;
    Ok(())
}

/// Notes that nothing has to come back any more.
pub(crate) async fn lift(tx: &Tx, id: &str) -> Result<()> {
    let sql = "UPDATE reimbursements SET recover_reason = NULL, recover_amount = NULL WHERE id = $1";
    db::execute(tx, sql, params![id]).await?;
    Ok(())
}
