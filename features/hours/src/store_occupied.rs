//! Statements on the time that records hold: the records, and the stretches of those that say when.
use std::collections::HashMap;

use base::{Day, Instant, PersonId, Result};
use db::{Conn, Db, Tx, params};
use rules::{
    learning::{Interval, Intervals},
    wall_clock::{Held, Span},
};
use sea_orm::FromQueryResult;

use crate::occupied::{Occupying, When};

/// The nightly look's name among the daily runs.
pub(crate) const LOOK: &str = "wall_clock";
const STRETCHES: &str = "stretches";
const SPAN: &str = "span";
/// A statement names at most so many keys or people.
const CHUNK: usize = 100;

#[derive(FromQueryResult)]
struct Row {
    from_ms: i64,
    to_ms: i64,
}

fn set(rows: Vec<Row>) -> Intervals {
    rows.into_iter().map(|r| Interval { from: r.from_ms, to: r.to_ms }).collect()
}

/// A record that holds time.
#[derive(FromQueryResult)]
pub(crate) struct Record {
    kind: String,
    from_ms: i64,
    to_ms: i64,
    need_ms: i64,
    stretches_ms: i64,
}

impl Record {
    /// How much it holds.
    pub(crate) fn time(&self) -> i64 {
        if self.kind == SPAN { self.need_ms } else { self.stretches_ms }
    }
}

/// Holds a person until the transaction ends.
pub(crate) async fn hold_person(tx: &Tx, person: PersonId) -> Result<()> {
    let sql = format!("SELECT id FROM people WHERE id = $1{}", db::dialect::for_no_key_update(tx));
    db::execute(tx, &sql, params![person]).await?;
    Ok(())
}

/// A record, if it holds time.
pub(crate) async fn record(conn: &impl Conn, key: &str) -> Result<Option<Record>> {
    let sql = "SELECT r.kind, r.from_ms, r.to_ms, r.need_ms, CAST(COALESCE((SELECT SUM(s.to_ms - s.from_ms) \
               FROM learned_stretches s WHERE s.source_key = r.source_key), 0) AS BIGINT) AS stretches_ms \
               FROM learned_records r WHERE r.source_key = $1";
    db::maybe(conn, sql, params![key]).await
}

/// When a record that holds time says that someone learned.
pub(crate) async fn when(conn: &impl Conn, (key, record): (&str, &Record)) -> Result<When> {
    if record.kind == SPAN {
        return Ok(When::Within(Interval { from: record.from_ms, to: record.to_ms }));
    }
    let sql =
        "SELECT from_ms, to_ms FROM learned_stretches WHERE source_key = $1 ORDER BY from_ms LIMIT 200000";
    Ok(When::Stretches(set(db::all(conn, sql, params![key]).await?)))
}

/// The stretches in which a person learned within a longer one.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId, hull: Interval) -> Result<Intervals> {
    let sql = "SELECT from_ms, to_ms FROM learned_stretches WHERE person_id = $1 AND to_ms > $2 AND from_ms < $3 \
               ORDER BY from_ms LIMIT 200000";
    Ok(set(db::all(conn, sql, params![person, hull.from, hull.to]).await?))
}

/// A person's records that only say between when.
pub(crate) async fn spans_of(conn: &impl Conn, person: PersonId) -> Result<Vec<Span>> {
    let sql = "SELECT person_id, from_ms, to_ms, need_ms FROM learned_records WHERE kind = $1 AND person_id = $2 \
               ORDER BY from_ms LIMIT 20000";
    let rows: Vec<SpanRow> = db::all(conn, sql, params![SPAN, person]).await?;
    Ok(rows.iter().map(SpanRow::span).collect())
}

#[derive(FromQueryResult)]
struct SpanRow {
    person_id: String,
    from_ms: i64,
    to_ms: i64,
    need_ms: i64,
}

impl SpanRow {
    fn span(&self) -> Span {
        Span { within: Interval { from: self.from_ms, to: self.to_ms }, need: self.need_ms }
    }
}

/// Lets a record hold what it needs, and the stretches that were free.
pub(crate) async fn insert(tx: &Tx, o: &Occupying<'_>, (need, free): (i64, &Intervals)) -> Result<()> {
    let (kind, ends) = match o.when {
        When::Within(within) => (SPAN, (within.from, within.to)),
        When::Stretches(_) => {
            let (first, last) = (free.as_slice().first(), free.as_slice().last());
            (STRETCHES, (first.map_or(0, |i| i.from), last.map_or(0, |i| i.to)))
        }
    };
    let sql = "INSERT INTO learned_records (source_key, person_id, source, kind, from_ms, to_ms, need_ms) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::execute(tx, sql, params![o.key, o.person, o.source, kind, ends.0, ends.1, need]).await?;
    let row = |i: &Interval| params![o.person, o.source, o.key, i.from, i.to];
    let columns = ["person_id", "source", "source_key", "from_ms", "to_ms"];
    db::insert_rows(tx, "learned_stretches", &columns, free.as_slice().iter().map(row).collect(), "").await?;
    Ok(())
}

/// Lets records hold nothing any more: what was taken back leaves its time to others.
pub(crate) async fn release(tx: &Tx, keys: &[String]) -> Result<()> {
    for chunk in keys.chunks(CHUNK) {
        let list = db::in_list(1, chunk.len());
        for table in ["learned_stretches", "learned_records"] {
            let sql = format!("DELETE FROM {table} WHERE source_key IN ({list})");
            db::execute(tx, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        }
    }
    Ok(())
}

/// A record is known by another key from now on: its credit was written again under that.
pub(crate) async fn rename(tx: &Tx, (from, to): (&str, &str)) -> Result<()> {
    for table in ["learned_stretches", "learned_records"] {
        let sql = format!("UPDATE {table} SET source_key = $1 WHERE source_key = $2");
        db::execute(tx, &sql, params![to, from]).await?;
    }
    Ok(())
}

/// Stays in person of one record of a human that are left to the other one.
pub(crate) async fn hand_over(tx: &Tx, (kept, gone): (PersonId, PersonId)) -> Result<()> {
    for table in ["learned_stretches", "learned_records"] {
        let sql = format!("UPDATE {table} SET person_id = $1 WHERE person_id = $2");
        db::execute(tx, &sql, params![kept, gone]).await?;
    }
    Ok(())
}

/// How many pairs of stretches of one person overlap.
pub(crate) async fn overlaps(conn: &impl Conn) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM learned_stretches a JOIN learned_stretches b ON b.person_id = a.person_id \
               AND b.from_ms >= a.from_ms AND b.from_ms < a.to_ms \
               AND (b.from_ms > a.from_ms OR b.source_key > a.source_key)";
    db::count(conn, sql, vec![]).await
}

/// How many records count by more time than their stretches are long.
pub(crate) async fn too_short(conn: &impl Conn) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM learned_records r WHERE r.kind = $1 AND r.need_ms > \
               COALESCE((SELECT SUM(s.to_ms - s.from_ms) FROM learned_stretches s WHERE s.source_key = r.source_key), 0)";
    db::count(conn, sql, params![STRETCHES]).await
}

/// Up to 50 people after one who have records that only say between when, in order.
pub(crate) async fn people_with_spans(db: &Db, after: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Person {
        person_id: String,
    }
    let sql = "SELECT DISTINCT person_id FROM learned_records WHERE kind = $1 AND person_id > $2 \
               ORDER BY person_id LIMIT 50";
    let rows: Vec<Person> = db::all(db, sql, params![SPAN, after]).await?;
    Ok(rows.into_iter().map(|r| r.person_id).collect())
}

/// All time that these people hold.
pub(crate) async fn held_by(db: &Db, people: &[String]) -> Result<HashMap<String, Held>> {
    let list = db::in_list(2, people.len());
    let mut held: HashMap<String, Held> = HashMap::new();
    let sql = format!(
        "SELECT person_id, from_ms, to_ms, need_ms FROM learned_records WHERE kind = $1 AND person_id IN ({list}) \
         ORDER BY person_id LIMIT 1000000"
    );
    let values = |kind: &str| {
        let mut values = params![kind];
        values.extend(people.iter().map(db::Param::param));
        values
    };
    for row in db::all::<SpanRow>(db, &sql, values(SPAN)).await? {
        held.entry(row.person_id.clone()).or_default().spans.push(row.span());
    }
    let sql = format!(
        "SELECT s.person_id, s.from_ms, s.to_ms, CAST(0 AS BIGINT) AS need_ms FROM learned_stretches s \
         JOIN learned_records r ON r.source_key = s.source_key \
         WHERE r.kind = $1 AND s.person_id IN ({list}) ORDER BY s.person_id, s.from_ms LIMIT 1000000"
    );
    let mut stretches: HashMap<String, Vec<Interval>> = HashMap::new();
    for row in db::all::<SpanRow>(db, &sql, values(STRETCHES)).await? {
        let of = stretches.entry(row.person_id).or_default();
        of.push(Interval { from: row.from_ms, to: row.to_ms });
    }
    for (person, stretches) in stretches {
        held.entry(person).or_default().stretches = stretches.into_iter().collect();
    }
    Ok(held)
}

/// Keeps what a day's look found.
pub(crate) async fn keep_look(tx: &Tx, day: Day, found: i64) -> Result<()> {
    let sql = "UPDATE daily_runs SET result = $1 WHERE task = $2 AND day = $3";
    db::execute(tx, sql, params![found.to_string(), LOOK, day]).await?;
    Ok(())
}

/// The newest look that has a result.
pub(crate) async fn last_look(conn: &impl Conn) -> Result<Option<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Look {
        day: String,
        result: String,
    }
    let sql = "SELECT day, result FROM daily_runs WHERE task = $1 AND result <> '' ORDER BY day DESC LIMIT 1";
    let look: Option<Look> = db::maybe(conn, sql, params![LOOK]).await?;
    Ok(look.map(|l| (l.day, l.result)))
}

/// Takes the day's look for this node; false where another has it.
pub(crate) async fn claim_look(tx: &Tx, day: Day, now: Instant) -> Result<bool> {
    crate::store_checkpoints::claim_day(tx, LOOK, day, now).await
}
