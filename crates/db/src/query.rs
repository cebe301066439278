//! The calls that slices' stores make: portable SQL in, typed rows out.
use base::{Error, Result};
use sea_orm::{FromQueryResult, Statement};

use crate::{Conn, Value, failure::failure};

fn statement(conn: &impl Conn, sql: &str, params: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, params)
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
