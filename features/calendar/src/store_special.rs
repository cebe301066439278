//! Statements on holidays and days worked instead.
use base::{Day, Result};
use db::{Conn, Tx, params};

use crate::special::Special;

/// Special days from one day to another.
pub(crate) async fn between(conn: &impl Conn, from: Day, to: Day) -> Result<Vec<Special>> {
    let sql =
        "SELECT day, kind, name FROM special_days WHERE day >= $1 AND day <= $2 ORDER BY day LIMIT 1000";
    db::all(conn, sql, params![from, to]).await
}

pub(crate) async fn set(tx: &Tx, day: Day, kind: &str, name: &str) -> Result<()> {
    let sql = "INSERT INTO special_days (day, kind, name) VALUES ($1, $2, $3) ON CONFLICT (day) DO UPDATE SET \
               kind = excluded.kind, name = excluded.name";
    db::execute(tx, sql, params![day, kind, name]).await?;
    Ok(())
}

pub(crate) async fn remove(tx: &Tx, day: Day) -> Result<()> {
    db::execute(tx, "DELETE FROM special_days WHERE day = $1", params![day]).await?;
    Ok(())
}
