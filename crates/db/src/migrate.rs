//! Migrations: one ordered history of portable SQL per program, run by sqlx's migrator under its lock.
use base::{Error, Result};
use sqlx::{AssertSqlSafe, SqlSafeStr, migrate::Migrator};

use crate::{Db, dialect};

static HUB: Migrator = sqlx::migrate!("../../migrations/hub");
static PROVIDER: Migrator = sqlx::migrate!("../../migrations/provider");

/// Whose tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// The management platform's.
    Hub,
    /// A course platform's.
    Provider,
}

impl Schema {
    fn migrator(self) -> &'static Migrator {
        match self {
            Self::Hub => &HUB,
            Self::Provider => &PROVIDER,
        }
    }
}

/// Brings the database up to this program's schema; safe while other nodes do the same.
pub async fn migrate(db: &Db, schema: Schema) -> Result<()> {
    let migrator = schema.migrator();
    if db.is_sqlite() {
        let embedded = embedded(migrator);
        embedded.run(db.sea().get_sqlite_connection_pool()).await.map_err(Error::internal)
    } else {
        migrator.run(db.sea().get_postgres_connection_pool()).await.map_err(Error::internal)
    }
}

/// The same history as the embedded database reads it, under the same checksums.
fn embedded(migrator: &Migrator) -> Migrator {
    let each = migrator.iter().cloned().map(|mut migration| {
        let sql = dialect::with_embedded_part(migration.sql.as_str());
        // Safe as the file is: only marks of comments were taken out.
        migration.sql = AssertSqlSafe(sql).into_sql_str();
        migration
    });
    Migrator::with_migrations(each.collect())
}

/// Whether every migration of this program has been applied.
pub async fn is_current(db: &Db, schema: Schema) -> Result<bool> {
    let applied = crate::count(db, "SELECT COUNT(*) FROM _sqlx_migrations WHERE success", vec![]).await?;
    Ok(usize::try_from(applied).unwrap_or(0) >= schema.migrator().iter().count())
}
