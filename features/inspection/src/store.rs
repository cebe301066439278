//! Statements on the people of a package.
use base::{PersonId, Result, Scope};
use db::{Conn, params};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
struct One {
    id: String,
}

/// The people of these ids who are in the scope.
pub(crate) async fn people(conn: &impl Conn, scope: &Scope, ids: &[PersonId]) -> Result<Vec<org::Person>> {
    let mut found = org::people_by_id(conn, ids).await?;
    found.retain(|p| scope.holds(&p.path));
    Ok(found)
}

/// The ids of everyone in a scope whom the rules know, in order.
pub(crate) async fn ids(conn: &impl Conn, scope: &Scope) -> Result<Vec<String>> {
    let mut values = params![];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT p.id FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         WHERE p.id_number_lookup IS NOT NULL AND {within} ORDER BY p.id LIMIT 2000000"
    );
    Ok(db::all::<One>(conn, &sql, values).await?.into_iter().map(|r| r.id).collect())
}
