//! Statements that follow changes of a year: whose claims, what went out for them, and what of it has to come back.
use std::collections::HashMap;

use base::{Error, Fen, Instant, PersonId, Result, Scope, Year, person::Code};
use db::{Conn, Param, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    claim::Claim,
    state::Stage,
    store::{CLAIM, Row},
};

/// Claims of a human, by the record that stays.
const OF_HUMAN: &str = "person_id IN (SELECT o.id FROM people o WHERE o.id = $1 OR o.merged_into = $1)";
/// Claims whose money went out, or is named in a file and may go out any moment, and need not come back as a whole.
const GONE: &str = "(r.state = 'paid' OR (r.state = 'approved' AND r.sent_amount IS NOT NULL)) \
    AND (r.recover_reason IS NULL OR r.recover_amount IS NOT NULL)";

#[derive(FromQueryResult)]
struct Id {
    id: String,
}

/// The record that stays of a person: the one that theirs went into, or their own.
pub(crate) async fn stays(conn: &impl Conn, person: PersonId) -> Result<PersonId> {
    let sql = "SELECT COALESCE(merged_into, id) AS id FROM people WHERE id = $1";
    match db::maybe::<Id>(conn, sql, params![person]).await? {
        Some(row) => row.id.parse(),
        None => Ok(person),
    }
}

/// The claims of a human's year that are not paid and that no file has named.
pub(crate) async fn unpaid(conn: &impl Conn, whose: PersonId, year: Year) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT id FROM reimbursements WHERE {OF_HUMAN} AND year = $2 AND sent_amount IS NULL AND \
         state IN ('submitted', 'department_approved', 'hr_approved', 'approved') ORDER BY id LIMIT 50"
    );
    Ok(db::all::<Id>(conn, &sql, params![whose, year]).await?.into_iter().map(|r| r.id).collect())
}

/// The paid claims of a human's year, the first payment first.
pub(crate) async fn paid(conn: &impl Conn, whose: PersonId, year: Year) -> Result<Vec<Claim>> {
    let sql = format!(
        "{CLAIM} WHERE r.{OF_HUMAN} AND r.year = $2 AND r.state = 'paid' ORDER BY r.paid_out_at, r.id LIMIT 50"
    );
    db::all::<Row>(conn, &sql, params![whose, year]).await?.into_iter().map(Claim::try_from).collect()
}

/// What went out for other claims of the same human and year.
pub(crate) async fn gone(conn: &impl Conn, claim: &Claim) -> Result<Fen> {
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(r.reimbursable), 0) AS BIGINT) FROM reimbursements r WHERE r.{OF_HUMAN} \
         AND r.year = $2 AND r.id <> $3 AND {GONE}"
    );
    Ok(Fen::new(db::count(conn, &sql, params![claim.whose, claim.year, claim.id]).await?))
}

/// What went out for claims of a year, by the record that stays; only for humans of more than one record.
pub(crate) async fn gone_of_merged(conn: &impl Conn, year: Year) -> Result<HashMap<PersonId, Fen>> {
    #[derive(FromQueryResult)]
    struct One {
        whose: String,
        amount: i64,
    }
    let sql = format!(
        "SELECT COALESCE(p.merged_into, p.id) AS whose, CAST(SUM(r.reimbursable) AS BIGINT) AS amount FROM reimbursements r \
         JOIN people p ON p.id = r.person_id WHERE r.year = $1 AND {GONE} AND (p.merged_into IS NOT NULL OR EXISTS \
         (SELECT 1 FROM people m WHERE m.merged_into = p.id)) GROUP BY COALESCE(p.merged_into, p.id) LIMIT 20000"
    );
    let rows: Vec<One> = db::all(conn, &sql, params![year]).await?;
    rows.into_iter().map(|r| Ok::<_, Error>((r.whose.parse()?, Fen::new(r.amount)))).collect()
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

/// Writes the amounts of a claim as they are now, and the line of its trail that says so.
pub(crate) async fn change(tx: &Tx, c: &Claim, (comment, now): (&str, Instant)) -> Result<()> {
    let a = &c.amounts;
    let sql = "UPDATE reimbursements SET charged = $1, allowance = $2, reimbursable = $3, refunded = $4, unit_paid = $5 WHERE id = $6";
    let values = params![a.charged, a.allowance, a.reimbursable, c.refunded, c.unit_paid, c.id];
    db::execute(tx, sql, values).await?;
    let stage = c.state.stage().unwrap_or(Stage::Finance);
    let sql = "INSERT INTO reimbursement_decisions (reimbursement_id, place, round, stage, decision, comment, decided_by, \
               decided_at) VALUES ($1, (SELECT COUNT(*) + 1 FROM reimbursement_decisions x WHERE x.reimbursement_id = $1), \
               $2, $3, 'amount', $4, '', $5)";
    db::execute(tx, sql, params![c.id, c.round, stage.code(), comment, now]).await?;
    Ok(())
}

/// Notes on approved claims what a file for their payment names; one that was named before keeps that.
pub(crate) async fn send(tx: &Tx, ids: &[String]) -> Result<()> {
    for chunk in ids.chunks(500) {
        let list = db::in_list(1, chunk.len());
        let sql = format!(
            "UPDATE reimbursements SET sent_amount = reimbursable WHERE state = 'approved' AND sent_amount IS NULL AND id IN ({list})"
        );
        db::execute(tx, &sql, chunk.iter().map(Param::param).collect()).await?;
    }
    Ok(())
}

/// Notes that a part of what was paid has to come back; false where all of it has to.
pub(crate) async fn mark(tx: &Tx, id: &str, (reason, amount): (&str, Fen)) -> Result<bool> {
    let sql = "UPDATE reimbursements SET recover_reason = $1, recover_amount = $2 WHERE id = $3 \
               AND (recover_reason IS NULL OR recover_amount IS NOT NULL)";
    Ok(db::execute(tx, sql, params![reason, amount, id]).await? == 1)
}

/// Notes that nothing has to come back any more; false where that was so, or where all of it has to.
pub(crate) async fn lift(tx: &Tx, id: &str) -> Result<bool> {
    let sql = "UPDATE reimbursements SET recover_reason = NULL, recover_amount = NULL WHERE id = $1 AND recover_amount IS NOT NULL";
    Ok(db::execute(tx, sql, params![id]).await? == 1)
}
