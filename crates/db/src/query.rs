//! The calls that slices' stores make: portable SQL in, typed rows out.
use base::{Error, Result};
use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::{Conn, Value, failure::failure};

/// More parameters than this make the marks' numbers costly on SQLite.
const FEW: usize = 64;

fn statement(conn: &impl Conn, sql: &str, params: Vec<Value>) -> Statement {
    let backend = conn.get_database_backend();
    let plain = if backend == DbBackend::Sqlite && params.len() > FEW { plain_marks(sql) } else { None };
    Statement::from_sql_and_values(backend, plain.unwrap_or_else(|| sql.to_owned()), params)
}

/// The statement with `?` for `$1, $2, …` where they stand in this order, each once: there the numbers say nothing. To
/// SQLite a numbered mark is a name, looked up along the list of all names when the statement is prepared and again
/// when each value is bound: with the 8,000 marks of a roster's statement most of an import's time.
fn plain_marks(sql: &str) -> Option<String> {
    let (first, rest) = sql.split_once('$')?;
    let mut plain = String::with_capacity(sql.len());
    plain.push_str(first);
    for (expected, piece) in (1..).zip(rest.split('$')) {
        let after = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let number: usize = piece.strip_suffix(after)?.parse().ok()?;
        if number != expected {
            return None;
        }
        plain.push('?');
        plain.push_str(after);
    }
    Some(plain)
}

/// Every row.
pub async fn all<Row: FromQueryResult>(conn: &impl Conn, sql: &str, params: Vec<Value>) -> Result<Vec<Row>> {
    let rows = conn.query_all_raw(statement(conn, sql, params)).await.map_err(failure)?;
    rows.iter().map(|r| Row::from_query_result(r, "")).collect::<Result<_, _>>().map_err(Error::internal)
}

/// The first row, if there is one.
pub async fn maybe<Row: FromQueryResult>(
    conn: &impl Conn,
    sql: &str,
    params: Vec<Value>,
) -> Result<Option<Row>> {
    let row = conn.query_one_raw(statement(conn, sql, params)).await.map_err(failure)?;
    row.map(|r| Row::from_query_result(&r, "")).transpose().map_err(Error::internal)
}

/// The first row; without one the visitor asked for something that is not there.
pub async fn one<Row: FromQueryResult>(conn: &impl Conn, sql: &str, params: Vec<Value>) -> Result<Row> {
    maybe(conn, sql, params).await?.ok_or_else(Error::not_found)
}

/// The number in the first column of the first row; 0 without one. Sums are written `CAST(SUM(x) AS BIGINT)`.
pub async fn count(conn: &impl Conn, sql: &str, params: Vec<Value>) -> Result<i64> {
    let row = conn.query_one_raw(statement(conn, sql, params)).await.map_err(failure)?;
    let Some(row) = row else { return Ok(0) };
    Ok(row.try_get_by_index::<Option<i64>>(0).map_err(Error::internal)?.unwrap_or(0))
}

/// Runs a statement; answers how many rows it touched.
pub async fn execute(conn: &impl Conn, sql: &str, params: Vec<Value>) -> Result<u64> {
    let done = conn.execute_raw(statement(conn, sql, params)).await.map_err(failure)?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::plain_marks;

    #[test]
    fn marks_lose_their_numbers_only_where_they_stand_in_order() {
        let plain = |sql| plain_marks(sql);
        assert_eq!(plain("VALUES ($1, $2), ($3, $4)").as_deref(), Some("VALUES (?, ?), (?, ?)"));
        assert_eq!(plain("a IN ($1, $2) AND b = $3").as_deref(), Some("a IN (?, ?) AND b = ?"));
        assert_eq!(plain("a = $2 AND b = $1"), None, "another order");
        assert_eq!(plain("a = $1 OR b = $1"), None, "one value twice");
        assert_eq!(plain("a = '$' AND b = $1"), None, "a sign in a text");
        assert_eq!(plain("SELECT 1"), None);
    }
}
