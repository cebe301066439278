//! Statements on locked accounts.
use std::collections::HashMap;

use base::{Instant, Result, Scope};
use db::{Conn, params};
use sea_orm::FromQueryResult;
use site::Paging;

/// A locked account in its unit.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    pub account_id: String,
    pub person_id: String,
    pub account: String,
    pub name: String,
    pub unit: String,
    pub path: String,
    /// Microseconds since 1970.
    pub locked_until: i64,
}

/// The accounts of a scope that are locked at an instant, by id, up to one more than the page holds.
pub(crate) async fn locked(
    conn: &impl Conn,
    scope: &Scope,
    now: Instant,
    paging: &Paging,
) -> Result<Vec<Row>> {
    let mut values = params![now.as_microsecond(), paging.after(), paging.limit() + 1];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT a.id AS account_id, a.person_id, a.name AS account, p.name, u.name AS unit, \
         COALESCE(d.path, u.path) AS path, g.locked_until FROM guards g JOIN accounts a ON a.id = g.guard_key \
         JOIN people p ON p.id = a.person_id JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id \
         WHERE g.locked_until > $1 AND a.id > $2 AND {within} ORDER BY a.id LIMIT $3"
    );
    db::all(conn, &sql, values).await
}

/// How many wrong entries of these accounts there were since an instant.
pub(crate) async fn failures(
    conn: &impl Conn,
    accounts: &[String],
    since: Instant,
) -> Result<HashMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Count {
        guard_key: String,
        entries: i64,
    }
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = params![since.as_microsecond()];
    values.extend(accounts.iter().map(db::Param::param));
    let sql = format!(
        "SELECT guard_key, CAST(COUNT(*) AS BIGINT) AS entries FROM failures WHERE at > $1 AND guard_key IN ({}) \
         GROUP BY guard_key",
        db::in_list(2, accounts.len())
    );
    let rows: Vec<Count> = db::all(conn, &sql, values).await?;
    Ok(rows.into_iter().map(|r| (r.guard_key, r.entries)).collect())
}
