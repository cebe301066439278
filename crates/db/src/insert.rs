//! Many rows in few statements: hot writers and imports use multi-row VALUES, never one statement a row.
use base::Result;

use crate::{Conn, Value, execute};

/// Both databases take 32,766 parameters and more; this leaves room and keeps statements of a readable size.
const MAX_PARAMS: usize = 8_000;

/// Inserts the rows (each as long as `columns`) in chunks. `suffix` is an `ON CONFLICT` clause or empty.
/// Answers how many rows were written.
pub async fn insert_rows(
    conn: &impl Conn,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    suffix: &str,
) -> Result<u64> {
    let mut written = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Value>> = rows.by_ref().take((MAX_PARAMS / columns.len().max(1)).max(1)).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES {} {suffix}",
            columns.join(", "),
            value_rows(chunk.len(), columns.len())
        );
        written += execute(conn, &sql, chunk.into_iter().flatten().collect()).await?;
    }
    Ok(written)
}

/// `($1, $2), ($3, $4), …`: the marks of so many rows.
pub fn value_rows(rows: usize, columns: usize) -> String {
    let row = |r: usize| {
        let marks: Vec<String> = (1..=columns).map(|c| format!("${}", r * columns + c)).collect();
        format!("({})", marks.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// So many values are replaced by one statement of [`replace_values`].
const REPLACED: usize = 200;

/// Puts the second value of each pair where the first stands in a column, in few statements. Answers how many rows changed.
pub async fn replace_values(
    conn: &impl Conn,
    (table, column): (&str, &str),
    pairs: &[(String, String)],
) -> Result<u64> {
    let mut changed = 0;
    for chunk in pairs.chunks(REPLACED) {
        let when: String =
            (0..chunk.len()).map(|n| format!(" WHEN ${} THEN ${}", 2 * n + 1, 2 * n + 2)).collect();
        let mut values: Vec<Value> = chunk.iter().flat_map(|(from, to)| crate::params![from, to]).collect();
        let list = in_list(values.len() + 1, chunk.len());
        values.extend(chunk.iter().map(|(from, _)| crate::Param::param(from)));
        let sql = format!("UPDATE {table} SET {column} = CASE {column}{when} END WHERE {column} IN ({list})");
        changed += execute(conn, &sql, values).await?;
    }
    Ok(changed)
}

/// At most so many rows stand in one statement of [`even_rows`].
const MOST_EVEN: usize = 1_024;

/// The rows in statements of few sizes (powers of two), so that the databases have each of them prepared and a batch is
/// one call: what a statement has more than there are rows is filled with NULL. Each comes as its marks and its values.
pub fn even_rows(rows: Vec<Vec<Value>>) -> Vec<(String, Vec<Value>)> {
    let mut statements = Vec::with_capacity(rows.len().div_ceil(MOST_EVEN));
    let mut rows = rows.into_iter().peekable();
    while let Some(columns) = rows.peek().map(Vec::len) {
        let nulls: Vec<Value> = rows.peek().into_iter().flatten().map(Value::as_null).collect();
        let mut values: Vec<Value> = rows.by_ref().take(MOST_EVEN).flatten().collect();
        let held = values.len() / columns.max(1);
        let size = held.next_power_of_two();
        values.extend(nulls.iter().cycle().take((size - held) * columns).cloned());
        statements.push((value_rows(size, columns), values));
    }
    statements
}

/// As [`insert_rows`] for hot writers, in statements of [`even_rows`]; the first column is never NULL in a real row.
pub async fn insert_rows_evenly(
    conn: &impl Conn,
    (table, columns): (&str, &[&str]),
    rows: Vec<Vec<Value>>,
    suffix: &str,
) -> Result<()> {
    for (marks, values) in even_rows(rows) {
        let names = columns.join(", ");
        let sql = format!(
            "INSERT INTO {table} ({names}) SELECT * FROM (VALUES {marks}) AS v WHERE v.column1 IS NOT NULL {suffix}"
        );
        execute(conn, &sql, values).await?;
    }
    Ok(())
}

/// `$n, $n+1, …` for an `IN` list of `count` values, starting at `first`.
pub fn in_list(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// What `LIKE … ESCAPE '!'` takes for texts that hold a word as it is written.
pub fn containing(word: &str) -> String {
    let mut text = String::from("%");
    for c in word.chars() {
        if "%_!".contains(c) {
            text.push('!');
        }
        text.push(c);
    }
    text.push('%');
    text
}

/// The condition that so many of the conditions hold.
pub fn at_least(conditions: &[String], number: usize) -> String {
    if conditions.is_empty() {
        return "1 = 1".to_owned();
    }
    if number >= conditions.len() {
        return format!("({})", conditions.join(" AND "));
    }
    let points: Vec<String> = conditions.iter().map(|c| format!("CASE WHEN {c} THEN 1 ELSE 0 END")).collect();
    format!("({}) >= {number}", points.join(" + "))
}

/// A condition that `column` (a unit path) lies in one of the scope's subtrees, with its parameters appended.
/// A range over C-collated text uses the index, and `/` as separator keeps unit `12` from matching `120`.
pub fn in_scope(column: &str, scope: &base::Scope, params: &mut Vec<Value>) -> String {
    if scope.paths.is_empty() {
        return "1 = 0".to_owned();
    }
    let one = |path: &String| {
        let end = format!("{}0", path.strip_suffix('/').unwrap_or(path));
        params.push(Value::from(path.as_str()));
        params.push(Value::from(end));
        let n = params.len();
        format!("({column} >= ${} AND {column} < ${n})", n - 1)
    };
    let parts: Vec<String> = scope.paths.iter().map(one).collect();
    format!("({})", parts.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of each statement, and how many of them are real: of each the first value is its number, else NULL.
    fn sizes(rows: i64) -> Vec<(usize, usize)> {
        let given: Vec<Vec<Value>> = (1..=rows).map(|n| crate::params![n, "x"]).collect();
        let mut numbers = vec![];
        let statements = even_rows(given);
        let size = |(marks, values): &(String, Vec<Value>)| {
            let size = values.len() / 2;
            assert_eq!(*marks, value_rows(size, 2), "marks and values agree");
            let real: Vec<&[Value]> =
                values.chunks(2).filter(|row| row != &[Value::BigInt(None), Value::String(None)]).collect();
            numbers.extend(real.iter().filter_map(|row| row.first()).cloned());
            (size, real.len())
        };
        let sizes = statements.iter().map(size).collect();
        assert_eq!(numbers, (1..=rows).map(Value::from).collect::<Vec<_>>(), "each row once, in order");
        sizes
    }

    #[test]
    fn statements_have_sizes_of_powers_of_two_and_are_filled_with_null() {
        let cases: [(i64, &[(usize, usize)]); 9] = [
            (0, &[]),
            (1, &[(1, 1)]),
            (2, &[(2, 2)]),
            (3, &[(4, 3)]),
            (5, &[(8, 5)]),
            (1023, &[(1024, 1023)]),
            (1024, &[(1024, 1024)]),
            (1025, &[(1024, 1024), (1, 1)]),
            (2500, &[(1024, 1024), (1024, 1024), (512, 452)]),
        ];
        for (rows, expected) in cases {
            assert_eq!(sizes(rows), expected, "{rows} rows");
        }
    }
}
