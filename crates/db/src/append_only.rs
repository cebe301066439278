//! Triggers that make a table append-only. Their syntax differs, so they stand apart from the migrations.
use base::{Error, Result};
use sea_orm::ConnectionTrait;

use crate::Db;

/// Makes UPDATE and DELETE on each of the tables fail in the database itself. Repeatable.
pub async fn protect(db: &Db, tables: &[&str]) -> Result<()> {
    for table in tables {
        for statement in if db.is_sqlite() { sqlite(table) } else { postgres(table) } {
            db.execute_unprepared(&statement).await.map_err(Error::internal)?;
        }
    }
    Ok(())
}

fn sqlite(table: &str) -> Vec<String> {
    ["UPDATE", "DELETE"]
        .map(|verb| {
            format!(
                "CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table} \
                 BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        })
        .to_vec()
}

fn postgres(table: &str) -> Vec<String> {
    vec![
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
            .to_owned(),
        format!(
            "CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        ),
    ]
}
