//! Statements on trainings that stand, one by one.
use base::{EntryId, Error, Instant, PersonId, Result, person::Code};
use db::{Conn, Tx, params};
use rules::{Days, learning::Interval};
use sea_orm::FromQueryResult;

use crate::training::RowState;

/// A training as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// The unit it was booked for.
    pub unit_id: String,
    /// The unit's name.
    pub unit: String,
    /// The unit's path.
    pub path: String,
    /// Its title.
    pub title: String,
    /// The first day.
    pub from_day: String,
    /// The last day.
    pub to_day: String,
    /// Days attended, in hundredths.
    pub days: i64,
    /// The subject it counts in.
    pub subject: String,
    /// 0 while it stands.
    pub revision: i64,
}

/// A person's row of a training.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// Where it stands.
    pub state: RowState,
    /// The ledger's entry.
    pub entry: Option<EntryId>,
    /// The days that were credited.
    pub days: Days,
    /// When the person was there, if they signed in and out.
    pub stay: Option<Interval>,
}

/// A row to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewRow {
    pub person: PersonId,
    pub state: RowState,
    pub entry: Option<EntryId>,
    pub days: Days,
    pub stay: Option<Interval>,
}

const KEPT: &str = "SELECT t.id, t.unit_id, u.name AS unit, u.path, t.title, t.from_day, t.to_day, t.days, t.subject, \
    t.revision FROM unit_trainings t JOIN units u ON u.id = t.unit_id WHERE t.id = $1";

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Kept> {
    db::one(conn, KEPT, params![id]).await
}

/// A training, its row held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Kept> {
    #[derive(FromQueryResult)]
    struct Held {
        id: String,
    }
    let sql = format!("SELECT id FROM unit_trainings WHERE id = $1{}", db::dialect::for_update(tx));
    let held: Held = db::one(tx, &sql, params![id]).await?;
    by_id(tx, &held.id).await
}

/// A training's rows by name.
pub(crate) async fn rows(conn: &impl Conn, id: &str) -> Result<Vec<Row>> {
    #[derive(FromQueryResult)]
    struct Found {
        person_id: String,
        name: String,
        state: String,
        entry_id: Option<String>,
        days: i64,
        stay_from_ms: Option<i64>,
        stay_to_ms: Option<i64>,
    }
    let sql = "SELECT r.person_id, p.name, r.state, r.entry_id, r.days, r.stay_from_ms, r.stay_to_ms FROM training_rows r \
               JOIN people p ON p.id = r.person_id WHERE r.training_id = $1 ORDER BY p.name, r.person_id LIMIT 50000";
    let found: Vec<Found> = db::all(conn, sql, params![id]).await?;
    let row = |f: Found| {
        Ok(Row {
            person: f.person_id.parse()?,
            name: f.name,
            state: RowState::from_code(&f.state).ok_or_else(|| Error::internal("a training row's state"))?,
            entry: f.entry_id.map(|e| e.parse()).transpose()?,
            days: Days::from_hundredths(f.days),
            stay: f.stay_from_ms.zip(f.stay_to_ms).and_then(|(from, to)| Interval::new(from, to)),
        })
    };
    found.into_iter().map(row).collect()
}

/// Writes rows; one that was open becomes what it is now.
pub(crate) async fn write_rows(
    tx: &Tx,
    training: &str,
    rows: &[NewRow],
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let values = |r: &NewRow| {
        let (from, to) = (r.stay.map(|s| s.from), r.stay.map(|s| s.to));
        let entry = r.entry.map(|e| e.to_string());
        params![training, r.person, r.state.code(), entry, r.days.hundredths(), from, to, by, now]
    };
    let columns = [
        "training_id",
        "person_id",
        "state",
        "entry_id",
        "days",
        "stay_from_ms",
        "stay_to_ms",
        "decided_by",
        "decided_at",
    ];
    let suffix = "ON CONFLICT (training_id, person_id) DO UPDATE SET state = excluded.state, entry_id = excluded.entry_id, \
                  days = excluded.days, stay_from_ms = excluded.stay_from_ms, stay_to_ms = excluded.stay_to_ms, \
                  decided_by = excluded.decided_by, decided_at = excluded.decided_at";
    db::insert_rows(tx, "training_rows", &columns, rows.iter().map(values).collect(), suffix).await?;
    Ok(())
}

pub(crate) async fn mark_reversed(
    tx: &Tx,
    id: &str,
    people: &[PersonId],
    (by, now): (PersonId, Instant),
) -> Result<()> {
    for chunk in people.chunks(5000) {
        let mut values = params![id, by, now];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "UPDATE training_rows SET state = 'reversed', decided_by = $2, decided_at = $3 WHERE training_id = $1 \
             AND person_id IN ({})",
            db::in_list(4, chunk.len())
        );
        db::execute(tx, &sql, values).await?;
    }
    Ok(())
}

/// Takes a training out of the way of the next booking of the same title and days.
pub(crate) async fn retire(tx: &Tx, t: &Kept) -> Result<()> {
    let sql = "UPDATE unit_trainings SET revision = 1 + (SELECT MAX(o.revision) FROM unit_trainings o WHERE \
               o.unit_id = $1 AND o.title = $2 AND o.from_day = $3 AND o.to_day = $4 AND o.subject = $5) \
               WHERE id = $6 AND revision = 0";
    db::execute(tx, sql, params![t.unit_id, t.title, t.from_day, t.to_day, t.subject, t.id]).await?;
    Ok(())
}
