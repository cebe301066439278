//! Statements on which courses are the same.
use std::collections::HashSet;

use base::{Instant, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// Pairs that were judged to differ, the lower id first.
pub(crate) async fn differences(conn: &impl Conn) -> Result<HashSet<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Pair {
        one: String,
        other: String,
    }
    let sql = "SELECT one, other FROM course_differences ORDER BY one, other LIMIT 100000";
    let pairs: Vec<Pair> = db::all(conn, sql, vec![]).await?;
    Ok(pairs.into_iter().map(|p| (p.one, p.other)).collect())
}

pub(crate) async fn differ(
    tx: &Tx,
    (one, other): (&str, &str),
    decided_by: &str,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO course_differences (one, other, decided_by, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    db::execute(tx, sql, params![one, other, decided_by, now]).await?;
    Ok(())
}

/// Everything of the joined code goes under the other one.
pub(crate) async fn join(tx: &Tx, code: &str, joined: &str) -> Result<()> {
    let own = "(SELECT p.name FROM providers p WHERE p.id = provider_courses.provider_id) || ':' || course";
    let sql = format!(
        "UPDATE provider_courses SET canonical = $1 WHERE canonical = $2 OR (canonical = '' AND {own} = $2)"
    );
    db::execute(tx, &sql, params![code, joined]).await?;
    Ok(())
}

pub(crate) async fn part(tx: &Tx, id: &str) -> Result<()> {
    db::execute(tx, "UPDATE provider_courses SET canonical = '' WHERE id = $1", params![id]).await?;
    Ok(())
}

/// A course of a group.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Mapped {
    pub code: String,
    pub id: String,
    pub provider: String,
    pub title: String,
    pub teacher: String,
    pub seconds: i64,
}

/// The courses of all groups, group by group, the one that gives the code first.
pub(crate) async fn mapped(conn: &impl Conn) -> Result<Vec<Mapped>> {
    let own = "p.name || ':' || c.course";
    let sql = format!(
        "SELECT CASE WHEN c.canonical = '' THEN {own} ELSE c.canonical END AS code, c.id, p.title AS provider, c.title, \
         c.teacher, c.seconds FROM provider_courses c JOIN providers p ON p.id = c.provider_id \
         WHERE c.canonical <> '' OR {own} IN (SELECT canonical FROM provider_courses WHERE canonical <> '') \
         ORDER BY code, c.canonical, c.id LIMIT 2000"
    );
    db::all(conn, &sql, vec![]).await
}
