//! Statements on those whom notices are for, and on what they read.
use base::{Grant, Instant, PersonId, Result, Scope, person::Code};
use db::{Conn, Param, Value, params};
use sea_orm::FromQueryResult;

use crate::{notice::Notice, reading::Reader};

/// What decides which notices concern someone.
pub(crate) async fn reader(conn: &impl Conn, person: PersonId, grants: &[Grant]) -> Result<Reader> {
    #[derive(FromQueryResult)]
    struct Row {
        path: String,
        category: Option<String>,
    }
    let sql = "SELECT COALESCE(d.path, u.path) AS path, p.category FROM people p JOIN units u ON u.id = p.unit_id \
               LEFT JOIN units d ON d.id = p.department_id WHERE p.id = $1";
    let row: Row = db::one(conn, sql, params![person]).await?;
    let places = grants.iter().map(|g| g.path.clone()).chain([row.path]);
    Ok(Reader {
        person,
        paths: Reader::paths_over(places),
        roles: grants.iter().map(|g| g.role.code()).collect(),
        category: row.category,
    })
}

/// Keeps that someone read a version.
pub(crate) async fn set_read(
    conn: &impl Conn,
    (id, version): (&str, i64),
    person: PersonId,
    at: Instant,
) -> Result<()> {
    let sql = "INSERT INTO notice_reads (notice_id, person_id, version, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (notice_id, person_id) DO UPDATE SET version = excluded.version, at = excluded.at \
               WHERE notice_reads.version < excluded.version";
    db::execute(conn, sql, params![id, person, version, at]).await?;
    Ok(())
}

/// The people whom a notice is for: `p`, `u`, `d` and what was read, `k`.
fn targets(notice: &Notice, values: &mut Vec<Value>) -> String {
    let scope = Scope { paths: vec![notice.target.path.clone()] };
    let mut conditions =
        vec!["p.status = 'on_post'".to_owned(), db::in_scope("COALESCE(d.path, u.path)", &scope, values)];
    values.push(notice.id.param());
    let id = values.len();
    let mut list = |codes: Vec<String>| {
        let marks: Vec<String> = codes
            .iter()
            .map(|code| {
                values.push(code.param());
                format!("${}", values.len())
            })
            .collect();
        marks.join(", ")
    };
    if !notice.target.roles.is_empty() {
        let roles = list(notice.target.roles.iter().map(Code::code).collect());
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM role_grants g WHERE g.person_id = p.id AND g.ended_at IS NULL AND g.role IN ({roles}))"
        ));
    }
    if !notice.target.categories.is_empty() {
        let categories = list(notice.target.categories.iter().map(Code::code).collect());
        conditions.push(format!("p.category IN ({categories})"));
    }
    if let Some(year) = notice.target.unfinished {
        values.push(year.param());
        conditions.push(format!(
            "NOT EXISTS (SELECT 1 FROM year_results y WHERE y.person_id = p.id AND y.year = ${} \
             AND y.state IN ('done', 'exempt'))",
            values.len()
        ));
    }
    format!(
        "FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         LEFT JOIN notice_reads k ON k.notice_id = ${id} AND k.person_id = p.id WHERE {}",
        conditions.join(" AND ")
    )
}

/// How many a notice is for, and how many of them read its newest version.
pub(crate) async fn counts(conn: &impl Conn, notice: &Notice) -> Result<(i64, i64)> {
    #[derive(FromQueryResult)]
    struct Row {
        targets: i64,
        read: i64,
    }
    let mut values = vec![];
    let from = targets(notice, &mut values);
    values.push(notice.version.param());
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) AS targets, CAST(COALESCE(SUM(CASE WHEN k.version >= ${} THEN 1 ELSE 0 END), 0) \
         AS BIGINT) AS read {from}",
        values.len()
    );
    let row: Row = db::one(conn, &sql, values).await?;
    Ok((row.targets, row.read))
}

/// Someone who has not read.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Unread {
    pub id: String,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
}

/// Who has not read the newest version, by id.
pub(crate) async fn missing(
    conn: &impl Conn,
    notice: &Notice,
    (after, limit): (&str, i64),
) -> Result<Vec<Unread>> {
    let mut values = vec![];
    let from = targets(notice, &mut values);
    values.extend(params![notice.version, after, limit]);
    let n = values.len();
    let sql = format!(
        "SELECT p.id, p.name, u.name AS unit, d.name AS department {from} AND (k.version IS NULL OR k.version < ${}) \
         AND p.id > ${} ORDER BY p.id LIMIT ${n}",
        n - 2,
        n - 1
    );
    db::all(conn, &sql, values).await
}

/// The people whom a notice is for, by id.
pub(crate) async fn people(
    conn: &impl Conn,
    notice: &Notice,
    (after, limit): (&str, i64),
) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        id: String,
    }
    let mut values = vec![];
    let from = targets(notice, &mut values);
    values.extend(params![after, limit]);
    let n = values.len();
    let sql = format!("SELECT p.id {from} AND p.id > ${} ORDER BY p.id LIMIT ${n}", n - 1);
    let rows: Vec<One> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| r.id.parse()).collect()
}
