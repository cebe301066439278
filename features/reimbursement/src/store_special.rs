//! Statements on claims above the limit.
use base::{Day, Error, Fen, Instant, PersonId, Result, Scope, Year, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    claim::Claim,
    special::{Special, Stage},
};

/// A new one.
pub(crate) struct New<'a> {
    pub id: String,
    pub claim: &'a Claim,
    pub amount: Fen,
    pub reason: &'a str,
    pub fund: &'a str,
}

/// Writes it; false where the claim has one that is not rejected.
pub(crate) async fn insert(tx: &Tx, n: &New<'_>, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO special_claims (id, reimbursement_id, person_id, year, unit_path, amount, reason, fund, state, asked_at, \
               comment) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, '') ON CONFLICT DO NOTHING";
    let c = n.claim;
    let values = params![n.id, c.id, c.person, c.year, c.unit_path, n.amount, n.reason, n.fund, now];
    Ok(db::execute(tx, sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    reimbursement_id: String,
    person_id: String,
    name: String,
    unit_path: String,
    amount: i64,
    reason: String,
    fund: String,
    state: String,
    first_by: Option<String>,
    first_name: Option<String>,
    second_name: Option<String>,
    comment: String,
    paid_on: Option<String>,
    payment_reference: Option<String>,
}

impl TryFrom<Row> for Special {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            person: r.person_id.parse()?,
            first_by: r.first_by.map(|p| p.parse()).transpose()?,
            state: Stage::from_code(&r.state)
                .ok_or_else(|| Error::internal("a special claim without a state"))?,
            amount: Fen::new(r.amount),
            id: r.id,
            reimbursement: r.reimbursement_id,
            name: r.name,
            unit_path: r.unit_path,
            reason: r.reason,
            fund: r.fund,
            first_name: r.first_name,
            second_name: r.second_name,
            comment: r.comment,
            paid_on: r.paid_on,
            payment_reference: r.payment_reference,
        })
    }
}

const SPECIAL: &str = "SELECT s.id, s.reimbursement_id, s.person_id, p.name, s.unit_path, s.amount, s.reason, s.fund, s.state, \
    s.first_by, f.name AS first_name, g.name AS second_name, s.comment, s.paid_on, s.payment_reference FROM special_claims s \
    JOIN people p ON p.id = s.person_id LEFT JOIN people f ON f.id = s.first_by LEFT JOIN people g ON g.id = s.second_by";

pub(crate) async fn one(conn: &impl Conn, id: &str) -> Result<Special> {
    db::one::<Row>(conn, &format!("{SPECIAL} WHERE s.id = $1"), params![id]).await?.try_into()
}

/// It, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Special> {
    #[derive(FromQueryResult)]
    struct Held {
        id: String,
    }
    let sql = format!("SELECT id FROM special_claims WHERE id = $1{}", db::dialect::for_update(tx));
    let held: Held = db::one(tx, &sql, params![id]).await?;
    one(tx, &held.id).await
}

/// The latest one beside a claim.
pub(crate) async fn of_claim(conn: &impl Conn, claim: &str) -> Result<Option<Special>> {
    let sql = format!("{SPECIAL} WHERE s.reimbursement_id = $1 ORDER BY s.asked_at DESC, s.id DESC LIMIT 1");
    db::maybe::<Row>(conn, &sql, params![claim]).await?.map(Special::try_from).transpose()
}

/// Those of a year in the scope that are not rejected.
pub(crate) async fn of_year(conn: &impl Conn, scope: &Scope, year: Year) -> Result<Vec<Special>> {
    let mut values = params![year];
    let within = db::in_scope("s.unit_path", scope, &mut values);
    let sql = format!(
        "{SPECIAL} WHERE s.year = $1 AND {within} AND s.state <> 'rejected' ORDER BY s.unit_path, p.name, s.id LIMIT 5000"
    );
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Special::try_from).collect()
}

/// Those in the scope that wait for a signature of someone who has not signed and does not claim.
pub(crate) async fn waiting(conn: &impl Conn, scope: &Scope, person: PersonId) -> Result<Vec<Special>> {
    let mut values = params![person];
    let within = db::in_scope("s.unit_path", scope, &mut values);
    let sql = format!(
        "{SPECIAL} WHERE s.person_id <> $1 AND (s.first_by IS NULL OR s.first_by <> $1) AND {within} \
         AND s.state IN ('asked', 'signed') ORDER BY s.asked_at, s.id LIMIT 200"
    );
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Special::try_from).collect()
}

pub(crate) async fn decide(
    tx: &Tx,
    s: &Special,
    (state, comment): (Stage, &str),
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let place = if s.first_by.is_none() { "first" } else { "second" };
    let sql = format!(
        "UPDATE special_claims SET state = $1, comment = $2, {place}_by = $3, {place}_at = $4 WHERE id = $5"
    );
    db::execute(tx, &sql, params![state.code(), comment, by, now, s.id]).await?;
    Ok(())
}

pub(crate) async fn pay(tx: &Tx, id: &str, (reference, on): (&str, Day)) -> Result<()> {
    let sql = "UPDATE special_claims SET state = 'paid', paid_on = $1, payment_reference = $2 WHERE id = $3";
    db::execute(tx, sql, params![on, reference, id]).await?;
    Ok(())
}
