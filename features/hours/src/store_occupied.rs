//! Statements on the time that records hold: the records, and the stretches of those that say when.
use std::collections::HashMap;

use base::{Day, Error, Instant, PersonId, Result};
use db::{Conn, Db, Tx, params};
use rules::{
    learning::{Interval, Intervals},
    wall_clock::Span,
};
use sea_orm::FromQueryResult;

use crate::occupied::{Occupying, When};

/// The nightly look's name among the daily runs.
pub(crate) const LOOK: &str = "wall_clock";
const STRETCHES: &str = "stretches";
const SPAN: &str = "span";
/// A statement names at most so many keys or people.
const CHUNK: usize = 200;
/// The nightly look goes over so many people at once.
const LOOK_CHUNK: usize = 50;

/// More rows than one look may read: what is cut off would be time that nobody holds.
const MOST: usize = 1_000_000;

fn whole<T>(rows: Vec<T>) -> Result<Vec<T>> {
    if rows.len() < MOST {
        Ok(rows)
    } else {
        Err(Error::internal("more time is held than one look may read"))
    }
}

/// A record that holds time.
#[derive(FromQueryResult)]
pub(crate) struct Record {
    source_key: String,
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

/// Holds people, in the order given, until the transaction ends.
pub(crate) async fn hold_people(tx: &Tx, people: &[String]) -> Result<()> {
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT id FROM people WHERE id IN ({}) ORDER BY id{}",
            db::in_list(1, chunk.len()),
            db::dialect::for_no_key_update(tx)
        );
        db::execute(tx, &sql, chunk.iter().map(db::Param::param).collect()).await?;
    }
    Ok(())
}

/// Those of the records that hold time, by key.
pub(crate) async fn records(conn: &impl Conn, keys: &[String]) -> Result<HashMap<String, Record>> {
    let mut found = HashMap::new();
    for chunk in keys.chunks(CHUNK) {
        let sql = format!(
            "SELECT r.source_key, r.kind, r.from_ms, r.to_ms, r.need_ms, CAST(COALESCE((SELECT SUM(s.to_ms - s.from_ms) \
             FROM learned_stretches s WHERE s.source_key = r.source_key), 0) AS BIGINT) AS stretches_ms \
             FROM learned_records r WHERE r.source_key IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Record> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        found.extend(rows.into_iter().map(|r| (r.source_key.clone(), r)));
    }
    Ok(found)
}

/// When a record that holds time says that someone learned.
pub(crate) async fn when(conn: &impl Conn, record: &Record) -> Result<When> {
    #[derive(FromQueryResult)]
    struct Row {
        from_ms: i64,
        to_ms: i64,
    }
    if record.kind == SPAN {
        return Ok(When::Within(Interval { from: record.from_ms, to: record.to_ms }));
    }
    let sql = format!(
        "SELECT from_ms, to_ms FROM learned_stretches WHERE source_key = $1 ORDER BY from_ms LIMIT {MOST}"
    );
    let rows: Vec<Row> = whole(db::all(conn, &sql, params![record.source_key]).await?)?;
    let stretches = rows.iter().map(|r| Interval { from: r.from_ms, to: r.to_ms }).collect();
    Ok(When::Stretches(stretches))
}

/// Time of someone.
#[derive(FromQueryResult)]
struct Theirs {
    person_id: String,
    from_ms: i64,
    to_ms: i64,
    need_ms: i64,
}

impl Theirs {
    fn person(&self) -> Result<PersonId> {
        self.person_id.parse()
    }

    fn within(&self) -> Interval {
        Interval { from: self.from_ms, to: self.to_ms }
    }
}

/// The stretches in which people learned that share a moment with these parts of their time.
pub(crate) async fn stretches_within(
    conn: &impl Conn,
    parts: &[(PersonId, Interval)],
) -> Result<Vec<(PersonId, Interval)>> {
    let mut found = vec![];
    for chunk in parts.chunks(CHUNK) {
        let one = |n: usize| {
            let n = 3 * n;
            format!("person_id = ${} AND to_ms > ${} AND from_ms < ${}", n + 1, n + 2, n + 3)
        };
        let any: Vec<String> = (0..chunk.len()).map(one).collect();
        let sql = format!(
            "SELECT person_id, from_ms, to_ms, CAST(0 AS BIGINT) AS need_ms FROM learned_stretches WHERE {} LIMIT {MOST}",
            any.join(" OR ")
        );
        let values = chunk.iter().flat_map(|(person, part)| params![person, part.from, part.to]).collect();
        for row in whole(db::all::<Theirs>(conn, &sql, values).await?)? {
            found.push((row.person()?, row.within()));
        }
    }
    Ok(found)
}

/// People's records that only say between when.
pub(crate) async fn spans_of(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<(PersonId, Span)>> {
    let mut found = vec![];
    for chunk in people.chunks(CHUNK) {
        let sql = format!(
            "SELECT person_id, from_ms, to_ms, need_ms FROM learned_records WHERE kind = $1 AND person_id IN ({}) \
             LIMIT {MOST}",
            db::in_list(2, chunk.len())
        );
        let mut values = params![SPAN];
        values.extend(chunk.iter().map(db::Param::param));
        for row in whole(db::all::<Theirs>(conn, &sql, values).await?)? {
            found.push((row.person()?, Span { within: row.within(), need: row.need_ms }));
        }
    }
    Ok(found)
}

/// Lets records hold what they need, and the stretches that were free.
pub(crate) async fn insert(tx: &Tx, taken: &[(Occupying<'_>, i64, Intervals)]) -> Result<()> {
    let record = |(o, need, free): &(Occupying<'_>, i64, Intervals)| {
        let (kind, ends) = match o.when {
            When::Within(within) => (SPAN, (within.from, within.to)),
            When::Stretches(_) => {
                let (first, last) = (free.as_slice().first(), free.as_slice().last());
                (STRETCHES, (first.map_or(0, |i| i.from), last.map_or(0, |i| i.to)))
            }
        };
        params![o.key, o.person, o.source, kind, ends.0, ends.1, *need]
    };
    let columns = ["source_key", "person_id", "source", "kind", "from_ms", "to_ms", "need_ms"];
    db::insert_rows(tx, "learned_records", &columns, taken.iter().map(record).collect(), "").await?;
    let stretches = |(o, _, free): &(Occupying<'_>, i64, Intervals)| {
        let row = |i: &Interval| params![o.person, o.source, o.key, i.from, i.to];
        free.as_slice().iter().map(row).collect::<Vec<_>>()
    };
    let columns = ["person_id", "source", "source_key", "from_ms", "to_ms"];
    db::insert_rows(tx, "learned_stretches", &columns, taken.iter().flat_map(stretches).collect(), "")
        .await?;
    Ok(())
}

/// Lets records hold nothing any more: what was taken back leaves its time to others. Answers how many held any.
pub(crate) async fn release(tx: &Tx, keys: &[String]) -> Result<u64> {
    let mut released = 0;
    for chunk in keys.chunks(CHUNK) {
        let list = db::in_list(1, chunk.len());
        let values = || chunk.iter().map(db::Param::param).collect();
        let sql = format!("DELETE FROM learned_stretches WHERE source_key IN ({list})");
        db::execute(tx, &sql, values()).await?;
        let sql = format!("DELETE FROM learned_records WHERE source_key IN ({list})");
        released += db::execute(tx, &sql, values()).await?;
    }
    Ok(released)
}

/// A record is known by another key from now on: its credit was written again under that.
pub(crate) async fn rename(tx: &Tx, (from, to): (&str, &str)) -> Result<()> {
    for table in ["learned_stretches", "learned_records"] {
        let sql = format!("UPDATE {table} SET source_key = $1 WHERE source_key = $2");
        db::execute(tx, &sql, params![to, from]).await?;
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

/// How many credits of courses and trainings stand in the ledger without any time of theirs.
pub(crate) async fn timeless(conn: &impl Conn) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM hour_entries e WHERE e.kind = 'credit' AND e.hours > 0 \
               AND (e.source_key LIKE 'course:%' OR e.source_key LIKE 'unit_training:%') \
               AND NOT EXISTS (SELECT 1 FROM learned_records r WHERE r.source_key = e.source_key AND r.need_ms > 0) \
               AND NOT EXISTS (SELECT 1 FROM hour_entries b WHERE b.reverses = e.id)";
    db::count(conn, sql, vec![]).await
}

/// The next people after one who have records that only say between when, in order.
pub(crate) async fn people_with_spans(db: &Db, after: &str) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct Person {
        person_id: String,
    }
    let sql = format!(
        "SELECT DISTINCT person_id FROM learned_records WHERE kind = $1 AND person_id > $2 \
         ORDER BY person_id LIMIT {LOOK_CHUNK}"
    );
    let rows: Vec<Person> = db::all(db, &sql, params![SPAN, after]).await?;
    rows.into_iter().map(|r| r.person_id.parse()).collect()
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
