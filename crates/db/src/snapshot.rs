//! A consistent copy of a database while it serves, and putting it back into an empty one. SQLite: one file by
//! `VACUUM INTO`. PostgreSQL: every table by `COPY` in one repeatable-read snapshot, in an order that foreign keys allow.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Read, Write},
    path::Path,
};

use base::{Error, Result};
use futures::TryStreamExt;
use sea_orm::ConnectionTrait;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::{Db, Schema, migrate};

const SQLITE_FILE: &str = "xueshi.db";
const TABLES_FILE: &str = "tables.json";

/// Writes a copy of the database into an empty folder.
pub async fn snapshot(db: &Db, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::internal)?;
    if db.is_sqlite() {
        let path = folder.join(SQLITE_FILE).display().to_string().replace('\'', "''");
        db.execute_unprepared(&format!("VACUUM INTO '{path}'")).await.map_err(Error::internal)?;
        return Ok(());
    }
    let mut conn = db.sea().get_postgres_connection_pool().acquire().await.map_err(Error::internal)?;
    run(&mut conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let tables = tables(&mut conn).await?;
    for (table, columns) in &tables {
        let statement = format!("COPY {table} ({}) TO STDOUT", columns.join(", "));
        let mut file = File::create(folder.join(format!("{table}.copy"))).map_err(Error::internal)?;
        let mut stream = conn.copy_out_raw(&statement).await.map_err(Error::internal)?;
        while let Some(bytes) = stream.try_next().await.map_err(Error::internal)? {
            file.write_all(&bytes).map_err(Error::internal)?;
        }
    }
    run(&mut conn, "COMMIT").await?;
    let list = serde_json::to_vec_pretty(&tables).map_err(Error::internal)?;
    std::fs::write(folder.join(TABLES_FILE), list).map_err(Error::internal)
}

/// Puts a copy into an empty PostgreSQL database of this program's schema, all or nothing.
pub async fn load(db: &Db, schema: Schema, folder: &Path) -> Result<()> {
    let mut conn = db.sea().get_postgres_connection_pool().acquire().await.map_err(Error::internal)?;
    if let Some((table, _)) = tables(&mut conn).await?.first() {
        return Err(Error::internal(format!("the database is not empty: it has a table {table}")));
    }
    migrate(db, schema).await?;
    let list = std::fs::read(folder.join(TABLES_FILE)).map_err(Error::internal)?;
    let copied: Vec<(String, Vec<String>)> = serde_json::from_slice(&list).map_err(Error::internal)?;
    run(&mut conn, "BEGIN").await?;
    let here = tables(&mut conn).await?;
    if here != copied {
        return Err(Error::internal(
            "the tables are not those of the backup: restore with the version that made it",
        ));
    }
    // What the migrations put in is in the backup too; whoever refers goes first.
    for (table, _) in here.iter().rev() {
        let clear = format!("DELETE FROM {table}");
        sqlx::query(AssertSqlSafe(clear)).execute(&mut *conn).await.map_err(Error::internal)?;
    }
    for (table, columns) in &copied {
        let statement = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
        let mut sink = conn.copy_in_raw(&statement).await.map_err(Error::internal)?;
        let mut file = File::open(folder.join(format!("{table}.copy"))).map_err(Error::internal)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).map_err(Error::internal)?;
            let Some(bytes) = buffer.get(..read).filter(|b| !b.is_empty()) else { break };
            sink.send(bytes).await.map_err(Error::internal)?;
        }
        sink.finish().await.map_err(Error::internal)?;
    }
    run(&mut conn, "COMMIT").await
}

/// The name of the file that holds an SQLite database's copy.
pub const fn sqlite_file() -> &'static str {
    SQLITE_FILE
}

async fn run(conn: &mut PgConnection, sql: &'static str) -> Result<()> {
    sqlx::query(sql).execute(conn).await.map(|_| ()).map_err(Error::internal)
}

/// Every table with its columns, each after the tables that it refers to.
async fn tables(conn: &mut PgConnection) -> Result<Vec<(String, Vec<String>)>> {
    let columns = "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
                   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '_sqlx_migrations' \
                   AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attname";
    let keys = "SELECT k.conrelid::regclass::text, k.confrelid::regclass::text FROM pg_constraint k \
                WHERE k.contype = 'f' AND k.conrelid <> k.confrelid";
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in pairs(conn, columns).await? {
        found.entry(table).or_default().push(column);
    }
    let needs = pairs(conn, keys).await?;
    let (mut ordered, mut done) = (vec![], BTreeSet::new());
    while !found.is_empty() {
        let is_ready = |t: &String| needs.iter().all(|(from, to)| from != t || done.contains(to));
        let next = found.keys().find(|t| is_ready(t)).cloned();
        let next = next.ok_or_else(|| Error::internal("foreign keys go round in a circle"))?;
        let columns = found.remove(&next).unwrap_or_default();
        done.insert(next.clone());
        ordered.push((next, columns));
    }
    Ok(ordered)
}

async fn pairs(conn: &mut PgConnection, sql: &'static str) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query(sql).fetch_all(conn).await.map_err(Error::internal)?;
    let pair = |row: sqlx::postgres::PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.into_iter().map(pair).collect::<Result<_, sqlx::Error>>().map_err(Error::internal)
}
