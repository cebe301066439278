//! Rows as a statement's source: how hot writers hand many of them over in one call. The databases have few such statements
//! prepared, whatever the size of a batch.
use base::{Error, Result};
use sea_orm::{DbBackend, sea_query::ArrayType};

use crate::{Conn, Value, execute};

/// At most so many rows stand in one statement.
const MOST: usize = 1_024;

/// Rows to read in a statement, as `FROM {sql}`: a table `v` with the columns `column1`, `column2`, …
#[derive(Debug)]
pub struct Source {
    /// What stands in the statement.
    pub sql: String,
    /// What is bound; the statement binds nothing else.
    pub values: Vec<Value>,
}

/// The rows in sources of at most 1,024. On PostgreSQL each column is one array, so that the server neither plans nor reads
/// thousands of marks. On SQLite they are marks in few sizes (powers of two): what a statement has more than there are rows
/// is filled with NULL, so the first column is never NULL in a real row.
pub fn sources(conn: &impl Conn, rows: Vec<Vec<Value>>) -> Result<Vec<Source>> {
    let is_sqlite = conn.get_database_backend() == DbBackend::Sqlite;
    let mut sources = Vec::with_capacity(rows.len().div_ceil(MOST));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = rows.by_ref().take(MOST).collect();
        sources.push(if is_sqlite { marked(some) } else { arrays(some)? });
    }
    Ok(sources)
}

fn marked(rows: Vec<Vec<Value>>) -> Source {
    let nulls: Vec<Value> = rows.first().into_iter().flatten().map(Value::as_null).collect();
    let (held, columns) = (rows.len(), nulls.len());
    let size = held.next_power_of_two();
    let mut values = Vec::with_capacity(size * columns);
    values.extend(rows.into_iter().flatten());
    values.extend(nulls.iter().cycle().take((size - held) * columns).cloned());
    let row = format!("({})", vec!["?"; columns].join(","));
    Source { sql: format!("(VALUES {row}{}) AS v", format!(",{row}").repeat(size - 1)), values }
}

/// Arrays hold no NULL on their way: what is absent is told by a value that the column does not have.
fn arrays(rows: Vec<Vec<Value>>) -> Result<Source> {
    let count = rows.len();
    let mut columns: Vec<Vec<Value>> = vec![];
    for row in rows {
        columns.resize_with(row.len().max(columns.len()), || Vec::with_capacity(count));
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    let (mut read, mut chosen, mut values) = (vec![], vec![], vec![]);
    let mut absences = vec![];
    let most = columns.len();
    for (n, mut column) in (1..).zip(columns) {
        let (kind, elements) = kind(column.first())?;
        read.push(format!("CAST(${n} AS {kind}[])"));
        if column.iter().any(|value| *value == value.as_null()) {
            let absence = absence(&column)?;
            column.iter_mut().filter(|v| **v == v.as_null()).for_each(|value| *value = absence.clone());
            absences.push(absence);
            let mark = most + absences.len();
            chosen.push(format!("NULLIF(u.c{n}, CAST(${mark} AS {kind})) AS column{n}"));
        } else {
            chosen.push(format!("u.c{n} AS column{n}"));
        }
        values.push(Value::Array(elements, Some(Box::new(column))));
    }
    values.extend(absences);
    let names: Vec<String> = (1..=most).map(|n| format!("c{n}")).collect();
    let (chosen, read, names) = (chosen.join(", "), read.join(", "), names.join(", "));
    Ok(Source { sql: format!("(SELECT {chosen} FROM UNNEST({read}) AS u({names})) AS v"), values })
}

/// A column's type, by one of its values.
fn kind(value: Option<&Value>) -> Result<(&'static str, ArrayType)> {
    match value {
        Some(Value::BigInt(_)) => Ok(("BIGINT", ArrayType::BigInt)),
        Some(Value::Bool(_)) => Ok(("BOOLEAN", ArrayType::Bool)),
        Some(Value::String(_)) => Ok(("TEXT", ArrayType::String)),
        _ => Err(unknown()),
    }
}

/// A value that the column does not have: of one candidate more than it has values, one is free.
fn absence(column: &[Value]) -> Result<Value> {
    let candidates = 0..=column.len();
    let found = match column.first() {
        Some(Value::BigInt(_)) => candidates
            .filter_map(|n| Some(Value::from(i64::MIN + i64::try_from(n).ok()?)))
            .find(|value| !column.contains(value)),
        Some(Value::String(_)) => {
            candidates.map(|n| Value::from("-".repeat(n + 1))).find(|value| !column.contains(value))
        }
        _ => None,
    };
    found.ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::internal("a value that is not handed over in rows")
}

/// As [`crate::insert_rows`] for hot writers, in statements of [`sources`].
pub async fn insert_rows_evenly(
    conn: &impl Conn,
    (table, columns): (&str, &[&str]),
    rows: Vec<Vec<Value>>,
    suffix: &str,
) -> Result<()> {
    for Source { sql: source, values } in sources(conn, rows)? {
        let names = columns.join(", ");
        let sql = format!(
            "INSERT INTO {table} ({names}) SELECT * FROM {source} WHERE v.column1 IS NOT NULL {suffix}"
        );
        execute(conn, &sql, values).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    #[test]
    fn marks_have_sizes_of_powers_of_two_and_are_filled_with_null() {
        for (rows, size) in [(1, 1), (2, 2), (3, 4), (5, 8), (1023, 1024), (1024, 1024)] {
            let given: Vec<Vec<Value>> = (1..=rows).map(|n: i64| params![n, "x"]).collect();
            let Source { sql, values } = marked(given.clone());
            assert_eq!((sql.matches("(?,?)").count(), values.len()), (size, 2 * size), "{rows} rows");
            let real = values.chunks(2).take(given.len()).map(<[Value]>::to_vec);
            assert_eq!(real.collect::<Vec<_>>(), given, "each row once, in order");
            let filler = [Value::BigInt(None), Value::String(None)];
            assert!(values.chunks(2).skip(given.len()).all(|row| row == filler), "{rows} rows");
        }
        assert_eq!(marked(vec![params![1_i64, "x"]; 2]).sql, "(VALUES (?,?),(?,?)) AS v");
    }

    #[test]
    fn columns_are_arrays_and_what_is_absent_has_a_value_of_its_own() {
        let rows =
            vec![params!["a", 7_i64, true, None::<String>, "-"], params!["b", None::<i64>, false, "-", "--"]];
        let Source { sql, values } = arrays(rows).unwrap();
        let wanted = "(SELECT u.c1 AS column1, NULLIF(u.c2, CAST($6 AS BIGINT)) AS column2, u.c3 AS column3, \
                      NULLIF(u.c4, CAST($7 AS TEXT)) AS column4, u.c5 AS column5 FROM UNNEST(CAST($1 AS TEXT[]), \
                      CAST($2 AS BIGINT[]), CAST($3 AS BOOLEAN[]), CAST($4 AS TEXT[]), CAST($5 AS TEXT[])) \
                      AS u(c1, c2, c3, c4, c5)) AS v";
        assert_eq!(sql, wanted);
        let texts = |texts: [&str; 2]| Value::from(texts.map(str::to_owned).to_vec());
        let expected = [
            texts(["a", "b"]),
            Value::from(vec![7, i64::MIN]),
            Value::from(vec![true, false]),
            texts(["--", "-"]),
            texts(["-", "--"]),
            Value::from(i64::MIN),
            Value::from("--"),
        ];
        assert_eq!(values, expected);
        assert!(arrays(vec![params![vec![1_u8]]]).is_err(), "nothing is left out silently");
    }
}
