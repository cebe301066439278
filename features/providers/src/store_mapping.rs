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

/// The courses that are the same under a code.
pub(crate) async fn members(conn: &impl Conn, code: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Member {
        id: String,
    }
    let sql = "SELECT c.id FROM provider_courses c JOIN providers p ON p.id = c.provider_id \
               WHERE c.canonical = $1 OR (c.canonical = '' AND p.name || ':' || c.course = $1) ORDER BY c.id LIMIT 2000";
    let members: Vec<Member> = db::all(conn, sql, params![code]).await?;
    Ok(members.into_iter().map(|m| m.id).collect())
}

/// A completion that was booked.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Booked {
    pub completion: String,
    pub entry: String,
}

/// The next completions of a course that were booked, after one of them.
pub(crate) async fn booked(
    conn: &impl Conn,
    (course, after): (&str, &str),
    limit: i64,
) -> Result<Vec<Booked>> {
    let sql = "SELECT d.completion_id AS completion, d.entry_id AS entry FROM provider_courses c \
               JOIN completions d ON d.provider_id = c.provider_id AND d.course = c.course \
               WHERE c.id = $1 AND d.entry_id IS NOT NULL AND d.completion_id > $2 ORDER BY d.completion_id LIMIT $3";
    db::all(conn, sql, params![course, after, limit]).await
}

/// The same of a course in the group of a code, of people who have another course of the group too.
pub(crate) async fn booked_twice(
    conn: &impl Conn,
    (course, code): (&str, &str),
    (after, limit): (&str, i64),
) -> Result<Vec<Booked>> {
    let sql = "SELECT d.completion_id AS completion, d.entry_id AS entry FROM provider_courses c \
               JOIN completions d ON d.provider_id = c.provider_id AND d.course = c.course \
               WHERE c.id = $1 AND d.entry_id IS NOT NULL AND d.completion_id > $3 AND EXISTS (SELECT 1 FROM completions o \
               JOIN provider_courses k ON k.provider_id = o.provider_id AND k.course = o.course \
               JOIN providers p ON p.id = k.provider_id WHERE o.person_id = d.person_id AND o.entry_id IS NOT NULL \
               AND k.id <> c.id AND (k.canonical = $2 OR (k.canonical = '' AND p.name || ':' || k.course = $2))) \
               ORDER BY d.completion_id LIMIT $4";
    db::all(conn, sql, params![course, code, after, limit]).await
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
