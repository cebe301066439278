//! Statements on incidents and on whom they affected.
use base::{Day, Instant, PersonId, Result, Scope, Year, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::incident::Incident;

/// An incident to be written.
pub(crate) struct New<'a> {
    pub id: &'a str,
    pub unit_path: &'a str,
    pub provider: &'a str,
    pub title: &'a str,
    pub from: Instant,
    pub to: Instant,
}

pub(crate) async fn has_provider(conn: &impl Conn, name: &str) -> Result<bool> {
    Ok(db::count(conn, "SELECT COUNT(*) FROM providers WHERE name = $1", params![name]).await? > 0)
}

/// The short and full names of the providers.
pub(crate) async fn providers(conn: &impl Conn) -> Result<Vec<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Named {
        name: String,
        title: String,
    }
    let rows: Vec<Named> =
        db::all(conn, "SELECT name, title FROM providers ORDER BY name LIMIT 200", vec![]).await?;
    Ok(rows.into_iter().map(|r| (r.name, r.title)).collect())
}

pub(crate) async fn insert(tx: &Tx, i: &New<'_>, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO incidents (id, unit_path, provider, title, from_ms, to_ms, recorded_by, recorded_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    db::execute(tx, sql, params![i.id, i.unit_path, i.provider, i.title, i.from, i.to, by, now]).await?;
    Ok(())
}

/// Who of a scope went to the provider while it was out, and when last: a ticket lives 60 s from the click.
pub(crate) async fn launched(
    conn: &impl Conn,
    scope: &Scope,
    i: &New<'_>,
) -> Result<Vec<(PersonId, Instant)>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        at: i64,
    }
    const TICKET_MS: i64 = 60_000;
    let mut values = params![i.provider, day::millis(i.from) + TICKET_MS, day::millis(i.to) + TICKET_MS];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT t.person_id, MAX(t.expires_at) AS at FROM launch_tickets t JOIN providers v ON v.id = t.provider_id \
         JOIN people p ON p.id = t.person_id JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         WHERE v.name = $1 AND t.expires_at >= $2 AND t.expires_at <= $3 AND {within} \
         GROUP BY t.person_id ORDER BY t.person_id LIMIT 500000"
    );
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| Ok((r.person_id.parse()?, day::from_millis(r.at - TICKET_MS)))).collect()
}

/// Someone whom an incident affected.
pub(crate) struct Affected {
    pub person: PersonId,
    pub course: String,
    pub day: Day,
    pub how: &'static str,
}

pub(crate) async fn insert_people(tx: &Tx, incident: &str, rows: &[Affected]) -> Result<()> {
    let row = |a: &Affected| params![incident, a.person, a.course, a.day, a.how];
    let columns = ["incident_id", "person_id", "course", "day", "how"];
    let suffix = "ON CONFLICT (incident_id, person_id, course, day) DO NOTHING";
    db::insert_rows(tx, "incident_people", &columns, rows.iter().map(row).collect(), suffix).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    unit_path: String,
    provider: String,
    title: String,
    from_ms: i64,
    to_ms: i64,
    recorded_by: String,
    affected: i64,
    until: Option<String>,
    year: Option<i64>,
    reason: Option<String>,
}

impl From<Row> for Incident {
    fn from(r: Row) -> Self {
        Self {
            from: day::from_millis(r.from_ms),
            to: day::from_millis(r.to_ms),
            id: r.id,
            unit_path: r.unit_path,
            provider: r.provider,
            title: r.title,
            recorded_by: r.recorded_by,
            affected: r.affected,
            until: r.until,
            year: r.year,
            reason: r.reason,
        }
    }
}

const INCIDENT: &str = "SELECT i.id, i.unit_path, i.provider, i.title, i.from_ms, i.to_ms, p.name AS recorded_by, \
    (SELECT COUNT(DISTINCT a.person_id) FROM incident_people a WHERE a.incident_id = i.id) AS affected, \
    i.until, i.year, i.reason FROM incidents i JOIN people p ON p.id = i.recorded_by";

pub(crate) async fn incident(conn: &impl Conn, id: &str) -> Result<Incident> {
    Ok(db::one::<Row>(conn, &format!("{INCIDENT} WHERE i.id = $1"), params![id]).await?.into())
}

/// The incidents of a scope, the newest first.
pub(crate) async fn incidents(conn: &impl Conn, scope: &Scope) -> Result<Vec<Incident>> {
    let mut values = vec![];
    let within = db::in_scope("i.unit_path", scope, &mut values);
    let sql = format!("{INCIDENT} WHERE {within} ORDER BY i.from_ms DESC, i.id LIMIT 100");
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
    Ok(rows.into_iter().map(Incident::from).collect())
}

/// A line of who was affected.
#[derive(Clone, Debug, FromQueryResult, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Line {
    pub person: String,
    pub name: String,
    pub unit: String,
    pub course: String,
    pub day: String,
    /// `launch` or `list`.
    pub how: String,
}

/// Who was affected, by unit and name.
pub(crate) async fn lines(conn: &impl Conn, incident: &str) -> Result<Vec<Line>> {
    let sql = "SELECT a.person_id AS person, p.name, u.name AS unit, a.course, a.day, a.how FROM incident_people a \
               JOIN people p ON p.id = a.person_id JOIN units u ON u.id = p.unit_id WHERE a.incident_id = $1 \
               ORDER BY u.name, p.name, a.person_id, a.day, a.course LIMIT 5000";
    db::all(conn, sql, params![incident]).await
}

/// The people affected, each once.
pub(crate) async fn people_of(conn: &impl Conn, incident: &str) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let sql = "SELECT DISTINCT person_id FROM incident_people WHERE incident_id = $1 ORDER BY person_id LIMIT 500000";
    let rows: Vec<One> = db::all(conn, sql, params![incident]).await?;
    rows.into_iter().map(|r| r.person_id.parse()).collect()
}

/// The year and the last day of the time given for an incident, read before it is given anew.
pub(crate) async fn given(tx: &Tx, id: &str) -> Result<Option<(i64, String)>> {
    #[derive(FromQueryResult)]
    struct Given {
        year: Option<i64>,
        until: Option<String>,
    }
    let sql = format!("SELECT year, until FROM incidents WHERE id = $1{}", db::dialect::for_update(tx));
    let given: Given = db::one(tx, &sql, params![id]).await?;
    Ok(given.year.zip(given.until))
}

pub(crate) async fn set_extended(
    tx: &Tx,
    id: &str,
    (year, until, reason): (Year, Day, &str),
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "UPDATE incidents SET year = $1, until = $2, reason = $3, extended_by = $4, extended_at = $5 WHERE id = $6";
    db::execute(tx, sql, params![year, until, reason, by, now, id]).await?;
    Ok(())
}
