//! Triggers that keep what a row said before it changed. Their syntax differs, so they stand apart from the migrations;
//! as triggers they hold for every writer.
use base::{Error, Result};
use sea_orm::ConnectionTrait;

use crate::Db;

/// A table whose former rows are kept in another: `<history>(<owner>, no, until, columns…)`. A former row held until the
/// table's `updated_at` of the change; numbers begin at 1 for each row.
#[derive(Clone, Copy, Debug)]
pub struct Former {
    /// The table; its key is `id`.
    pub table: &'static str,
    /// Where its former rows go.
    pub history: &'static str,
    /// The history's column for the row's id.
    pub owner: &'static str,
    /// The columns whose change makes a former row, and that it keeps.
    pub columns: &'static [&'static str],
}

/// Keeps the table's former rows from now on. Repeatable.
pub async fn keep_former(db: &Db, former: Former) -> Result<()> {
    for statement in if db.is_sqlite() { sqlite(former) } else { postgres(former) } {
        db.execute_unprepared(&statement).await.map_err(Error::internal)?;
    }
    Ok(())
}

fn insert(f: Former) -> String {
    let Former { history, owner, .. } = f;
    let old: Vec<String> = f.columns.iter().map(|c| format!("OLD.{c}")).collect();
    format!(
        "INSERT INTO {history} ({owner}, no, until, {}) VALUES (OLD.id, \
         (SELECT COUNT(*) + 1 FROM {history} WHERE {owner} = OLD.id), NEW.updated_at, {});",
        f.columns.join(", "),
        old.join(", ")
    )
}

fn changed(f: Former, differs: &str) -> String {
    let one = |c: &&str| format!("OLD.{c} {differs} NEW.{c}");
    f.columns.iter().map(one).collect::<Vec<_>>().join(" OR ")
}

fn sqlite(f: Former) -> Vec<String> {
    let table = f.table;
    vec![format!(
        "CREATE TRIGGER IF NOT EXISTS {table}_former AFTER UPDATE ON {table} WHEN {} BEGIN {} END",
        changed(f, "IS NOT"),
        insert(f)
    )]
}

fn postgres(f: Former) -> Vec<String> {
    let table = f.table;
    vec![
        format!(
            "CREATE OR REPLACE FUNCTION keep_former_{table}() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN {} RETURN NULL; END $$",
            insert(f)
        ),
        format!(
            "CREATE OR REPLACE TRIGGER {table}_former AFTER UPDATE ON {table} FOR EACH ROW WHEN ({}) \
             EXECUTE FUNCTION keep_former_{table}()",
            changed(f, "IS DISTINCT FROM")
        ),
    ]
}
