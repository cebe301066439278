//! Triggers that keep what a row said before it changed. Their syntax differs, so they stand apart from the migrations;
//! as triggers they hold for every writer.
use base::{Error, Result};
use sea_orm::ConnectionTrait;

use crate::{Db, count};

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
    /// Columns of which only counts whether there is a value: a former row keeps an empty text for one.
    pub presence: &'static [&'static str],
}

/// Keeps the table's former rows from now on. Repeatable.
pub async fn keep_former(db: &Db, former: Former) -> Result<()> {
    if db.is_sqlite() {
        return keep_in_sqlite(db, former).await;
    }
    for statement in postgres(former) {
        db.execute_unprepared(&statement).await.map_err(Error::internal)?;
    }
    Ok(())
}

/// SQLite replaces no trigger, so one of an earlier version is dropped; one that is right stays untouched.
async fn keep_in_sqlite(db: &Db, former: Former) -> Result<()> {
    let (name, create) = (format!("{}_former", former.table), sqlite(former));
    let sql = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name = $1 AND sql = $2";
    if count(db, sql, crate::params![name, create]).await? > 0 {
        return Ok(());
    }
    let tx = db.begin().await?;
    for statement in [format!("DROP TRIGGER IF EXISTS {name}"), create] {
        tx.execute_unprepared(&statement).await.map_err(Error::internal)?;
    }
    tx.commit().await
}

fn insert(f: Former) -> String {
    let Former { history, owner, .. } = f;
    let whether = |c: &&str| format!("CASE WHEN OLD.{c} IS NULL THEN NULL ELSE '' END");
    let old: Vec<String> =
        f.columns.iter().map(|c| format!("OLD.{c}")).chain(f.presence.iter().map(whether)).collect();
    format!(
        "INSERT INTO {history} ({owner}, no, until, {}) VALUES (OLD.id, \
         (SELECT COUNT(*) + 1 FROM {history} WHERE {owner} = OLD.id), NEW.updated_at, {});",
        [f.columns, f.presence].concat().join(", "),
        old.join(", ")
    )
}

fn changed(f: Former, differs: &str) -> String {
    let values = f.columns.iter().map(|c| format!("OLD.{c} {differs} NEW.{c}"));
    let presence = f.presence.iter().map(|c| format!("(OLD.{c} IS NULL) <> (NEW.{c} IS NULL)"));
    values.chain(presence).collect::<Vec<_>>().join(" OR ")
}

/// As SQLite keeps the text of it, so that the two can be compared.
fn sqlite(f: Former) -> String {
    let table = f.table;
    format!(
        "CREATE TRIGGER {table}_former AFTER UPDATE ON {table} WHEN {} BEGIN {} END",
        changed(f, "IS NOT"),
        insert(f)
    )
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
