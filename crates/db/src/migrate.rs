//! Migrations: one ordered history of portable SQL per program, run by sqlx's migrator under its lock.
use base::{Error, Result};
use sqlx::migrate::Migrator;

use crate::Db;

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
        migrator.run(db.sea().get_sqlite_connection_pool()).await.map_err(Error::internal)
    } else {
        migrator.run(db.sea().get_postgres_connection_pool()).await.map_err(Error::internal)
    }
}

/// Whether every migration of this program has been applied.
pub async fn is_current(db: &Db, schema: Schema) -> Result<bool> {
    let applied = crate::count(db, "SELECT COUNT(*) FROM _sqlx_migrations WHERE success", vec![]).await?;
    Ok(usize::try_from(applied).unwrap_or(0) >= schema.migrator().iter().count())
}
