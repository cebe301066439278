//! Statements on claims, invoices and decisions.
use base::{Error, Fen, Instant, PersonId, Result, Year, day, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    claim::{Claim, Decided},
    invoice::Invoice,
    money::Amounts,
    state::{Decision, Stage, State},
};

#[derive(FromQueryResult)]
pub(crate) struct Row {
    id: String,
    person_id: String,
    whose: String,
    name: String,
    staff_no: Option<String>,
    unit_id: String,
    unit_name: String,
    refunded: i64,
    unit_paid: i64,
    is_late: bool,
    recover_reason: Option<String>,
    recover_amount: Option<i64>,
    submitted_amount: i64,
    sent_amount: Option<i64>,
    department: Option<String>,
    year: i64,
    unit_path: String,
    state: String,
    certificate_no: String,
    charged: i64,
    paid: i64,
    allowance: i64,
    reimbursable: i64,
    round: i64,
    submitted_at: i64,
    paid_out_on: Option<String>,
    payment_reference: Option<String>,
}

impl TryFrom<Row> for Claim {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let damaged = |what: &str| Error::internal(format!("a stored reimbursement has no {what}"));
        Ok(Self {
            person: r.person_id.parse()?,
            whose: r.whose.parse()?,
            year: Year::new(r.year).ok_or_else(|| damaged("year"))?,
            state: State::from_code(&r.state).ok_or_else(|| damaged("state"))?,
            amounts: Amounts {
                charged: Fen::new(r.charged),
                paid: Fen::new(r.paid),
                allowance: Fen::new(r.allowance),
                reimbursable: Fen::new(r.reimbursable),
            },
            submitted: Fen::new(r.submitted_amount),
            sent: r.sent_amount.map(Fen::new),
            submitted_at: day::from_millis(r.submitted_at),
            unit: r.unit_id.parse()?,
            refunded: Fen::new(r.refunded),
            unit_paid: Fen::new(r.unit_paid),
            is_late: r.is_late,
            recover_reason: r.recover_reason,
            recover_amount: r.recover_amount.map(Fen::new),
            staff_no: r.staff_no,
            id: r.id,
            name: r.name,
            unit_name: r.unit_name,
            department: r.department,
            unit_path: r.unit_path,
            certificate_no: r.certificate_no,
            round: r.round,
            paid_out_on: r.paid_out_on,
            payment_reference: r.payment_reference,
        })
    }
}

pub(crate) const CLAIM: &str = "SELECT r.id, r.person_id, COALESCE(p.merged_into, p.id) AS whose, p.name, p.staff_no, r.unit_id, r.refunded, r.unit_paid, \
    r.is_late, r.recover_reason, r.recover_amount, u.name AS unit_name, d.name AS department, r.year, \
    r.unit_path, r.state, r.certificate_no, r.charged, r.paid, r.allowance, r.reimbursable, r.round, r.submitted_at, \
    r.paid_out_on, r.payment_reference, r.submitted_amount, r.sent_amount FROM reimbursements r JOIN people p ON p.id = r.person_id \
    JOIN units u ON u.id = r.unit_id LEFT JOIN units d ON d.path = r.unit_path AND d.kind = 'department'";

pub(crate) async fn claim(conn: &impl Conn, id: &str) -> Result<Claim> {
    db::one::<Row>(conn, &format!("{CLAIM} WHERE r.id = $1"), params![id]).await?.try_into()
}

/// The claim, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Claim> {
    let sql = format!("SELECT id FROM reimbursements WHERE id = $1{}", db::dialect::for_update(tx));
    db::one::<Held>(tx, &sql, params![id]).await?;
    claim(tx, id).await
}

#[derive(FromQueryResult)]
struct Held {
    id: String,
}

/// The claim of a person's year that is not over, held until the transaction ends.
pub(crate) async fn hold_of_year(tx: &Tx, person: PersonId, year: Year) -> Result<Option<Claim>> {
    // One that was asked for under a record that went into the person's is the person's too.
    let sql = format!(
        "SELECT id FROM reimbursements WHERE year = $2 AND state <> 'rejected' AND (person_id = $1 OR (state <> 'returned' \
         AND person_id IN (SELECT p.id FROM people p WHERE p.merged_into = $1))) ORDER BY state DESC LIMIT 1{}",
        db::dialect::for_update(tx)
    );
    match db::maybe::<Held>(tx, &sql, params![person, year]).await? {
        Some(held) => claim(tx, &held.id).await.map(Some),
        None => Ok(None),
    }
}

/// Writes the claim, new or sent in anew; false when another claim of the year was first.
pub(crate) async fn write(tx: &Tx, c: &Claim, is_again: bool) -> Result<bool> {
    let a = &c.amounts;
    if is_again {
        let sql = "UPDATE reimbursements SET unit_id = $1, unit_path = $2, state = $3, certificate_no = $4, charged = $5, \
                   paid = $6, allowance = $7, reimbursable = $8, round = $9, submitted_at = $10, refunded = $12, unit_paid = $13, \
                   is_late = $14, submitted_amount = $15, sent_amount = NULL WHERE id = $11";
        let values = params![
            c.unit,
            c.unit_path,
            c.state.code(),
            c.certificate_no,
            a.charged,
            a.paid,
            a.allowance,
            a.reimbursable,
            c.round,
            c.submitted_at,
            c.id,
            c.refunded,
            c.unit_paid,
            c.is_late,
            c.submitted,
        ];
        return Ok(db::execute(tx, sql, values).await? == 1);
    }
    let sql = "INSERT INTO reimbursements (id, person_id, year, unit_id, unit_path, state, certificate_no, charged, paid, \
               allowance, reimbursable, round, submitted_at, refunded, unit_paid, is_late, submitted_amount) VALUES ($1, $2, $3, $4, $5, $6, $7, \
               $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
               ON CONFLICT DO NOTHING";
    let values = params![
        c.id,
        c.person,
        c.year,
        c.unit,
        c.unit_path,
        c.state.code(),
        c.certificate_no,
        a.charged,
        a.paid,
        a.allowance,
        a.reimbursable,
        c.round,
        c.submitted_at,
        c.refunded,
        c.unit_paid,
        c.is_late,
        c.submitted,
    ];
    Ok(db::execute(tx, sql, values).await? == 1)
}

/// Writes the invoices that no other claim holds; answers how many.
pub(crate) async fn insert_invoices(tx: &Tx, claim: &Claim, invoices: &[Invoice]) -> Result<u64> {
    let row = |(n, i): (usize, &Invoice)| {
        let place = i64::try_from(n).unwrap_or(i64::MAX);
        params![
            claim.id,
            place,
            claim.round,
            i.number,
            i.day,
            i.amount,
            i.buyer,
            i.file,
            i.is_original,
            i.read_from
        ]
    };
    let columns = [
        "reimbursement_id",
        "place",
        "round",
        "number",
        "day",
        "amount",
        "buyer",
        "file_id",
        "is_original",
        "read_from",
    ];
    let rows = invoices.iter().enumerate().map(row).collect();
    db::insert_rows(tx, "reimbursement_invoices", &columns, rows, "ON CONFLICT DO NOTHING").await
}

/// The numbers that a claim holds.
pub(crate) async fn numbers(conn: &impl Conn, id: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        number: String,
    }
    let sql = "SELECT number FROM reimbursement_invoices WHERE reimbursement_id = $1 AND released_at IS NULL LIMIT 100";
    Ok(db::all::<One>(conn, sql, params![id]).await?.into_iter().map(|r| r.number).collect())
}

/// Lets go of a claim's invoices.
pub(crate) async fn release(tx: &Tx, id: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE reimbursement_invoices SET released_at = $1 WHERE reimbursement_id = $2 AND released_at IS NULL";
    db::execute(tx, sql, params![now, id]).await?;
    Ok(())
}

/// The invoices of the claim as it was sent in last.
pub(crate) async fn invoices(conn: &impl Conn, claim: &Claim) -> Result<Vec<Invoice>> {
    let sql = "SELECT reimbursement_id, number, day, amount, buyer, file_id, is_original, read_from FROM reimbursement_invoices \
               WHERE reimbursement_id = $1 AND round = $2 ORDER BY place LIMIT 100";
    let rows: Vec<InvoiceRow> = db::all(conn, sql, params![claim.id, claim.round]).await?;
    rows.into_iter().map(|r| r.read().map(|(_, invoice)| invoice)).collect()
}

/// An invoice with its claim.
#[derive(FromQueryResult)]
pub(crate) struct InvoiceRow {
    reimbursement_id: String,
    number: String,
    day: String,
    amount: i64,
    buyer: String,
    file_id: Option<String>,
    is_original: bool,
    read_from: String,
}

impl InvoiceRow {
    pub(crate) fn read(self) -> Result<(String, Invoice)> {
        let invoice = Invoice {
            day: self.day.parse().map_err(Error::internal)?,
            number: self.number,
            amount: Fen::new(self.amount),
            buyer: self.buyer,
            file: self.file_id,
            is_original: self.is_original,
            read_from: self.read_from,
        };
        Ok((self.reimbursement_id, invoice))
    }
}

/// Writes a decision, by the system where it is nobody's.
pub(crate) async fn decide(
    tx: &Tx,
    claim: &Claim,
    (stage, decision, comment): (Stage, Decision, &str),
    (by, now): (Option<PersonId>, Instant),
) -> Result<()> {
    let by = by.map_or_else(String::new, |person| person.to_string());
    let sql = "INSERT INTO reimbursement_decisions (reimbursement_id, place, round, stage, decision, comment, decided_by, \
               decided_at) VALUES ($1, (SELECT COUNT(*) + 1 FROM reimbursement_decisions x WHERE x.reimbursement_id = $1), \
               $2, $3, $4, $5, $6, $7)";
    let values = params![claim.id, claim.round, stage.code(), decision.code(), comment, by, now];
    db::execute(tx, sql, values).await?;
    let approved = (claim.state == State::Approved).then_some(now);
    let sql = "UPDATE reimbursements SET state = $1, approved_at = $2 WHERE id = $3";
    db::execute(tx, sql, params![claim.state.code(), approved, claim.id]).await?;
    Ok(())
}

pub(crate) async fn book_payment(tx: &Tx, claim: &Claim, now: Instant) -> Result<()> {
    let sql = "UPDATE reimbursements SET state = $1, paid_out_at = $2, paid_out_on = $3, payment_reference = $4 WHERE id = $5";
    let values = params![claim.state.code(), now, claim.paid_out_on, claim.payment_reference, claim.id];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn decisions(conn: &impl Conn, id: &str) -> Result<Vec<Decided>> {
    #[derive(FromQueryResult)]
    struct One {
        round: i64,
        stage: String,
        decision: String,
        comment: String,
        decided_by: String,
        by_name: String,
        decided_at: i64,
    }
    let sql = "SELECT d.round, d.stage, d.decision, d.comment, d.decided_by, COALESCE(p.name, '') AS by_name, d.decided_at \
               FROM reimbursement_decisions d LEFT JOIN people p ON p.id = d.decided_by WHERE d.reimbursement_id = $1 \
               ORDER BY d.place LIMIT 200";
    let read = |r: One| -> Result<Decided> {
        Ok(Decided {
            by: Some(r.decided_by).filter(|by| !by.is_empty()).map(|by| by.parse()).transpose()?,
            at: day::from_millis(r.decided_at),
            round: r.round,
            stage: r.stage,
            decision: r.decision,
            comment: r.comment,
            by_name: r.by_name,
        })
    };
    db::all::<One>(conn, sql, params![id]).await?.into_iter().map(read).collect()
}
