//! Statements on reminders and what they cost.
use std::collections::HashMap;

use base::{Fen, Id, Instant, PersonId, Result, UnitId, Year, id::of};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

/// A unit's budget of a year: in all and for a message.
pub(crate) async fn budget(conn: &impl Conn, unit: UnitId, year: Year) -> Result<Option<(Fen, Fen)>> {
    #[derive(FromQueryResult)]
    struct Row {
        fen: i64,
        fen_per_segment: i64,
    }
    let sql = "SELECT fen, fen_per_segment FROM sms_budgets WHERE unit_id = $1 AND year = $2";
    let row: Option<Row> = db::maybe(conn, sql, params![unit, year]).await?;
    Ok(row.map(|r| (Fen::new(r.fen), Fen::new(r.fen_per_segment))))
}

/// Holds a unit's budget until the transaction ends, so that two sendings don't spend the same money.
pub(crate) async fn hold_budget(tx: &Tx, unit: UnitId, year: Year) -> Result<()> {
    let sql = format!(
        "SELECT unit_id FROM sms_budgets WHERE unit_id = $1 AND year = $2{}",
        db::dialect::for_update(tx)
    );
    db::execute(tx, &sql, params![unit, year]).await?;
    Ok(())
}

/// Sets a unit's budget.
pub(crate) async fn set_budget(
    tx: &Tx,
    (unit, year): (UnitId, Year),
    (total, price): (Fen, Fen),
    (by, at): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO sms_budgets (unit_id, year, fen, fen_per_segment, set_by, set_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (unit_id, year) DO UPDATE SET fen = excluded.fen, \
               fen_per_segment = excluded.fen_per_segment, set_by = excluded.set_by, set_at = excluded.set_at";
    db::execute(tx, sql, params![unit, year, total.fen(), price.fen(), by, at]).await?;
    Ok(())
}

/// What a unit has spent in a year.
pub(crate) async fn spent(conn: &impl Conn, unit: UnitId, year: Year) -> Result<Fen> {
    #[derive(FromQueryResult)]
    struct Row {
        fen: i64,
    }
    let sql = "SELECT CAST(COALESCE(SUM(fen), 0) AS BIGINT) AS fen FROM reminders WHERE payer_id = $1 AND year = $2";
    Ok(Fen::new(db::one::<Row>(conn, sql, params![unit, year]).await?.fen))
}

/// Holds these people until the transaction ends, so that two senders don't text someone twice.
pub(crate) async fn hold_people(tx: &Tx, people: &[PersonId]) -> Result<()> {
    let sql = format!(
        "SELECT id FROM people WHERE id IN ({}) ORDER BY id{}",
        db::in_list(1, people.len()),
        db::dialect::for_update(tx)
    );
    db::execute(tx, &sql, people.iter().map(db::Param::param).collect()).await?;
    Ok(())
}

/// How often each of these people was texted by hand since an instant.
pub(crate) async fn texted_since(
    conn: &impl Conn,
    people: &[PersonId],
    since: Instant,
) -> Result<HashMap<PersonId, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        n: i64,
    }
    let mut values = params![since];
    values.extend(people.iter().map(db::Param::param));
    let sql = format!(
        "SELECT person_id, CAST(COUNT(*) AS BIGINT) AS n FROM reminders WHERE at > $1 AND way = 'sms' AND step IS NULL \
         AND person_id IN ({}) GROUP BY person_id",
        db::in_list(2, people.len())
    );
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| Ok((r.person_id.parse()?, r.n))).collect()
}

/// One sending by hand.
pub(crate) struct Batch<'a> {
    pub id: &'a str,
    pub by: PersonId,
    pub unit_path: &'a str,
    pub people: usize,
    pub texted: usize,
    pub segments: usize,
    pub cost: Fen,
}

/// Writes a sending; `false` when it was sent already.
pub(crate) async fn insert_batch(tx: &Tx, b: &Batch<'_>, at: Instant) -> Result<bool> {
    let sql = "INSERT INTO reminder_batches (id, sent_by, unit_path, people, texted, segments, fen, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (people, texted, segments) = (number(b.people), number(b.texted), number(b.segments));
    let values = params![b.id, b.by, b.unit_path, people, texted, segments, b.cost.fen(), at];
    Ok(db::execute(tx, sql, values).await? == 1)
}

/// What one person gets.
pub(crate) struct Sent<'a> {
    pub person: PersonId,
    pub batch: Option<&'a str>,
    pub step: Option<i64>,
    /// Of the SMS; none for a message inside the application only.
    pub segments: Option<usize>,
    pub cost: Fen,
    pub payer: UnitId,
}

/// Writes what people get.
pub(crate) async fn insert(site: &Site, tx: &Tx, sent: &[Sent<'_>]) -> Result<()> {
    const COLUMNS: [&str; 10] =
        ["id", "person_id", "batch_id", "step", "way", "segments", "fen", "payer_id", "year", "at"];
    let row = |s: &Sent<'_>| {
        let id: Id<of::Entry> = site.new_id();
        let way = if s.segments.is_some() { "sms" } else { "in_app" };
        let segments = i64::try_from(s.segments.unwrap_or(0)).unwrap_or(i64::MAX);
        params![
            id,
            s.person,
            s.batch,
            s.step,
            way,
            segments,
            s.cost.fen(),
            s.payer,
            site.this_year(),
            site.now()
        ]
    };
    db::insert_rows(tx, "reminders", &COLUMNS, sent.iter().map(row).collect(), "").await?;
    Ok(())
}

/// What is left of these units' budgets and what a message costs each, in fen; the budgets are held until the transaction
/// ends. A unit without a budget is not among them.
pub(crate) async fn left_of(tx: &Tx, units: &[UnitId], year: Year) -> Result<HashMap<UnitId, (i64, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        unit_id: String,
        rest: i64,
        fen_per_segment: i64,
    }
    if units.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = params![year];
    values.extend(units.iter().map(db::Param::param));
    let list = db::in_list(2, units.len());
    let lock = format!(
        "SELECT unit_id FROM sms_budgets WHERE year = $1 AND unit_id IN ({list}) ORDER BY unit_id{}",
        db::dialect::for_update(tx)
    );
    db::execute(tx, &lock, values.clone()).await?;
    let sql = format!(
        "SELECT b.unit_id, CAST(b.fen - COALESCE((SELECT SUM(k.fen) FROM reminders k WHERE k.payer_id = b.unit_id \
         AND k.year = b.year), 0) AS BIGINT) AS rest, b.fen_per_segment FROM sms_budgets b \
         WHERE b.year = $1 AND b.unit_id IN ({list})"
    );
    let rows: Vec<Row> = db::all(tx, &sql, values).await?;
    rows.into_iter().map(|r| Ok((r.unit_id.parse()?, (r.rest, r.fen_per_segment)))).collect()
}
