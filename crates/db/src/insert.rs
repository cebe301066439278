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
