//! Statements on posts beside the main one.
use base::{Category, Day, Instant, Level, PersonId, Result, Scope, UnitId, Year, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Paging;

use crate::post::PostKind;

/// A post to be written.
pub(crate) struct Row {
    pub id: String,
    pub person: PersonId,
    pub kind: PostKind,
    pub unit: UnitId,
    pub title: String,
    pub category: Option<Category>,
    pub level: Option<Level>,
    pub from: Day,
    pub until: Option<Day>,
    pub by: PersonId,
}

pub(crate) async fn insert(tx: &Tx, r: &Row, now: Instant) -> Result<()> {
    let sql = "INSERT INTO posts (id, person_id, kind, unit_id, title, category, level, from_day, until_day, recorded_by, \
               recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (category, level) = (r.category.map(|c| c.code()), r.level.map(|l| l.code()));
    let values =
        params![r.id, r.person, r.kind.code(), r.unit, r.title, category, level, r.from, r.until, r.by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// Ends a post; false where there is none that lasts.
pub(crate) async fn end(
    tx: &Tx,
    (person, id): (PersonId, &str),
    (by, on): (PersonId, Day),
    now: Instant,
) -> Result<bool> {
    let sql = "UPDATE posts SET ended_by = $1, ended_at = $2, until_day = CASE WHEN until_day IS NULL OR until_day > $3 \
               THEN $3 ELSE until_day END WHERE id = $4 AND person_id = $5 AND ended_at IS NULL";
    Ok(db::execute(tx, sql, params![by, now, on, id, person]).await? == 1)
}

/// A post as it is shown.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Held {
    pub id: String,
    pub kind: String,
    pub unit_code: String,
    pub unit_name: String,
    pub title: String,
    pub category: Option<String>,
    pub level: Option<String>,
    pub from_day: String,
    pub until_day: Option<String>,
    pub ended_at: Option<i64>,
}

/// A person's posts beside the main one, the newest first.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Held>> {
    let sql = "SELECT o.id, o.kind, u.code AS unit_code, u.name AS unit_name, o.title, o.category, o.level, o.from_day, \
               o.until_day, o.ended_at FROM posts o JOIN units u ON u.id = o.unit_id WHERE o.person_id = $1 \
               ORDER BY o.from_day DESC, o.id DESC LIMIT 100";
    db::all(conn, sql, params![person]).await
}

/// Someone with a post beside the main one, and how far the year is.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Guest {
    pub post: String,
    pub person_id: String,
    pub name: String,
    pub kind: String,
    pub home: String,
    pub host: String,
    pub title: String,
    pub from_day: String,
    pub until_day: Option<String>,
    pub state: Option<String>,
    pub public_hours: Option<i64>,
    pub professional_hours: Option<i64>,
}

/// Posts that last on a day at units of a scope (the host's view), or of people whose home lies in it.
pub(crate) async fn guests(
    conn: &impl Conn,
    (scope, is_home): (&Scope, bool),
    (on, year): (Day, Year),
    paging: &Paging,
) -> Result<Vec<Guest>> {
    let mut values = params![on, year, paging.after(), paging.limit() + 1];
    let column = if is_home { "COALESCE(d.path, u.path)" } else { "h.path" };
    let within = db::in_scope(column, scope, &mut values);
    let sql = format!(
        "SELECT o.id AS post, p.id AS person_id, p.name, o.kind, u.name AS home, h.name AS host, o.title, o.from_day, \
         o.until_day, y.state, y.public_hours, y.professional_hours FROM posts o JOIN people p ON p.id = o.person_id \
         JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id JOIN units h ON h.id = o.unit_id \
         LEFT JOIN year_results y ON y.person_id = p.id AND y.year = $2 WHERE o.ended_at IS NULL AND o.from_day <= $1 \
         AND (o.until_day IS NULL OR o.until_day >= $1) AND o.id > $3 AND {within} ORDER BY o.id LIMIT $4"
    );
    db::all(conn, &sql, values).await
}
