//! Statements of the automatic steps: who is unfinished, and under whom.
use base::{Day, Result, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use statistics::{OBLIGED, PEOPLE};

const UNFINISHED: &str = "COALESCE(r.state, 'not_begun') IN ('not_begun', 'under_way')";

/// Someone who has not finished.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Unfinished {
    pub id: String,
    pub name: String,
    pub unit_id: String,
    /// In hundredths; unknown before anything was counted.
    pub short_hours: Option<i64>,
    /// Whether the step was told to the person already.
    pub told: bool,
}

/// Who is obliged and has not finished, by id, after one of them.
pub(crate) async fn unfinished(
    tx: &Tx,
    (year, latest_join): (Year, Day),
    (after, limit): (&str, i64),
    days: i64,
) -> Result<Vec<Unfinished>> {
    let sql = format!(
        "SELECT p.id, p.name, p.unit_id, r.short_hours, EXISTS (SELECT 1 FROM reminders k WHERE k.person_id = p.id \
         AND k.year = $1 AND k.step = $5) AS told {PEOPLE} WHERE {OBLIGED} AND {UNFINISHED} AND p.id > $3 \
         ORDER BY p.id LIMIT $4"
    );
    db::all(tx, &sql, params![year, latest_join, after, limit, days]).await
}

/// How many are behind below someone who looks after them.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Behind {
    pub leader: String,
    pub code: String,
    pub unit: String,
    pub people: i64,
}

async fn behind(
    conn: &impl Conn,
    (year, latest_join): (Year, Day),
    role: &str,
    place: &str,
) -> Result<Vec<Behind>> {
    let sql = format!(
        "SELECT g.person_id AS leader, o.code AS code, MIN(o.name) AS unit, CAST(COUNT(*) AS BIGINT) AS people {PEOPLE} \
         JOIN role_grants g ON g.unit_id = {place} AND g.role = '{role}' AND g.ended_at IS NULL \
         JOIN units o ON o.id = g.unit_id WHERE {OBLIGED} AND {UNFINISHED} GROUP BY g.person_id, o.code \
         ORDER BY o.code, g.person_id LIMIT 200000"
    );
    db::all(conn, &sql, params![year, latest_join]).await
}

/// By head of department.
pub(crate) async fn behind_by_head(conn: &impl Conn, of: (Year, Day)) -> Result<Vec<Behind>> {
    behind(conn, of, "department_head", "p.department_id").await
}

/// By administrator of the unit.
pub(crate) async fn behind_by_administrator(conn: &impl Conn, of: (Year, Day)) -> Result<Vec<Behind>> {
    behind(conn, of, "unit_admin", "p.unit_id").await
}
