//! Statements of the automatic steps: who is unfinished, and under whom.
use base::{Error, Result, person::Code};
use db::{Conn, Tx, params};
use hours::Grounds;
use rules::reminders::{Step, Told};
use sea_orm::FromQueryResult;
use statistics::{obliged, people};

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
    of: &Grounds,
    (after, limit): (&str, i64),
    days: i64,
) -> Result<Vec<Unfinished>> {
    let sql = format!(
        "SELECT p.id, p.name, u.id AS unit_id, r.short_hours, EXISTS (SELECT 1 FROM reminders k WHERE k.person_id = p.id \
         AND k.year = $1 AND k.step = $5) AS told {} WHERE {} AND {UNFINISHED} AND p.id > $3 \
         ORDER BY p.id LIMIT $4",
        people(of),
        obliged(of)
    );
    db::all(tx, &sql, params![of.year(), of.latest_join(), after, limit, days]).await
}

/// How many are behind below someone who looks after them.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Behind {
    pub leader: String,
    pub code: String,
    pub unit: String,
    pub people: i64,
}

async fn behind(conn: &impl Conn, of: &Grounds, role: &str, place: &str) -> Result<Vec<Behind>> {
    let sql = format!(
        "SELECT g.person_id AS leader, o.code AS code, MIN(o.name) AS unit, CAST(COUNT(*) AS BIGINT) AS people {} \
         JOIN role_grants g ON g.unit_id = {place} AND g.role = '{role}' AND g.ended_at IS NULL \
         JOIN units o ON o.id = g.unit_id WHERE {} AND {UNFINISHED} GROUP BY g.person_id, o.code \
         ORDER BY o.code, g.person_id LIMIT 200000",
        people(of),
        obliged(of)
    );
    db::all(conn, &sql, params![of.year(), of.latest_join()]).await
}

/// By head of department.
pub(crate) async fn behind_by_head(conn: &impl Conn, of: &Grounds) -> Result<Vec<Behind>> {
    behind(conn, of, "department_head", "d.id").await
}

/// By administrator of the unit.
pub(crate) async fn behind_by_administrator(conn: &impl Conn, of: &Grounds) -> Result<Vec<Behind>> {
    behind(conn, of, "unit_admin", "u.id").await
}

/// The steps before 12-31, the earliest first.
pub(crate) async fn steps(conn: &impl Conn) -> Result<Vec<Step>> {
    #[derive(FromQueryResult)]
    struct Row {
        days: i64,
        told: String,
        by_sms: bool,
    }
    let sql = "SELECT days, told, by_sms FROM reminder_steps ORDER BY days DESC LIMIT 100";
    let read = |r: Row| {
        let told = Told::from_code(&r.told).ok_or_else(|| Error::internal("unknown step"))?;
        Ok(Step { days: r.days, told, by_sms: r.by_sms })
    };
    db::all::<Row>(conn, sql, vec![]).await?.into_iter().map(read).collect()
}

/// Puts other steps in their place.
pub(crate) async fn replace_steps(tx: &Tx, steps: &[Step]) -> Result<()> {
    db::execute(tx, "DELETE FROM reminder_steps", vec![]).await?;
    let row = |s: &Step| params![s.days, s.told.code(), s.by_sms];
    let rows = steps.iter().map(row).collect();
    db::insert_rows(tx, "reminder_steps", &["days", "told", "by_sms"], rows, "").await?;
    Ok(())
}
