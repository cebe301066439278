//! Statements on claims and exemptions that wait, and on who takes them over.
use std::collections::HashMap;

use base::{Instant, PersonId, Result, Role, UnitId, person::Code};
use db::{Conn, params};
use sea_orm::FromQueryResult;

use crate::late::Matter;

/// A case that waits.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Waiting {
    pub id: String,
    pub person: String,
    pub unit: String,
    /// What it is called; an exemption by its year alone, for its kind may be medical.
    pub title: String,
    pub level: String,
    pub stage: i64,
    pub policy: String,
    pub submitted_at: i64,
}

/// Cases handed in before an instant that were not handed on in this way since, by id.
pub(crate) async fn waiting(
    conn: &impl Conn,
    matter: Matter,
    (what, before): (&str, Instant),
    (after, limit): (&str, i64),
) -> Result<Vec<Waiting>> {
    let (table, title) = match matter {
        Matter::Claim => ("activity_claims", "c.title"),
        Matter::Exemption => ("exemptions", "CAST(c.year AS TEXT)"),
    };
    let sql = format!(
        "SELECT c.id, c.person_id AS person, p.unit_id AS unit, {title} AS title, c.level, c.stage, c.policy, c.submitted_at \
         FROM {table} c JOIN people p ON p.id = c.person_id WHERE c.state = 'submitted' AND c.id > $1 \
         AND c.submitted_at < $2 AND NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.id \
         AND e.what = $3 AND e.at >= c.submitted_at) ORDER BY c.id LIMIT $4"
    );
    db::all(conn, &sql, params![after, before, what, limit]).await
}

/// The deputies of these units who hold one of the roles there or above, by unit.
pub(crate) async fn deputies(
    conn: &impl Conn,
    units: &[UnitId],
    roles: &[Role],
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
    let mut values: Vec<db::Value> = units.iter().map(db::Param::param).collect();
    values.extend(roles.iter().map(|r| db::Param::param(&r.code())));
    let sql = format!(
        "SELECT d.unit_id, p.id, p.name FROM review_deputies d JOIN people p ON p.id = d.deputy_id \
         JOIN units u ON u.id = d.unit_id WHERE d.unit_id IN ({}) AND EXISTS (SELECT 1 FROM role_grants g \
         JOIN units h ON h.id = g.unit_id WHERE g.person_id = p.id AND g.ended_at IS NULL AND g.role IN ({}) \
         AND substr(u.path, 1, length(h.path)) = h.path)",
        db::in_list(1, units.len()),
        db::in_list(units.len() + 1, roles.len())
    );
    let rows: Vec<Row> = db::all(conn, &sql, values).await?;
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
