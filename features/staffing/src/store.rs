//! Statements on transfers, and what is open of a person.
use base::{Day, Error, Instant, PersonId, Result, Scope, UnitId};
use db::{Conn, Tx, params};
use org::Person;
use sea_orm::FromQueryResult;
use site::Paging;

use crate::{
    matters::Matter,
    transfer::{Place, Transfer},
};

/// What each slice has open of a person, read only.
const OPEN_MATTERS: &str = "SELECT 'claim' AS kind, id, title, year, state FROM activity_claims WHERE person_id = $1 \
    AND state IN ('submitted', 'returned') \
    UNION ALL SELECT 'exemption', id, kind, year, state FROM exemptions WHERE person_id = $1 AND state IN ('submitted', 'returned') \
    UNION ALL SELECT 'reimbursement', id, reimbursements.certificate_no, year, state FROM reimbursements WHERE person_id = $1 \
    AND state NOT IN ('paid', 'rejected') \
    UNION ALL SELECT 'training', t.id, t.title, CAST(0 AS BIGINT), r.state FROM training_rows r JOIN unit_trainings t ON t.id = r.training_id \
    WHERE r.person_id = $1 AND r.state = 'waiting' \
    UNION ALL SELECT 'correction', id, fields, CAST(0 AS BIGINT), state FROM corrections WHERE person_id = $1 AND state = 'submitted' \
    ORDER BY 4, 1, 2 LIMIT 200";

pub(crate) async fn matters(conn: &impl Conn, person: PersonId) -> Result<Vec<Matter>> {
    db::all(conn, OPEN_MATTERS, params![person]).await
}

/// A transfer to be written.
pub(crate) struct NewTransfer<'a> {
    pub id: &'a str,
    pub person: &'a Person,
    pub to: UnitId,
    pub department: Option<&'a str>,
    pub from: Day,
    pub is_forced: bool,
    pub reason: &'a str,
    pub by: PersonId,
}

/// Writes a request; false where one is open for the person already.
pub(crate) async fn insert(tx: &Tx, t: &NewTransfer<'_>, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO transfers (id, person_id, from_unit, to_unit, to_department, from_day, state, is_forced, reason, \
               asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, 'asked', $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let department = t.department.map(str::to_owned);
    let values =
        params![t.id, t.person.id, t.person.unit, t.to, department, t.from, t.is_forced, t.reason, t.by, now];
    Ok(db::execute(tx, sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    person_name: String,
    id_number_masked: Option<String>,
    from_unit: String,
    from_code: String,
    from_name: String,
    from_path: String,
    to_unit: String,
    to_code: String,
    to_name: String,
    to_path: String,
    to_department: Option<String>,
    from_day: String,
    state: String,
    is_forced: bool,
    reason: String,
    asked_by: String,
    asked_by_name: String,
    asked_at: i64,
    decided_by_name: Option<String>,
    decided_at: Option<i64>,
    comment: Option<String>,
}

impl TryFrom<Row> for Transfer {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            id: r.id,
            person: r.person_id.parse()?,
            person_name: r.person_name,
            id_number_masked: r.id_number_masked,
            from: Place {
                unit: r.from_unit.parse()?,
                code: r.from_code,
                name: r.from_name,
                path: r.from_path,
            },
            to: Place { unit: r.to_unit.parse()?, code: r.to_code, name: r.to_name, path: r.to_path },
            department: r.to_department,
            from_day: r.from_day,
            state: r.state,
            is_forced: r.is_forced,
            reason: r.reason,
            asked_by: r.asked_by.parse()?,
            asked_by_name: r.asked_by_name,
            asked_at: r.asked_at,
            decided_by_name: r.decided_by_name,
            decided_at: r.decided_at,
            comment: r.comment,
        })
    }
}

const TRANSFER: &str = "SELECT t.id, t.person_id, p.name AS person_name, p.id_number_masked, t.from_unit, f.code AS from_code, \
    f.name AS from_name, f.path AS from_path, t.to_unit, u.code AS to_code, u.name AS to_name, u.path AS to_path, \
    t.to_department, t.from_day, t.state, t.is_forced, t.reason, t.asked_by, a.name AS asked_by_name, t.asked_at, \
    d.name AS decided_by_name, t.decided_at, t.comment FROM transfers t JOIN people p ON p.id = t.person_id \
    JOIN units f ON f.id = t.from_unit JOIN units u ON u.id = t.to_unit JOIN people a ON a.id = t.asked_by \
    LEFT JOIN people d ON d.id = t.decided_by";

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Transfer> {
    db::one::<Row>(conn, &format!("{TRANSFER} WHERE t.id = $1"), params![id]).await?.try_into()
}

/// A transfer, held until the transaction ends.
pub(crate) async fn held(tx: &Tx, id: &str) -> Result<Transfer> {
    let lock = format!("SELECT id FROM transfers WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &lock, params![id]).await?;
    by_id(tx, id).await
}

/// Transfers from and to units of a scope, the newest first.
pub(crate) async fn list(
    conn: &impl Conn,
    scope: &Scope,
    (state, paging): (&str, &Paging),
) -> Result<Vec<Transfer>> {
    let mut values = params![paging.after(), state, paging.limit() + 1];
    let from = db::in_scope("f.path", scope, &mut values);
    let to = db::in_scope("u.path", scope, &mut values);
    let sql = format!(
        "{TRANSFER} WHERE ($1 = '' OR t.id < $1) AND ($2 = '' OR t.state = $2) AND ({from} OR {to}) \
         ORDER BY t.id DESC LIMIT $3"
    );
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Transfer::try_from).collect()
}

pub(crate) async fn close(
    tx: &Tx,
    id: &str,
    (state, by, comment): (&str, PersonId, &str),
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE transfers SET state = $1, decided_by = $2, comment = $3, decided_at = $4 WHERE id = $5";
    db::execute(tx, sql, params![state, by, comment, now, id]).await?;
    Ok(())
}

pub(crate) async fn release(
    tx: &Tx,
    id: &str,
    (by, comment, from): (PersonId, &str, Day),
    now: Instant,
) -> Result<()> {
    db::execute(tx, "UPDATE transfers SET from_day = $1 WHERE id = $2", params![from, id]).await?;
    close(tx, id, ("released", by, comment), now).await
}

/// The administrators of a unit.
pub(crate) async fn administrators(conn: &impl Conn, unit: UnitId) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let sql = "SELECT DISTINCT person_id FROM role_grants WHERE unit_id = $1 AND role = 'unit_admin' AND ended_at IS NULL \
               ORDER BY person_id LIMIT 50";
    let rows: Vec<One> = db::all(conn, sql, params![unit]).await?;
    rows.into_iter().map(|r| r.person_id.parse()).collect()
}
