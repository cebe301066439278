//! Reads the inventory's tables of one person. Names of tables and columns come from the inventory alone.
use std::collections::BTreeMap;

use base::{PersonId, Result};
use db::{Conn, params};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use crate::holding::{Holding, Whose};

/// More rows of one table than any career has; the copy says so when it is reached.
pub(crate) const MOST: usize = 20_000;

/// A row with every column as text, by name.
pub(crate) struct Row(pub BTreeMap<String, Option<String>>);

impl FromQueryResult for Row {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let read = |name: String| Ok((name.clone(), row.try_get::<Option<String>>("", &name)?));
        row.column_names().into_iter().map(read).collect::<Result<_, DbErr>>().map(Self)
    }
}

fn owned(whose: Whose) -> String {
    match whose {
        Whose::Person(column) => format!("t.{column} = $1"),
        Whose::Account(column) => {
            format!("t.{column} IN (SELECT a.id FROM accounts a WHERE a.person_id = $1)")
        }
        Whose::Through(column, table, key, person) => {
            format!("t.{column} IN (SELECT o.{key} FROM {table} o WHERE o.{person} = $1)")
        }
    }
}

/// The person's rows of a table, as they are stored.
pub(crate) async fn rows(conn: &impl Conn, holding: &Holding, person: PersonId) -> Result<Vec<Row>> {
    let sealed = holding.sealed.iter().map(|(column, ..)| column);
    let columns = holding.open.iter().chain(sealed).map(|c| format!("CAST(t.{c} AS TEXT) AS {c}"));
    let mut columns: Vec<String> = columns.collect();
    if !holding.sealed.is_empty() {
        // A table of one row a person has no id but the person's.
        let has_id = holding.open.iter().chain(holding.inner).any(|c| *c == "id");
        columns.push(format!("t.{} AS row_id", if has_id { "id" } else { "person_id" }));
    }
    let (columns, owned) = (columns.join(", "), owned(holding.whose));
    let sql = format!("SELECT {columns} FROM {} t WHERE {owned} LIMIT {MOST}", holding.table);
    db::all(conn, &sql, params![person]).await
}

/// How many rows a table holds of the person.
pub(crate) async fn count(conn: &impl Conn, holding: &Holding, person: PersonId) -> Result<i64> {
    let sql = format!("SELECT COUNT(*) FROM {} t WHERE {}", holding.table, owned(holding.whose));
    db::count(conn, &sql, params![person]).await
}
