//! Opening a database and beginning transactions.
use std::{str::FromStr, time::Duration};

use base::{Error, Result};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
};
use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::failure::failure;

/// What a query can run on: the pool or a transaction.
pub trait Conn: ConnectionTrait + Sync {}
impl Conn for Db {}
impl Conn for Tx {}

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    /// The one connection that writes the embedded database.
    writer: Option<DatabaseConnection>,
}

/// Pages of 4 KiB that a connection to the embedded database keeps: 16 MiB, and 64 MiB for the one that writes.
const KEPT_BY_READER: &str = "-16384";
const KEPT_BY_WRITER: &str = "-65536";
/// Bytes of the embedded database that a connection which reads sees in place (64 GiB, of addresses and not of memory): a
/// page then costs no call and no copy, so that a question in a large store costs what it does in a small one. The limit is
/// set where SQLite is built (`.cargo/config.toml`).
const MAPPED_BY_READER: &str = "68719476736";
/// Pages that the log gathers before they are copied into the database (128 MiB): hot pages are copied less often.
const LOG_PAGES: &str = "32768";

/// So many statements the connection that writes keeps prepared: those of hot writers in each of their sizes.
const PREPARED_BY_WRITER: usize = 512;
/// So many rows of an answer (`RETURNING`) wait for their reader before the writer's thread is put to sleep.
const ROWS_AHEAD: usize = 2_048;

/// An open transaction; rolled back when dropped without [`Tx::commit`].
pub struct Tx(DatabaseTransaction);

impl Db {
    /// Opens `sqlite:PATH` (created if absent; WAL, full synchronisation, one writer at a time) or `postgres://…`.
    pub async fn open(url: &str) -> Result<Self> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url).map_err(Error::internal)?;
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await
                .map_err(Error::internal)?;
            return Ok(Self { pool: SqlxPostgresConnector::from_sqlx_postgres_pool(pool), writer: None });
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(Error::internal)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(20))
            .pragma("wal_autocheckpoint", LOG_PAGES);
        // What a statement may have to take back stays in memory: else each page is copied to a file first.
        let writer = options.clone().pragma("cache_size", KEPT_BY_WRITER).pragma("temp_store", "memory");
        let writer = writer.statement_cache_capacity(PREPARED_BY_WRITER).row_buffer_size(ROWS_AHEAD);
        let writer = sqlite(1, writer).await?;
        let reader = options.pragma("cache_size", KEPT_BY_READER).pragma("mmap_size", MAPPED_BY_READER);
        let pool = sqlite(8, reader).await?;
        Ok(Self { pool, writer: Some(writer) })
    }

    /// Begins a transaction that writes: `BEGIN IMMEDIATE` on SQLite, so that it never fails half-way for a lock. There
    /// writers wait in line for one connection: it keeps its pages, which a write by another would make it forget.
    pub async fn begin(&self) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let conn = self.writer.as_ref().unwrap_or(&self.pool);
        conn.begin_with_options(options).await.map(Tx).map_err(failure)
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        self.pool.get_database_backend() == DatabaseBackend::Sqlite
    }

    pub(crate) fn sea(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Closes the pool after the running queries.
    pub async fn close(self) -> Result<()> {
        if let Some(writer) = self.writer {
            writer.close().await.map_err(Error::internal)?;
        }
        self.pool.close().await.map_err(Error::internal)
    }
}

impl Tx {
    /// Makes everything done in it durable.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await.map_err(failure)
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        self.0.get_database_backend() == DatabaseBackend::Sqlite
    }
}

async fn sqlite(most: u32, options: SqliteConnectOptions) -> Result<DatabaseConnection> {
    let pool = SqlitePoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(20))
        .connect_with(options)
        .await
        .map_err(Error::internal)?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// Delegates SeaORM's connection trait to the wrapped value, so that queries take `Db` and `Tx` alike.
macro_rules! delegate {
    ($type:ty, $field:tt) => {
        #[sea_orm::prelude::async_trait::async_trait]
        impl ConnectionTrait for $type {
            fn get_database_backend(&self) -> DatabaseBackend {
                self.$field.get_database_backend()
            }
            async fn execute_raw(
                &self,
                s: sea_orm::Statement,
            ) -> Result<sea_orm::ExecResult, sea_orm::DbErr> {
                self.$field.execute_raw(s).await
            }
            async fn execute_unprepared(&self, sql: &str) -> Result<sea_orm::ExecResult, sea_orm::DbErr> {
                self.$field.execute_unprepared(sql).await
            }
            async fn query_one_raw(
                &self,
                s: sea_orm::Statement,
            ) -> Result<Option<sea_orm::QueryResult>, sea_orm::DbErr> {
                self.$field.query_one_raw(s).await
            }
            async fn query_all_raw(
                &self,
                s: sea_orm::Statement,
            ) -> Result<Vec<sea_orm::QueryResult>, sea_orm::DbErr> {
                self.$field.query_all_raw(s).await
            }
        }
    };
}
delegate!(Db, pool);
delegate!(Tx, 0);
