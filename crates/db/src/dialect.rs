//! Every place where the two databases' SQL differs, by name. At most ten.
use sea_orm::{ConnectionTrait, DatabaseBackend};

use crate::Conn;

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
