//! Many rows of several tables at once, for an installation that is being filled: `COPY` on PostgreSQL, statements of many
//! rows on SQLite. All of it or nothing, and a row that is there already is an error.
use base::{Error, Result};
use sea_orm::ConnectionTrait;
use sqlx::PgConnection;

use crate::{Db, Value, insert_rows};

/// Rows of one table.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The table.
    pub table: &'static str,
    /// The columns that are given.
    pub columns: &'static [&'static str],
    /// Each as long as the columns.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Puts rows of the same table together; the tables keep the order in which they came first.
    pub fn together(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut found: Vec<Self> = vec![];
        for more in all {
            match found.iter_mut().find(|r| r.table == more.table && r.columns == more.columns) {
                Some(rows) => rows.rows.extend(more.rows),
                None => found.push(more),
            }
        }
        found
    }
}

/// Writes rows in one transaction; a table stands after those that it refers to.
pub async fn load(db: &Db, all: Vec<Rows>) -> Result<()> {
    if db.is_sqlite() {
        let tx = db.begin().await?;
        for Rows { table, columns, rows } in all {
            insert_rows(&tx, table, columns, rows, "").await?;
        }
        return tx.commit().await;
    }
    let mut tx = db.sea().get_postgres_connection_pool().begin().await.map_err(Error::internal)?;
    for rows in &all {
        copy(&mut tx, rows).await?;
    }
    tx.commit().await.map_err(Error::internal)
}

/// Lets the database count what it holds now, so that it plans by it.
pub async fn analyze(db: &Db) -> Result<()> {
    db.execute_unprepared("ANALYZE").await.map(|_| ()).map_err(Error::internal)
}

/// So many bytes and a row go to the server at a time.
const PIECE: usize = 1 << 18;

async fn copy(conn: &mut PgConnection, rows: &Rows) -> Result<()> {
    let statement = format!("COPY {} ({}) FROM STDIN", rows.table, rows.columns.join(", "));
    let mut sink = conn.copy_in_raw(&statement).await.map_err(Error::internal)?;
    let mut text = String::with_capacity(PIECE * 2);
    for row in &rows.rows {
        write_row(&mut text, row)?;
        if text.len() >= PIECE {
            sink.send(text.as_bytes()).await.map_err(Error::internal)?;
            text.clear();
        }
    }
    sink.send(text.as_bytes()).await.map_err(Error::internal)?;
    sink.finish().await.map(|_| ()).map_err(Error::internal)
}

/// A row in the text form of `COPY`: columns behind tabs, `\N` for NULL.
fn write_row(text: &mut String, row: &[Value]) -> Result<()> {
    for (n, value) in row.iter().enumerate() {
        if n > 0 {
            text.push('\t');
        }
        match value {
            Value::String(Some(words)) => write_words(text, words),
            Value::BigInt(Some(number)) => text.push_str(&number.to_string()),
            Value::Bool(Some(is)) => text.push(if *is { 't' } else { 'f' }),
            Value::String(None) | Value::BigInt(None) | Value::Bool(None) | Value::Bytes(None) => {
                text.push_str("\\N");
            }
            _ => return Err(Error::internal("a value that is not loaded in bulk")),
        }
    }
    text.push('\n');
    Ok(())
}

fn write_words(text: &mut String, words: &str) {
    let mut rest = words;
    while let Some(at) = rest.find(['\\', '\t', '\n', '\r']) {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let mut signs = after.chars();
        text.push_str(match signs.next() {
            Some('\t') => "\\t",
            Some('\n') => "\\n",
            Some('\r') => "\\r",
            _ => "\\\\",
        });
        rest = signs.as_str();
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn texts_are_written_so_that_no_sign_ends_a_column() {
        let mut text = String::new();
        let rows = [params!["a\tb\\N\nc\r", 7_i64, true, None::<String>, "课程"]];
        for row in &rows {
            write_row(&mut text, row).unwrap();
        }
        assert_eq!(text, "a\\tb\\\\N\\nc\\r\t7\tt\t\\N\t课程\n");
    }

    #[test]
    fn rows_of_one_table_come_together() {
        let one = |table| Rows { table, columns: &["a"], rows: vec![params![1_i64]] };
        let all = Rows::together([one("x"), one("y"), one("x")]);
        let tables: Vec<(&str, usize)> = all.iter().map(|r| (r.table, r.rows.len())).collect();
        assert_eq!(tables, [("x", 2), ("y", 1)]);
    }
}
