//! Counts for the administrator's first page.
use base::{Result, Scope};
use db::Conn;
use sea_orm::FromQueryResult;

/// How far the people below have come with their accounts.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Counts {
    pub people: i64,
    pub activated: i64,
    pub incomplete: i64,
}

/// Counts the trainees in the scope.
pub(crate) async fn counts(conn: &impl Conn, scope: &Scope) -> Result<Counts> {
    let mut values = vec![];
    let within = db::in_scope("u.path", scope, &mut values);
    let sum = |condition: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)")
    };
    let sql = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) AS people, {} AS activated, {} AS incomplete FROM people p \
         JOIN units u ON u.id = p.unit_id LEFT JOIN accounts a ON a.person_id = p.id \
         WHERE {within} AND p.id_number_lookup IS NOT NULL AND p.status = 'on_post'",
        sum("a.phone_bound_at IS NOT NULL"),
        sum("p.category IS NULL OR p.level IS NULL"),
    );
    db::one(conn, &sql, values).await
}
