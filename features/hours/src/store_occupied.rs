//! Statements on the stretches in which people learned.
use base::{Day, Instant, PersonId, Result};
use db::{Conn, Tx, params};
use rules::learning::{Interval, Intervals};
use sea_orm::FromQueryResult;

use crate::{entry::Entry, occupied::Occupying};

/// The nightly look's name among the daily runs.
pub(crate) const LOOK: &str = "wall_clock";

#[derive(FromQueryResult)]
struct Row {
    from_ms: i64,
    to_ms: i64,
}

fn set(rows: Vec<Row>) -> Intervals {
    rows.into_iter().map(|r| Interval { from: r.from_ms, to: r.to_ms }).collect()
}

/// Holds a person until the transaction ends.
pub(crate) async fn hold_person(tx: &Tx, person: PersonId) -> Result<()> {
    let sql = format!("SELECT id FROM people WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &sql, params![person]).await?;
    Ok(())
}

/// What a record holds.
pub(crate) async fn of_key(conn: &impl Conn, key: &str) -> Result<Intervals> {
    let sql =
        "SELECT from_ms, to_ms FROM learned_stretches WHERE source_key = $1 ORDER BY from_ms LIMIT 20000";
    Ok(set(db::all(conn, sql, params![key]).await?))
}

/// What a person learned in a span, at whichever source.
pub(crate) async fn of_person(
    conn: &impl Conn,
    person: PersonId,
    (from, to): (i64, i64),
) -> Result<Intervals> {
    let sql = "SELECT from_ms, to_ms FROM learned_stretches WHERE person_id = $1 AND to_ms > $2 AND from_ms < $3 \
               ORDER BY from_ms LIMIT 200000";
    Ok(set(db::all(conn, sql, params![person, from, to]).await?))
}

/// Lets a record hold these stretches instead of what it held.
pub(crate) async fn replace(tx: &Tx, key: &str, credit: &Entry, free: &Intervals) -> Result<()> {
    db::execute(tx, "DELETE FROM learned_stretches WHERE source_key = $1", params![key]).await?;
    insert(tx, &Occupying { person: credit.person, source: &credit.source, key, stretches: free }, free).await
}

/// Gives one record's stretches to another record of the same human.
pub(crate) async fn hand_over(tx: &Tx, (kept, gone): (PersonId, PersonId)) -> Result<()> {
    let sql = "UPDATE learned_stretches SET person_id = $1 WHERE person_id = $2";
    db::execute(tx, sql, params![kept, gone]).await?;
    Ok(())
}

/// What other sources hold of a person within a span.
pub(crate) async fn elsewhere(
    conn: &impl Conn,
    o: &Occupying<'_>,
    (from, to): (i64, i64),
) -> Result<Intervals> {
    let sql = "SELECT from_ms, to_ms FROM learned_stretches WHERE person_id = $1 AND source <> $2 AND to_ms > $3 \
               AND from_ms < $4 ORDER BY from_ms LIMIT 200000";
    Ok(set(db::all(conn, sql, params![o.person, o.source, from, to]).await?))
}

pub(crate) async fn insert(tx: &Tx, o: &Occupying<'_>, free: &Intervals) -> Result<()> {
    let row = |i: &Interval| params![o.person, o.source, o.key, i.from, i.to];
    let columns = ["person_id", "source", "source_key", "from_ms", "to_ms"];
    db::insert_rows(tx, "learned_stretches", &columns, free.as_slice().iter().map(row).collect(), "").await?;
    Ok(())
}

/// How many pairs of stretches of one person at different sources overlap.
pub(crate) async fn overlaps(conn: &impl Conn) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM learned_stretches a JOIN learned_stretches b ON b.person_id = a.person_id \
               AND b.from_ms >= a.from_ms AND b.from_ms < a.to_ms AND b.source <> a.source";
    db::count(conn, sql, vec![]).await
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
