//! Statements on claims that wait, and on who takes them over.
use std::collections::HashMap;

use base::{Instant, PersonId, Result, Role, UnitId, person::Code};
use db::{Conn, params};
use sea_orm::FromQueryResult;

/// A claim that waits.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Waiting {
    pub id: String,
    pub person: String,
    pub unit: String,
    pub title: String,
    pub stage: i64,
    pub policy: String,
    pub submitted_at: i64,
}

/// Claims handed in before an instant that were not handed on in this way since, by id.
pub(crate) async fn waiting(
    conn: &impl Conn,
    (what, before): (&str, Instant),
    (after, limit): (&str, i64),
) -> Result<Vec<Waiting>> {
    let sql = "SELECT c.id, c.person_id AS person, p.unit_id AS unit, c.title, c.stage, c.policy, c.submitted_at \
               FROM activity_claims c JOIN people p ON p.id = c.person_id WHERE c.state = 'submitted' AND c.id > $1 \
               AND c.submitted_at < $2 AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id \
               AND e.what = $3 AND e.at >= c.submitted_at) ORDER BY c.id LIMIT $4";
    db::all(conn, sql, params![after, before, what, limit]).await
}

/// The deputies of these units by unit.
pub(crate) async fn deputies(
    conn: &impl Conn,
    units: &[UnitId],
) -> Result<HashMap<String, (PersonId, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        unit_id: String,
        id: String,
        name: String,
    }
    if units.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT d.unit_id, p.id, p.name FROM review_deputies d JOIN people p ON p.id = d.deputy_id \
         WHERE d.unit_id IN ({})",
        db::in_list(1, units.len())
    );
    let rows: Vec<Row> = db::all(conn, &sql, units.iter().map(db::Param::param).collect()).await?;
    rows.into_iter().map(|r| Ok((r.unit_id, (r.id.parse()?, r.name)))).collect()
}

/// Who holds a role at these places, by path.
pub(crate) async fn holding(
    conn: &impl Conn,
    role: Role,
    paths: &[String],
) -> Result<HashMap<String, Vec<(PersonId, String)>>> {
    #[derive(FromQueryResult)]
    struct Row {
        path: String,
        id: String,
        name: String,
    }
    let mut found: HashMap<String, Vec<(PersonId, String)>> = HashMap::new();
    for chunk in paths.chunks(5000) {
        let mut values = params![role.code()];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "SELECT u.path, p.id, p.name FROM role_grants g JOIN units u ON u.id = g.unit_id \
             JOIN people p ON p.id = g.person_id WHERE g.role = $1 AND g.ended_at IS NULL AND u.path IN ({}) \
             ORDER BY u.path, p.id LIMIT 20000",
            db::in_list(2, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, values).await?;
        for r in rows {
            found.entry(r.path).or_default().push((r.id.parse()?, r.name));
        }
    }
    Ok(found)
}
