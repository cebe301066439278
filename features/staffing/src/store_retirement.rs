//! Statements on who may soon retire, and on the days of retirement that HR set.
use base::{Day, Instant, PersonId, Result, Scope};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// Someone whose age is near that of retirement, or whose day HR set.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Near {
    pub id: String,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub staff_no: Option<String>,
    pub gender: String,
    pub birth_date: String,
    pub retirement: String,
    pub set_day: Option<String>,
    pub document: Option<String>,
}

const NEAR: &str = "SELECT p.id, p.name, u.name AS unit, d.name AS department, p.staff_no, p.gender, p.birth_date, \
    p.retirement, r.day AS set_day, r.document FROM people p JOIN units u ON u.id = p.unit_id \
    LEFT JOIN units d ON d.id = p.department_id LEFT JOIN retirement_days r ON r.person_id = p.id AND r.ended_at IS NULL \
    WHERE p.status = 'on_post' AND p.merged_into IS NULL AND p.gender IS NOT NULL AND p.birth_date IS NOT NULL";

/// People on post of a scope born between two days, and those whose set day lies between two others.
pub(crate) async fn near(
    conn: &impl Conn,
    scope: &Scope,
    (born_from, born_to): (Day, Day),
    (from, to): (Day, Day),
) -> Result<Vec<Near>> {
    let mut values = params![born_from, born_to, from, to];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "{NEAR} AND ((p.birth_date >= $1 AND p.birth_date <= $2) OR (r.day >= $3 AND r.day <= $4)) AND {within} \
         ORDER BY p.birth_date, p.id LIMIT 50000"
    );
    db::all(conn, &sql, values).await
}

/// Those on post of a scope with exactly that name, account or staff number.
pub(crate) async fn called(conn: &impl Conn, scope: &Scope, word: &str) -> Result<Vec<Near>> {
    let mut values = params![word];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "{NEAR} AND (p.name = $1 OR p.staff_no = $1 OR EXISTS (SELECT 1 FROM accounts a WHERE a.person_id = p.id \
         AND a.name = $1)) AND {within} ORDER BY p.id LIMIT 20"
    );
    db::all(conn, &sql, values).await
}

/// A day that HR set.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct SetDay {
    pub day: String,
    pub document: String,
    pub reason: String,
    pub set_by_name: String,
    pub created_at: i64,
}

/// The day that stands for a person.
pub(crate) async fn set_day(conn: &impl Conn, person: PersonId) -> Result<Option<SetDay>> {
    let sql = "SELECT r.day, r.document, r.reason, COALESCE(b.name, '') AS set_by_name, r.created_at \
               FROM retirement_days r LEFT JOIN people b ON b.id = r.set_by \
               WHERE r.person_id = $1 AND r.ended_at IS NULL";
    db::maybe(conn, sql, params![person]).await
}

/// Ends the day that stands; false where there is none.
pub(crate) async fn end(tx: &Tx, person: PersonId, (by, at): (PersonId, Instant)) -> Result<bool> {
    let sql =
        "UPDATE retirement_days SET ended_by = $1, ended_at = $2 WHERE person_id = $3 AND ended_at IS NULL";
    Ok(db::execute(tx, sql, params![by, at, person]).await? == 1)
}

pub(crate) async fn insert(
    tx: &Tx,
    (id, person, day): (&str, PersonId, Day),
    (document, reason): (&str, &str),
    (by, at): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO retirement_days (id, person_id, day, document, reason, set_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::execute(tx, sql, params![id, person, day, document, reason, by, at]).await?;
    Ok(())
}
