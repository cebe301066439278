//! Lists of claims: the own ones, the queue of a decider, and the books of finance.
use std::collections::HashMap;

use base::{Actor, Fen, PersonId, Result, Scope, Year, person::Code};
use db::{Conn, Param, params};
use sea_orm::FromQueryResult;

use crate::{
    claim::Claim,
    invoice::Invoice,
    state::{Stage, State},
    store::{CLAIM, InvoiceRow, Row},
};

async fn many(conn: &impl Conn, rest: &str, values: Vec<db::Value>) -> Result<Vec<Claim>> {
    db::all::<Row>(conn, &format!("{CLAIM} {rest}"), values).await?.into_iter().map(Claim::try_from).collect()
}

pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Claim>> {
    many(conn, "WHERE r.person_id = $1 ORDER BY r.year DESC, r.submitted_at DESC LIMIT 50", params![person])
        .await
}

/// The claims that wait for a stage at which the actor decides, oldest first; never the own one.
pub(crate) async fn queue(conn: &impl Conn, actor: &Actor) -> Result<Vec<Claim>> {
    let mut values = params![actor.person];
    let mut turns = vec![];
    for (stage, state) in [
        (Stage::Department, State::Submitted),
        (Stage::Hr, State::DepartmentApproved),
        (Stage::Finance, State::HrApproved),
    ] {
        let within = db::in_scope("r.unit_path", &actor.scope(stage.roles()), &mut values);
        turns.push(format!("(r.state = '{}' AND {within})", state.code()));
    }
    let rest = format!(
        "WHERE r.person_id <> $1 AND ({}) ORDER BY r.submitted_at, r.id LIMIT 200",
        turns.join(" OR ")
    );
    many(conn, &rest, values).await
}

/// Claims of a year in the scope that are in one of the states, by place and name.
pub(crate) async fn in_states(
    conn: &impl Conn,
    scope: &Scope,
    year: Year,
    states: &[State],
) -> Result<Vec<Claim>> {
    let mut values = params![year];
    let within = db::in_scope("r.unit_path", scope, &mut values);
    let list = db::in_list(values.len() + 1, states.len());
    values.extend(states.iter().map(|s| s.code().param()));
    let rest = format!(
        "WHERE r.year = $1 AND {within} AND r.state IN ({list}) ORDER BY r.unit_path, p.name, r.id LIMIT 20000"
    );
    many(conn, &rest, values).await
}

/// The invoices of claims as they were sent in last, by the claim's id.
pub(crate) async fn invoices_of(conn: &impl Conn, claims: &[Claim]) -> Result<HashMap<String, Vec<Invoice>>> {
    let mut found: HashMap<String, Vec<Invoice>> = HashMap::new();
    for chunk in claims.chunks(500) {
        let list = db::in_list(1, chunk.len());
        let sql = format!(
            "SELECT i.reimbursement_id, i.number, i.day, i.amount, i.buyer, i.file_id, i.is_original, i.read_from \
             FROM reimbursement_invoices i JOIN reimbursements r ON r.id = i.reimbursement_id AND r.round = i.round \
             WHERE r.id IN ({list}) ORDER BY i.reimbursement_id, i.place LIMIT 10000"
        );
        let values = chunk.iter().map(|c| c.id.param()).collect();
        for row in db::all::<InvoiceRow>(conn, &sql, values).await? {
            let (claim, invoice) = row.read()?;
            found.entry(claim).or_default().push(invoice);
        }
    }
    Ok(found)
}

/// Sums over the claims of a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub claims: i64,
    /// What providers charged the claimants, refunds included.
    pub charged: Fen,
    /// What they gave back.
    pub refunded: Fen,
    /// What the invoices say.
    pub invoiced: Fen,
    /// What was claimed and is not decided.
    pub waiting: Fen,
    pub approved: Fen,
    pub paid: Fen,
    /// Of what was paid: what has to come back.
    pub recover: Fen,
}

impl Sums {
    /// Approved and not paid yet.
    pub(crate) fn open(&self) -> Fen {
        Fen::new(self.approved.fen() - self.paid.fen())
    }

    /// What was charged, not given back, and no invoice shows, or the other way round.
    pub(crate) fn uncovered(&self) -> Fen {
        Fen::new(self.charged.fen() - self.refunded.fen() - self.invoiced.fen())
    }
}

/// The sums of all claims of the year in the scope that are not rejected.
pub(crate) async fn sums(conn: &impl Conn, scope: &Scope, year: Year) -> Result<Sums> {
    #[derive(FromQueryResult)]
    struct One {
        claims: i64,
        charged: i64,
        invoiced: i64,
        waiting: i64,
        approved: i64,
        paid: i64,
        refunded: i64,
        recover: i64,
    }
    let mut values = params![year];
    let within = db::in_scope("unit_path", scope, &mut values);
    let sum = |when: &str, what: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN {when} THEN {what} ELSE 0 END), 0) AS BIGINT)")
    };
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) AS claims, {} AS charged, {} AS invoiced, {} AS waiting, {} AS approved, {} AS paid, \
         {} AS refunded, {} AS recover FROM reimbursements WHERE year = $1 AND {within} AND state <> 'rejected'",
        sum("1 = 1", "charged + refunded"),
        sum("1 = 1", "paid"),
        sum("state IN ('submitted', 'department_approved', 'hr_approved', 'returned')", "reimbursable"),
        sum("state IN ('approved', 'paid')", "reimbursable"),
        sum("state = 'paid'", "reimbursable"),
        sum("1 = 1", "refunded"),
        sum("state = 'paid' AND recover_reason IS NOT NULL", "COALESCE(recover_amount, reimbursable)"),
    );
    let row: One = db::one(conn, &sql, values).await?;
    Ok(Sums {
        claims: row.claims,
        charged: Fen::new(row.charged),
        invoiced: Fen::new(row.invoiced),
        waiting: Fen::new(row.waiting),
        approved: Fen::new(row.approved),
        paid: Fen::new(row.paid),
        refunded: Fen::new(row.refunded),
        recover: Fen::new(row.recover),
    })
}
