//! Statements on unit trainings and their rows; those on claims stand in the folder.
pub(crate) mod claims;
pub(crate) mod events;
pub(crate) mod exemptions;
pub(crate) mod late;
pub(crate) mod leaves;
pub(crate) mod signals;
pub(crate) mod trainings;
pub(crate) mod watching;

use base::{Error, Instant, PersonId, Result, Scope, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::training::Plan;

/// Who books what where, and when.
pub(crate) struct Header<'a> {
    pub id: &'a str,
    pub unit: base::UnitId,
    pub plan: &'a Plan,
    pub by: PersonId,
    pub now: Instant,
}

/// Writes the training, or finds the one that was booked before; answers its id and whether it is new.
pub(crate) async fn ensure_training(tx: &Tx, h: &Header<'_>) -> Result<(String, bool)> {
    #[derive(FromQueryResult)]
    struct Found {
        id: String,
    }
    let p = h.plan;
    let subject = base::person::Code::code(&p.subject);
    let sql = "INSERT INTO unit_trainings (id, unit_id, title, from_day, to_day, days, subject, booked_by, booked_at, revision) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (unit_id, title, from_day, to_day, subject, revision) DO NOTHING";
    let values =
        params![h.id, h.unit, p.title, p.period.from, p.period.to, p.days.hundredths(), subject, h.by, h.now];
    if db::execute(tx, sql, values).await? == 1 {
        return Ok((h.id.to_owned(), true));
    }
    let sql = format!(
        "SELECT id FROM unit_trainings WHERE unit_id = $1 AND title = $2 AND from_day = $3 AND to_day = $4 \
         AND subject = $5 AND days = $6 AND revision = 0{}",
        db::dialect::for_update(tx)
    );
    let values = params![h.unit, p.title, p.period.from, p.period.to, subject, p.days.hundredths()];
    let found: Option<Found> = db::maybe(tx, &sql, values).await?;
    // The same training with another number of days is a correction, which is a reversal, never a second booking.
    found.map(|f| (f.id, false)).ok_or_else(|| Error::conflict("training_booked_otherwise"))
}

/// A training as lists show it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Listed {
    pub id: String,
    pub revision: i64,
    pub title: String,
    pub from_day: String,
    pub to_day: String,
    pub days: i64,
    pub subject: String,
    pub unit_name: String,
    pub credited: i64,
    pub waiting: i64,
}

/// The newest trainings of a year in the scope.
pub(crate) async fn recent(conn: &impl Conn, scope: &Scope, year: Year) -> Result<Vec<Listed>> {
    let mut values = params![year.first_day(), year.last_day()];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!(
        "SELECT t.id, t.revision, t.title, t.from_day, t.to_day, t.days, t.subject, u.name AS unit_name, \
         CAST(COALESCE(SUM(CASE WHEN r.state = 'credited' THEN 1 ELSE 0 END), 0) AS BIGINT) AS credited, \
         CAST(COALESCE(SUM(CASE WHEN r.state = 'waiting' THEN 1 ELSE 0 END), 0) AS BIGINT) AS waiting \
         FROM unit_trainings t JOIN units u ON u.id = t.unit_id LEFT JOIN training_rows r ON r.training_id = t.id \
         WHERE t.to_day >= $1 AND t.to_day <= $2 AND {within} GROUP BY t.id, t.revision, t.title, t.from_day, t.to_day, t.days, t.subject, u.name, t.booked_at \
         ORDER BY t.booked_at DESC LIMIT 50"
    );
    db::all(conn, &sql, values).await
}
