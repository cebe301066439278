//! Statements on reports and who gets them.
use base::{Error, Instant, PersonId, Result, Role, Scope, Year, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Paging;

use crate::contribution::Dim;

/// A report as kept.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Report {
    pub id: String,
    pub kind: String,
    pub unit: String,
    pub unit_path: String,
    pub year: i64,
    pub period: String,
    pub content: String,
    pub sha256: String,
    pub made_by: Option<String>,
    pub at: i64,
}

const REPORT: &str = "SELECT r.id, r.kind, r.unit, r.unit_path, r.year, r.period, r.content, r.sha256, r.made_by, r.at \
    FROM stat_reports r";

/// Keeps a report; false where the month's was made already.
pub(crate) async fn insert(tx: &Tx, r: &Report) -> Result<bool> {
    let sql = "INSERT INTO stat_reports (id, kind, unit, unit_path, year, period, content, sha256, made_by, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let values =
        params![r.id, r.kind, r.unit, r.unit_path, r.year, r.period, r.content, r.sha256, r.made_by, r.at];
    Ok(db::execute(tx, sql, values).await? == 1)
}

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Option<Report>> {
    db::maybe(conn, &format!("{REPORT} WHERE r.id = $1"), params![id]).await
}

/// The monthly report of a unit.
pub(crate) async fn of_period(conn: &impl Conn, unit: &str, period: &str) -> Result<Report> {
    let sql = format!("{REPORT} WHERE r.kind = 'month' AND r.unit = $1 AND r.period = $2");
    db::maybe(conn, &sql, params![unit, period]).await?.ok_or_else(Error::not_found)
}

/// A report in a list.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Line {
    pub id: String,
    pub kind: String,
    pub unit: String,
    pub name: String,
    pub year: i64,
    pub period: String,
    pub sha256: String,
    pub at: i64,
}

/// Reports of a scope, newest first.
pub(crate) async fn listed(conn: &impl Conn, scope: &Scope, paging: &Paging) -> Result<Vec<Line>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let within = db::in_scope("r.unit_path", scope, &mut values);
    let sql = format!(
        "SELECT r.id, r.kind, r.unit, COALESCE(u.name, r.unit) AS name, r.year, r.period, r.sha256, r.at \
         FROM stat_reports r LEFT JOIN units u ON u.code = r.unit WHERE ($1 = '' OR r.id < $1) AND {within} \
         ORDER BY r.id DESC LIMIT $2"
    );
    db::all(conn, &sql, values).await
}

/// Someone who gets a unit's monthly report.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Subscriber {
    pub person_id: String,
    pub unit: String,
}

/// Subscriptions whose report of a month was not sent, after one of them.
pub(crate) async fn waiting(conn: &impl Conn, period: &str, limit: i64) -> Result<Vec<Subscriber>> {
    let sql = "SELECT person_id, unit FROM report_subscriptions WHERE last_sent < $1 ORDER BY unit, person_id LIMIT $2";
    db::all(conn, sql, params![period, limit]).await
}

/// Whether someone gets a unit's report.
pub(crate) async fn is_subscribed(conn: &impl Conn, person: PersonId, unit: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM report_subscriptions WHERE person_id = $1 AND unit = $2";
    Ok(db::count(conn, sql, params![person, unit]).await? > 0)
}

/// Subscribes someone; months up to `period` are not sent any more.
pub(crate) async fn subscribe(
    tx: &Tx,
    (person, unit): (PersonId, &str),
    period: &str,
    at: Instant,
) -> Result<()> {
    let sql = "INSERT INTO report_subscriptions (person_id, unit, since, last_sent) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (person_id, unit) DO NOTHING";
    db::execute(tx, sql, params![person, unit, at, period]).await?;
    Ok(())
}

pub(crate) async fn unsubscribe(conn: &impl Conn, person: PersonId, unit: &str) -> Result<()> {
    let sql = "DELETE FROM report_subscriptions WHERE person_id = $1 AND unit = $2";
    db::execute(conn, sql, params![person, unit]).await?;
    Ok(())
}

/// Takes the sending of a month to someone for this node; false where it is done.
pub(crate) async fn take(tx: &Tx, s: &Subscriber, period: &str) -> Result<bool> {
    let sql = "UPDATE report_subscriptions SET last_sent = $1 WHERE person_id = $2 AND unit = $3 AND last_sent < $1";
    Ok(db::execute(tx, sql, params![period, s.person_id, s.unit]).await? == 1)
}

/// A head of department with the department's figures of a year.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Headed {
    pub grant_id: String,
    pub person_id: String,
    pub code: String,
    pub name: String,
    pub people: i64,
    pub done: i64,
    pub under_way: i64,
    pub not_begun: i64,
    pub exempt: i64,
}

/// A page of the heads of departments in which someone is obliged, by their grant.
pub(crate) async fn heads(
    conn: &impl Conn,
    (year, dim): (Year, Dim),
    (after, limit): (&str, i64),
) -> Result<Vec<Headed>> {
    let sql = "SELECT g.id AS grant_id, g.person_id, u.code, u.name, f.people, f.done, f.under_way, f.not_begun, f.exempt \
               FROM role_grants g JOIN units u ON u.id = g.unit_id \
               JOIN figures f ON f.year = $1 AND f.unit = u.code AND f.dim = $2 AND f.key = '' \
               WHERE g.role = $3 AND g.ended_at IS NULL AND f.people > 0 AND g.id > $4 ORDER BY g.id LIMIT $5";
    db::all(conn, sql, params![year, dim.code(), Role::DepartmentHead.code(), after, limit]).await
}
