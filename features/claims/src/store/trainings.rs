//! Statements on trainings that stand, one by one.
use base::{EntryId, Instant, PersonId, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

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
    /// `credited`, `waiting` or `reversed`.
    pub state: String,
    /// The ledger's entry.
    pub entry: Option<EntryId>,
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
    }
    let sql = "SELECT r.person_id, p.name, r.state, r.entry_id FROM training_rows r JOIN people p ON p.id = r.person_id \
               WHERE r.training_id = $1 ORDER BY p.name, r.person_id LIMIT 50000";
    let found: Vec<Found> = db::all(conn, sql, params![id]).await?;
    let row = |f: Found| {
        let entry = f.entry_id.map(|e| e.parse()).transpose()?;
        Ok(Row { person: f.person_id.parse()?, name: f.name, state: f.state, entry })
    };
    found.into_iter().map(row).collect()
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
