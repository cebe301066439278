//! Every place where the two databases' SQL differs, by name. At most ten.
use sea_orm::{ConnectionTrait, DatabaseBackend};

use base::Result;

use crate::{Conn, count};

fn is_sqlite(conn: &impl Conn) -> bool {
    ConnectionTrait::get_database_backend(conn) == DatabaseBackend::Sqlite
}

/// Ends a SELECT whose rows the transaction will change. SQLite's write transaction holds everything already.
pub fn for_update(conn: &impl Conn) -> &'static str {
    if is_sqlite(conn) { "" } else { " FOR UPDATE" }
}

/// As [`for_update`], passing over rows that another transaction holds.
pub fn skip_locked(conn: &impl Conn) -> &'static str {
    if is_sqlite(conn) { "" } else { " FOR UPDATE SKIP LOCKED" }
}

/// The database server's clock, in whole seconds since 1970.
pub async fn clock_seconds(conn: &impl Conn) -> Result<i64> {
    let sql = if is_sqlite(conn) {
        "SELECT CAST(strftime('%s', 'now') AS BIGINT)"
    } else {
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)"
    };
    count(conn, sql, vec![]).await
}
